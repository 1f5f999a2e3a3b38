"""Interpolate the field of any montage to the electrodes of a template.

Source: Mellot 2024 (EUSIPCO; better than common channels when few are shared), after
Hamalainen and Ilmoniemi 1994: the recording is explained by minimum-norm sources, and
these are projected to the electrodes that were not there.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from neurograft.errors import DataError
from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield
from neurograft.types import FloatArray

# Sources on the sphere. Chosen here: many more than electrodes of the template.
N_SOURCES = 256
# Noise that is allowed for, as a share of the mean gain. Chosen here: a twentieth.
NOISE = 0.05
# Fewest recorded electrodes. Chosen here: below four, the field is mostly guessed.
MIN_CHANNELS = 4


@cache
def map_channels(ch_names: tuple[str, ...], wanted: tuple[str, ...]) -> FloatArray:
    """Return the matrix that picks wanted channels, or interpolates them.

    Picks where all are there. Otherwise every wanted channel is interpolated, on the
    average reference, also those that were recorded: they are then as smooth as the
    others.

    Args:
        ch_names: Recorded channels, canonical names.
        wanted: Channels of the template.

    Returns:
        Shape `(n_wanted, n_channels)`.

    Raises:
        DataError: If fewer than four recorded channels have a place on the template.
    """
    if set(wanted) <= set(ch_names):
        return np.eye(len(ch_names))[[ch_names.index(name) for name in wanted]]
    places = template_positions()
    used = [i for i, name in enumerate(ch_names) if name in places]
    if len(used) < MIN_CHANNELS:
        raise DataError(
            f"{len(used)} of {len(ch_names)} channels have a place on the 10-05 "
            f"template, {MIN_CHANNELS} are needed to interpolate a field; give "
            "`channel_aliases`, or leave the cohort out."
        )
    matrix = np.zeros((len(wanted), len(ch_names)))
    matrix[:, used] = interpolate_field([ch_names[i] for i in used], wanted)
    return matrix


def interpolate_field(recorded: Sequence[str], wanted: Sequence[str]) -> FloatArray:
    """Return the minimum-norm map between electrodes, on the average reference.

    Args:
        recorded: Electrodes of the template that were recorded.
        wanted: Electrodes of the template whose potentials are wanted.

    Returns:
        Shape `(n_wanted, n_recorded)`.
    """
    seen, asked = (
        compute_leadfield(tuple(names), N_SOURCES).reshape(len(names), -1)
        for names in (recorded, wanted)
    )
    seen, asked = seen - seen.mean(0), asked - asked.mean(0)
    n = len(recorded)
    gram = seen @ seen.T
    noise = NOISE * np.trace(gram) / n * np.eye(n)
    inverse = np.linalg.solve(gram + noise, np.eye(n) - 1 / n)
    return np.asarray(asked @ seen.T @ inverse)
