"""Tell what is known of a cohort's recordings before they are harmonised."""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.files.numbers import parse_numbers
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.sidecars import read_sidecar
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import describe_harmonising

ENTITIES = ("session", "task", "run", "acquisition")
# Files that begin otherwise are not read to their end. Chosen here.
START_BYTES = 2**20


@dataclass(frozen=True)
class KnownRecording:
    """A recording, and what is known of it so far.

    Attributes:
        found: Its key and file.
        duration_s: Seconds; infinite where nobody says.
        problem: Why it cannot be used; empty if nothing is known against it.
        is_opened: Whether somebody looked into the file, or only beside it.
    """

    found: FoundRecording
    duration_s: float = math.inf
    problem: str = ""
    is_opened: bool = False

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
    return replace(known, problem=say_short(known.duration_s, shortest_s))


def say_short(seconds: float, shortest_s: float) -> str:
    """Say that a recording is too short."""
    return f"{seconds:g} s long, at least {shortest_s:g} s are needed"


def read_duration(found: FoundRecording) -> float:
    """Return the seconds that a sidecar states; infinite where none does."""
    if found.problem:
        return math.inf
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
        replace(one, problem=f"the same bytes as {copied[one.found.key].name}")
        if one.found.key in copied and not one.problem
        else one
        for one in known
    ]


def find_equal_files(
    known: Iterable[KnownRecording],
) -> dict[RecordingKey, RecordingKey]:
    """Find files with equal bytes: the key of a recording, and that of an earlier one.

    Only files of equal length that begin alike are read whole.
    """
    groups: list[list[tuple[RecordingKey, Path]]] = [
        [
            (one.found.key, path)
            for one in known
            if not one.problem
            for path in _find_signals(one.found)
        ]
    ]
    for look in (_measure_size, _hash_start, _hash_whole):
        groups = [part for group in groups for part in _split(group, look)]
    return {key: group[0][0] for group in groups for key, _ in group[1:]}


def _find_signals(found: FoundRecording) -> list[Path]:
    """Find the file of a recording that holds its signals: its largest.

    Sidecars may well be the same of many people; an empty file is nobody's copy.
    """
    beside = set(found.sidecars.files)
    own = [path for path in found.files if path not in beside]
    return [path for path in sorted(own, key=_measure_size)[-1:] if _measure_size(path)]


def _split(
    group: Sequence[tuple[RecordingKey, Path]], look: Callable[[Path], object]
) -> list[list[tuple[RecordingKey, Path]]]:
    """Split recordings by what their files show; those that are alone are left out."""
    parts: dict[object, list[tuple[RecordingKey, Path]]] = {}
    for key, path in group:
        with suppress(OSError):  # harmonising says so in the recording's row
            parts.setdefault(look(path), []).append((key, path))
    return [part for part in parts.values() if len(part) > 1]


def _measure_size(path: Path) -> int:
    return path.stat().st_size


def _hash_start(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(START_BYTES)).digest()


def _hash_whole(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


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
            seconds = float(row["duration_s"])
            known.append(KnownRecording(one, seconds, is_opened=True))
    return known


def _read_cell(cell: object) -> str:
    return cell if isinstance(cell, str) else ""
