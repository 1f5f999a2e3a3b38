"""One matrix that interpolates bad channels and takes the average reference."""

from collections.abc import Sequence

import mne
import numpy as np
from jaxtyping import Float

from neurograft.montage.channels import HEAD_CENTRE_M
from neurograft.types import FloatArray

# Radius of the sphere on which MNE is given electrodes. Chosen here: about an adult's
# head; splines on a sphere do not depend on its radius.
HEAD_RADIUS_M = 0.09


def make_repair(
    positions: FloatArray, bad: Sequence[int], *, is_bipolar: bool = False
) -> tuple[list[int], FloatArray]:
    """Make the matrix that repairs a recording.

    Bad channels are spherical splines of the good ones; the reference is the mean of
    the good ones. A bipolar montage has no field to interpolate and no common
    reference: there, bad channels are left out.

    Args:
        positions: Unit sphere, shape `(n_channels, 3)`.
        bad: Indices of bad channels.
        is_bipolar: Whether channels are differences of neighbours.

    Returns:
        The channels that stay, and the matrix: channels that stay by all channels.
    """
    n_channels = len(positions)
    everything = np.eye(n_channels)
    good = [i for i in range(n_channels) if i not in set(bad)]
    if is_bipolar:
        return good, everything[good]
    filled = interpolate(everything, positions, list(bad))
    return list(range(n_channels)), filled - filled[good].mean(0)


def make_info(positions: Float[np.ndarray, "n_channels 3"], sfreq: float) -> mne.Info:
    """Describe channels "0", "1" ... at positions on the unit sphere to MNE."""
    names = [str(index) for index in range(len(positions))]
    info = mne.create_info(names, sfreq, "eeg")
    head = HEAD_CENTRE_M + HEAD_RADIUS_M * positions
    montage = mne.channels.make_dig_montage(
        dict(zip(names, head, strict=True)), coord_frame="head"
    )
    info.set_montage(montage)
    return info


def interpolate(
    signals: FloatArray, positions: FloatArray, bad: list[int]
) -> FloatArray:
    """Replace channels by spherical splines of the others (Perrin 1989, by MNE).

    Args:
        signals: Shape `(n_channels, n_times)`.
        positions: Unit sphere, shape `(n_channels, 3)`.
        bad: Indices of the channels to replace.
    """
    if not bad:
        return signals
    raw = mne.io.RawArray(signals * 1e-6, make_info(positions, 100.0), verbose="error")
    raw.info["bads"] = [raw.ch_names[index] for index in bad]
    raw.interpolate_bads(origin=tuple(HEAD_CENTRE_M), verbose="error")
    return np.asarray(raw.get_data() * 1e6)
