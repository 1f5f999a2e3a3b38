"""The same number of windows from every subject, evenly over their recordings."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neurograft.errors import DataError
from neurograft.store.signal_store import SignalStore
from neurograft.types import IntArray


class SubjectWindows(NamedTuple):
    """The windows that are used of a person.

    Attributes:
        participant_id: The person.
        windows: Pairs of recording number and first sample.
        duration_s: Length of all their recordings, seconds.
    """

    participant_id: str
    windows: tuple[tuple[int, int], ...]
    duration_s: float


def choose_windows(
    store: SignalStore,
    *,
    n_windows: int,
    n_times: int,
    bids_tasks: Sequence[str] = (),
    setting: str = "evaluation.windows_per_subject",
) -> tuple[list[SubjectWindows], dict[str, str]]:
    """Choose windows that do not overlap, as many from everybody.

    The stretches without a gap of a subject's recordings share the windows in
    proportion to the whole windows each holds; within a stretch they are evenly spaced.

    Args:
        store: The cohort's signals.
        n_windows: Windows per subject.
        n_times: Window length, samples.
        bids_tasks: BIDS tasks to take; empty means all.
        setting: Name of the setting that nobody's signals suffice for.

    Returns:
        The subjects with enough signal, by label; and why others are left out.

    Raises:
        DataError: If nobody has enough.
    """
    people: dict[str, list[int]] = {}
    for number, recording in enumerate(store.recordings):
        if not bids_tasks or recording.key.task in bids_tasks:
            people.setdefault(recording.key.participant_id, []).append(number)
    chosen, left_out, most = [], {}, 0
    for participant_id, numbers in sorted(people.items()):
        recorded = sum(store.recordings[number].n_times for number in numbers)
        windows, n_whole = _choose_of_subject(store, numbers, n_windows, n_times)
        most = max(most, n_whole)
        if n_whole < n_windows:
            left_out[participant_id] = (
                f"{n_whole} windows, {n_windows} are taken from everybody"
            )
        else:
            seconds = float(recorded / store.sfreq)
            chosen.append(SubjectWindows(participant_id, windows, seconds))
    if not chosen:
        raise DataError(
            f"Nobody in {store.folder.name} has {n_windows} windows of "
            f"{n_times / store.sfreq:g} s"
            + (f" in the tasks {list(bids_tasks)}" if bids_tasks else "")
            + f", the most are {most}; lower {setting}."
        )
    return chosen, left_out


def split_by_recording(subject: SubjectWindows) -> dict[int, list[int]]:
    """Group the places of a person's windows by recording number.

    Example:
        >>> split_by_recording(SubjectWindows("sub-01", ((4, 0), (7, 0), (4, 9)), 60.0))
        {4: [0, 2], 7: [1]}
    """
    places: dict[int, list[int]] = {}
    for place, (number, _) in enumerate(subject.windows):
        places.setdefault(number, []).append(place)
    return places


def _choose_of_subject(
    store: SignalStore, numbers: Sequence[int], n_windows: int, n_times: int
) -> tuple[tuple[tuple[int, int], ...], int]:
    """Choose a subject's windows, none if there are too few; count possible ones."""
    pieces = [
        (number, start, stop)
        for number in numbers
        for start, stop in store.recordings[number].segments
    ]
    whole = np.array([(stop - start) // n_times for _, start, stop in pieces], int)
    if whole.sum() < n_windows:
        return (), int(whole.sum())
    windows = tuple(
        (number, first + start)
        for (number, first, stop), share in zip(
            pieces, _apportion(whole, n_windows), strict=True
        )
        for start in _space(stop - first, int(share), n_times)
    )
    return windows, int(whole.sum())


def _apportion(whole: IntArray, n_windows: int) -> IntArray:
    """Share windows in proportion, by largest remainders, never more than there are."""
    quota = whole * n_windows / whole.sum()
    shares: IntArray = np.floor(quota).astype(int)
    for index in np.argsort(shares - quota, kind="stable")[: n_windows - shares.sum()]:
        shares[index] += 1
    return shares


def _space(length: int, n_windows: int, n_times: int) -> list[int]:
    """Spread windows over a stretch without overlap; their first samples."""
    if n_windows == 0:
        return []
    gap = (length - n_windows * n_times) / n_windows
    return [int(gap / 2 + i * (n_times + gap)) for i in range(n_windows)]
