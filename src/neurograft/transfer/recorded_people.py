"""Harmonised recordings as people: one set of channels, as many windows from each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from neurograft.errors import ConfigError, DataError
from neurograft.harmonising.windowed import Harmonised
from neurograft.transfer.network_input import NetworkInput
from neurograft.types import FloatArray

# An average reference needs two channels.
MIN_CHANNELS = 2


class Shape(NamedTuple):
    """Channels, number and length of windows that all recordings share.

    Attributes:
        ch_names: Channels, in the order of the first recording learned from.
        positions: Electrodes on the unit sphere, `(n_channels, 3)`.
        n_windows: Windows of a person.
        n_times: Samples of a window.
        sfreq: Sampling rate, Hz.
    """

    ch_names: tuple[str, ...]
    positions: FloatArray
    n_windows: int
    n_times: int
    sfreq: float


def are_recordings(X: Any) -> bool:
    """Tell harmonised recordings from an array of windows.

    Raises:
        DataError: If some are harmonised recordings and some are not.
    """
    if not isinstance(X, list | tuple | np.ndarray) or np.ndim(X) > 1 or not len(X):
        return False
    n_recordings = sum(isinstance(one, Harmonised) for one in X)
    if 0 < n_recordings < len(X):
        raise DataError(
            f"{n_recordings} of {len(X)} people are harmonised recordings; give one "
            "such for every person."
        )
    return n_recordings > 0


def find_shape(recordings: Sequence[Harmonised]) -> Shape:
    """Find the channels that all recordings have, and the fewest windows of anybody.

    Raises:
        DataError: If they share fewer than two channels, or rates or lengths of
            windows differ.
    """
    first = recordings[0]
    shared = set(first.ch_names).intersection(*(one.ch_names for one in recordings))
    if len(shared) < MIN_CHANNELS:
        raise DataError(
            f"The recordings have too few channels in common ({len(shared)}); at least "
            f"{MIN_CHANNELS} are needed."
        )
    for one in recordings:
        _check_windows(one, first.windows.shape[-1], first.sfreq)
    kept = [row for row, name in enumerate(first.ch_names) if name in shared]
    return Shape(
        tuple(first.ch_names[row] for row in kept),
        first.positions[kept],
        min(len(one.windows) for one in recordings),
        first.windows.shape[-1],
        first.sfreq,
    )


def _check_windows(one: Harmonised, n_times: int, sfreq: float) -> None:
    """Check the rate and the length of a recording's windows.

    Raises:
        DataError: If they are others.
    """
    if (one.windows.shape[-1], one.sfreq) != (n_times, sfreq):
        raise DataError(
            f"{one.key.name} has windows of {one.windows.shape[-1]} samples at "
            f"{one.sfreq:g} Hz, others of {n_times} at {sfreq:g} Hz; harmonise all "
            "with the same sfreq and window_s."
        )


def gather_people(recordings: Sequence[Harmonised], shape: Shape) -> NetworkInput:
    """Gather the windows of people: the channels of the shape, windows evenly spaced.

    The scale is that of the whole recording, and what is known of the device comes
    from it too.

    Raises:
        DataError: If a recording lacks a channel or has too few windows.
    """
    signals = np.stack([_choose(one, shape) for one in recordings])
    n = shape.n_windows
    scale = np.array([one.scale_uv for one in recordings])
    facts = np.array([one.acquisition for one in recordings])
    return NetworkInput(
        signals,
        shape.sfreq,
        shape.positions.astype(np.float32),
        np.repeat(scale[:, None], n, axis=1),
        np.repeat(facts[:, None], n, axis=1),
    )


def _choose(one: Harmonised, shape: Shape) -> FloatArray:
    """Choose a person's windows and channels."""
    _check_windows(one, shape.n_times, shape.sfreq)
    missing = [name for name in shape.ch_names if name not in one.ch_names]
    if missing or len(one.windows) < shape.n_windows:
        raise DataError(
            f"{one.key.name} has {len(one.windows)} windows and lacks "
            f"{', '.join(missing) or 'no channel'}; the network learned from "
            f"{shape.n_windows} windows of {', '.join(shape.ch_names)}."
        )
    rows = [one.ch_names.index(name) for name in shape.ch_names]
    # The middles of as many equal parts: evenly spaced, and the first stays the first
    # where all are taken.
    parts = (np.arange(shape.n_windows) + 0.5) * len(one.windows) / shape.n_windows
    chosen = one.windows[parts.astype(int)][:, rows]
    return np.asarray(chosen, dtype=np.float32)


def check_rate(sfreq: float, patch_size: int) -> None:
    """Check that windows have the encoder's rate.

    Raises:
        ConfigError: If not.
    """
    if patch_size != sfreq:
        raise ConfigError(
            f"The encoder takes {patch_size} samples per second, found "
            f"sfreq={sfreq:g}; resample the windows."
        )
