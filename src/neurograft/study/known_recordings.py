"""Tell what is known of a cohort's recordings before they are harmonised."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.numbers import parse_numbers
from neurograft.files.writing import hash_file
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.sidecars import read_sidecar
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import describe_harmonising

ENTITIES = ("session", "task", "run", "acquisition")


@dataclass(frozen=True)
class KnownRecording:
    """A recording, and what is known of it so far.

    Attributes:
        found: Its key and file.
        duration_s: Seconds; infinite where nobody says.
        problem: Why it cannot be used; empty if nothing is known against it.
    """

    found: FoundRecording
    duration_s: float = math.inf
    problem: str = ""

    @property
    def who(self) -> str:
        """Return the label of the person."""
        return self.found.key.participant_id


def list_known_recordings(study: Study, cohort: str) -> list[KnownRecording]:
    """List a cohort's recordings, with what results, names and sidecars say of them.

    What is shorter than `harmonise.min_duration_s` will be dropped, and so will the
    second of two files with the same bytes.
    """
    recordings = study.cohort(cohort).recordings
    if describe_harmonising(study, cohort).is_current():
        return _read_harmonised(study, cohort, recordings)
    shortest = study.settings.harmonise.min_duration_s
    known = [KnownRecording(one, read_duration(one), one.problem) for one in recordings]
    return mark_copies([mark_short(one, shortest) for one in known])


def mark_short(known: KnownRecording, shortest_s: float) -> KnownRecording:
    """Refuse a recording that will be dropped because it is short."""
    if known.problem or known.duration_s >= shortest_s:
        return known
    problem = f"{known.duration_s:g} s long, at least {shortest_s:g} s are needed"
    return replace(known, problem=problem)


def read_duration(found: FoundRecording) -> float:
    """Return the seconds that a sidecar states; infinite where none does."""
    try:
        stated = read_sidecar(found.sidecars).get("RecordingDuration")
    except DataError:
        return math.inf
    seconds = float(parse_numbers(pd.Series([str(stated)])).iloc[0])
    return seconds if math.isfinite(seconds) and seconds > 0 else math.inf


def mark_copies(known: Sequence[KnownRecording]) -> list[KnownRecording]:
    """Refuse recordings whose signals have the bytes of an earlier one's."""
    copied = find_equal_files(known)
    return [
        replace(one, problem=f"the same bytes as {copied[one.found.key.name]}")
        if one.found.key.name in copied and not one.problem
        else one
        for one in known
    ]


def find_equal_files(known: Iterable[KnownRecording]) -> dict[str, str]:
    """Find files with equal bytes: the name of a recording, and that of an earlier one.

    Only files of equal length are read.
    """
    by_size: dict[int, list[tuple[str, Path]]] = {}
    for one in known:
        files = [] if one.problem else one.found.files
        if files:
            largest = max(files, key=lambda path: path.stat().st_size)
            same = by_size.setdefault(largest.stat().st_size, [])
            same.append((one.found.key.name, largest))
    copied = {}
    for same in by_size.values():
        first: dict[str, str] = {}
        for name, path in same if len(same) > 1 else ():
            original = first.setdefault(hash_file(path), name)
            if original != name:
                copied[name] = original
    return copied


def _read_harmonised(
    study: Study, cohort: str, recordings: Sequence[FoundRecording]
) -> list[KnownRecording]:
    """Return what harmonising found; an unknown recording is taken as it is."""
    rows = {
        (row["participant_id"], *(_read_cell(row[e]) for e in ENTITIES)): row
        for row in study.recordings(cohort).to_dict("records")
    }
    known = []
    for one in recordings:
        row = rows.get(tuple(one.key[1:]))
        if row is None or row["status"] == "dropped":
            reason = str(row["reason"]) if row else one.problem
            known.append(KnownRecording(one, problem=reason))
        else:
            known.append(KnownRecording(one, float(row["duration_s"])))
    return known


def _read_cell(cell: object) -> str:
    return cell if isinstance(cell, str) else ""
