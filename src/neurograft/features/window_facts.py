"""What a description of windows may use besides the windows."""

from typing import NamedTuple

from neurograft.types import FloatArray


class Facts(NamedTuple):
    """What is known of a person's windows.

    Attributes:
        sfreq: Samples per second.
        positions: Unit sphere, one row per channel; x right, y front, z up.
        has_microvolts: Whether the amplitude scale means something.
    """

    sfreq: float
    positions: FloatArray
    has_microvolts: bool
