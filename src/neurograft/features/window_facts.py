"""Facts that a description of windows may use besides the windows."""

from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float

# Signals of a person's windows.
Windows: TypeAlias = Float[np.ndarray, "n_windows n_channels n_times"]
# A vector that describes the person.
Features: TypeAlias = Float[np.ndarray, " n_features"]


class Facts(NamedTuple):
    """Sampling rate, places and unit of a person's windows.

    Attributes:
        sfreq: Samples per second.
        positions: Unit sphere; x right, y front, z up.
        has_microvolts: Whether the amplitude scale means something.
    """

    sfreq: float
    positions: Float[np.ndarray, "n_channels 3"]
    has_microvolts: bool
