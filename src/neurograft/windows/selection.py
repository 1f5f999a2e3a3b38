"""The same number of windows from every subject, evenly over their recordings."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neurograft.errors import DataError
from neurograft.types import IntArray
from neurograft.windows.store import SignalStore


class SubjectWindows(NamedTuple):
    """One person's windows.

    Attributes:
        participant_id: The person.
        windows: Pairs of recording number and first sample.
        duration_s: Length of all their recordings, seconds.
    """

    participant_id: str
    windows: tuple[tuple[int, int], ...]
    duration_s: float


def choose_windows(
    store: SignalStore, *, n_windows: int, n_times: int, bids_tasks: Sequence[str] = ()
) -> tuple[list[SubjectWindows], dict[str, str]]:
    """Choose windows that do not overlap, as many from everybody.

    A subject's recordings share the windows in proportion to the whole windows each
    holds; within a recording they are evenly spaced.

    Args:
        store: The cohort's signals.
        n_windows: Windows per subject.
        n_times: Window length, samples.
        bids_tasks: BIDS tasks to take; empty means all.

    Returns:
        The subjects with enough signal, by label; and why others are left out.

    Raises:
        DataError: If nobody has enough.
    """
    people: dict[str, list[int]] = {}
    for number, recording in enumerate(store.recordings):
        if not bids_tasks or recording.key.task in bids_tasks:
            people.setdefault(recording.key.participant_id, []).append(number)
    chosen, left_out = [], {}
    for participant_id, numbers in sorted(people.items()):
        lengths = np.array([store.recordings[n].n_times for n in numbers])
        whole = lengths // n_times
        if whole.sum() < n_windows:
            left_out[participant_id] = (
                f"{whole.sum()} windows, {n_windows} are taken from everybody"
            )
            continue
        windows = tuple(
            (number, start)
            for number, length, share in zip(
                numbers, lengths, _apportion(whole, n_windows), strict=True
            )
            for start in _space(int(length), int(share), n_times)
        )
        seconds = float(lengths.sum() / store.sfreq)
        chosen.append(SubjectWindows(participant_id, windows, seconds))
    if not chosen:
        raise DataError(
            f"Nobody in {store.folder.name} has {n_windows} windows of "
            f"{n_times / store.sfreq:g} s"
            + (f" in the tasks {list(bids_tasks)}" if bids_tasks else "")
            + "; lower evaluation.windows_per_subject."
        )
    return chosen, left_out


def _apportion(whole: IntArray, n_windows: int) -> IntArray:
    """Share windows in proportion, by largest remainders, never more than there are."""
    quota = whole * n_windows / whole.sum()
    shares: IntArray = np.floor(quota).astype(int)
    for index in np.argsort(shares - quota, kind="stable")[: n_windows - shares.sum()]:
        shares[index] += 1
    return shares


def _space(length: int, n_windows: int, n_times: int) -> list[int]:
    """Starts of windows spread over a recording without overlap."""
    if n_windows == 0:
        return []
    gap = (length - n_windows * n_times) / n_windows
    return [int(gap / 2 + i * (n_times + gap)) for i in range(n_windows)]
