"""Read the windows of people from a store, in the channels that all of them have."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from neurograft.errors import DataError
from neurograft.montage.channels import template_positions
from neurograft.montage.field_interpolation import map_channels
from neurograft.store.signal_store import SignalStore
from neurograft.store.window_choice import SubjectWindows, split_by_recording


def read_subject_windows(
    store: SignalStore, subject: SubjectWindows, *, n_times: int
) -> list[Float[np.ndarray, "n_windows n_channels n_times"]]:
    """Read a subject's windows, one array per recording."""
    return [
        np.stack([store.read(*subject.windows[place], n_times) for place in places])
        for places in split_by_recording(subject).values()
    ]


def find_common_channels(
    seen: Sequence[tuple[SignalStore, Sequence[SubjectWindows]]],
) -> tuple[str, ...]:
    """List the channels that every recording has, in the order of the first.

    Raises:
        DataError: If there are fewer than two.
    """
    names = [
        store.recordings[number].ch_names
        for store, chosen in seen
        for number in sorted({n for person in chosen for n, _ in person.windows})
    ]
    shared = set(names[0]).intersection(*names[1:])
    if len(shared) < 2:
        raise DataError(
            f"The recordings have too few channels in common ({len(shared)}); the "
            "baselines need at least two. Give `channel_aliases`, leave a cohort out, "
            "or set evaluation.montage = 'template'."
        )
    return tuple(name for name in names[0] if name in shared)


def place_channels(
    store: SignalStore, channels: Sequence[str]
) -> Float[np.ndarray, "n_channels 3"]:
    """Return places of channels: as first recorded, else of the template."""
    first = store.recordings[0]
    if set(channels) <= set(first.ch_names):
        return np.array([first.positions[first.ch_names.index(c)] for c in channels])
    template = template_positions()
    return np.array([template[name] for name in channels])


def read_channels(
    store: SignalStore,
    subject: SubjectWindows,
    channels: Sequence[str],
    *,
    n_times: int,
) -> Float[np.ndarray, "n_windows n_channels n_times"]:
    """Read a subject's windows on some channels, on their average reference.

    Where a recording lacks a channel, its field is interpolated to all.

    Args:
        store: The cohort's signals.
        subject: The person, and which windows are used.
        channels: Canonical names, in the order wanted.
        n_times: Window length, samples.

    Returns:
        Microvolts, in the order of the recordings.
    """
    recorded = read_subject_windows(store, subject, n_times=n_times)
    parts = [
        map_channels(store.recordings[number].ch_names, tuple(channels)) @ windows
        for number, windows in zip(split_by_recording(subject), recorded, strict=True)
    ]
    windows = np.concatenate(parts).astype(float)
    return np.asarray(windows - windows.mean(1, keepdims=True))
