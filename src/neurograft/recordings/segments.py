"""Stretches of a recording that may be used: no gap, no bad mark, the condition asked.

A discontinuity must never lie inside a window, and a filter must not run over it.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from neurograft.errors import DataError
from neurograft.files.keys import Segment
from neurograft.files.text import fold_all
from neurograft.recordings.events import GAP, Event, is_harmless

# MNE's convention: what begins with "bad" is not to be used.
BAD = re.compile(r"^bad(?![a-z])", re.I)


def find_segments(
    events: Sequence[Event],
    *,
    n_times: int,
    sfreq: float,
    gaps: Sequence[int] = (),
    condition: Sequence[str] = (),
    others: Sequence[str] = (),
) -> tuple[tuple[Segment, ...], list[str]]:
    """Cut a recording where it has gaps, and keep what may be used.

    Args:
        events: Everything marked in the recording.
        n_times: Its length, samples.
        sfreq: Sampling rate, Hz.
        gaps: First samples after gaps that no event marks.
        condition: Names of events that begin the condition to keep; empty keeps all.
            An event without duration lasts until one of another condition, or the end.
        others: Names of events that begin another condition.

    Returns:
        The stretches, and what was done, in words.

    Raises:
        DataError: If a condition is asked for and never begins, or nothing is left.
    """
    notes = []
    marked = [_to_sample(e.onset_s, sfreq) for e in events if GAP.match(e.name)]
    cuts = sorted({cut for cut in (*marked, *gaps) if 0 < cut < n_times})
    if cuts:
        notes.append(f"cut at gaps: {len(cuts)}")
    segments = list(pairwise([0, *cuts, n_times]))
    names = fold_all(condition), fold_all(others)
    wanted = _find_condition(events, *names, n_times / sfreq)
    if wanted is not None:
        segments = _intersect(segments, _to_samples(wanted, sfreq))
        notes.append(f"cropped to stretches of the condition: {len(wanted)}")
    bad = [
        (e.onset_s, e.onset_s + e.duration_s)
        for e in events
        if BAD.match(e.name) and e.duration_s > 0
    ]
    if bad:
        segments = _subtract(segments, _to_samples(bad, sfreq))
        notes.append(f"stretches marked bad, left out: {len(bad)}")
    if not segments:
        raise DataError("nothing is left between gaps and stretches marked bad")
    return tuple(segments), notes


def _to_sample(seconds: float, sfreq: float) -> int:
    return max(round(seconds * sfreq), 0)


def _to_samples(
    stretches: Sequence[tuple[float, float]], sfreq: float
) -> list[Segment]:
    return [(_to_sample(a, sfreq), _to_sample(b, sfreq)) for a, b in stretches]


def _find_condition(
    events: Sequence[Event],
    condition: Sequence[str],
    others: Sequence[str],
    end_s: float,
) -> list[tuple[float, float]] | None:
    """Find stretches of the condition in seconds; None if none is asked for."""
    if not condition:
        return None
    changes = sorted(e for e in events if e.name in {*condition, *others})
    stretches = []
    for number, event in enumerate(changes):
        if event.name not in condition:
            continue
        later = [e.onset_s for e in changes[number + 1 :] if e.name not in condition]
        end = event.onset_s + event.duration_s if event.duration_s > 0 else end_s
        stretches.append((event.onset_s, min([end, *later])))
    if not stretches:
        # Free text may name a person; this sentence goes into a table.
        codes = sorted({e.name for e in events if is_harmless(e.name)})
        raise DataError(
            f"the condition never begins: none of {', '.join(condition)} is marked; "
            f"found {', '.join(codes[:8]) or 'no event codes'}"
        )
    return _merge(stretches)


def _merge(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join stretches that overlap."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _intersect(segments: Sequence[Segment], wanted: Sequence[Segment]) -> list[Segment]:
    both = [(max(a, c), min(b, d)) for a, b in segments for c, d in wanted]
    return sorted((start, end) for start, end in both if start < end)


def _subtract(segments: Sequence[Segment], bad: Sequence[Segment]) -> list[Segment]:
    for bad_start, bad_end in bad:
        outside = [(0, bad_start), (bad_end, max((b for _, b in segments), default=0))]
        segments = _intersect(segments, outside)
    return list(segments)
