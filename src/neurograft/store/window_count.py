"""Decide how many windows everybody of a task gives, from what most of them have."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from neurograft.store.signal_store import SignalStore

# Chosen here: more windows of ten seconds than these four minutes change little.
MOST_WINDOWS = 24
# Chosen here: so many of a task's people have as many windows as are taken.
SHARE_WITH_ENOUGH = 0.95


def count_whole_windows(
    store: SignalStore, *, n_times: int, bids_tasks: Sequence[str] = ()
) -> dict[str, int]:
    """Count the windows that fit into everybody's stretches without a gap.

    Args:
        store: The cohort's signals.
        n_times: Window length, samples.
        bids_tasks: BIDS tasks to take; empty means all.
    """
    counts: dict[str, int] = {}
    for recording in store.recordings:
        if not bids_tasks or recording.key.task in bids_tasks:
            whole = sum((stop - start) // n_times for start, stop in recording.segments)
            who = recording.key.participant_id
            counts[who] = counts.get(who, 0) + whole
    return counts


def find_common_count(counts: Iterable[int]) -> int:
    """Return the largest number of windows that enough people have; at least one.

    Example:
        >>> find_common_count([30] * 19 + [3]), find_common_count([30] * 9 + [3])
        (24, 3)
    """
    ordered = np.sort(np.asarray(list(counts), dtype=int))
    ordered = ordered[ordered > 0]
    if not len(ordered):
        return 1
    allowed = int(np.floor((1 - SHARE_WITH_ENOUGH) * len(ordered) + 1e-9))
    return int(min(ordered[allowed], MOST_WINDOWS))


def share_counts(tasks: Sequence[Mapping[Any, int]]) -> dict[Any, int]:
    """Return one number for every view, the same for all views of a task.

    A view that several tasks look at ties them together.

    Args:
        tasks: For every task, the number that each of its views could give.

    Example:
        >>> share_counts([{"closed": 20, "open": 12}, {"closed": 18}, {"rest": 24}])
        {'closed': 12, 'open': 12, 'rest': 24}
    """
    shared: dict[Any, int] = {}
    for views in tasks:
        for view, count in views.items():
            shared[view] = min(count, shared.get(view, MOST_WINDOWS))
    for _ in tasks:
        for views in tasks:
            least = min(shared[view] for view in views)
            shared |= dict.fromkeys(views, least)
    return shared
