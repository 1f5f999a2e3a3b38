"""Say what a study, a folder or a single file holds, before anything is run."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import isfinite, isinf
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.cohorts.description import describe_cohort, group_problems
from neurograft.cohorts.finding.closed_folders import list_closed, say_closed
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.cohorts.participants import check_folder
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.evaluation.prepared_task import restrict_task
from neurograft.files.keys import RecordingKey
from neurograft.files.lock import check_writable
from neurograft.files.text import count_things
from neurograft.harmonising.inspection import COLUMNS
from neurograft.harmonising.processes import run_all
from neurograft.recordings.formats import list_recording_files
from neurograft.recordings.found_recording import FoundRecording
from neurograft.study.beforehand import check_beforehand, list_refused_plans
from neurograft.study.known_recordings import (
    KnownRecording,
    find_equal_files,
    list_known_recordings,
    mark_short,
    say_short,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import make_reader
from neurograft.study.stages.harmonise import describe_harmonising
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.task import Task, check_task
from neurograft.types import Progress, no_progress

# Chosen here: the signals of a recording take about a second, its header a tenth.
MOST_TRIED, MOST_OPENED = 200, 2000


def check_study(
    study: Study, *, n_jobs: int = 1, progress: Progress = no_progress
) -> Iterator[str]:
    """List what a study holds, and all that `run` would refuse or leave out.

    Recordings are opened, for a sidecar may say what the file does not hold. Of those
    whose length nobody says, the signals are tried as well.

    Args:
        study: The study.
        n_jobs: Number of child processes that open recordings.
        progress: Called after every recording.

    Raises:
        ConfigError: If settings contradict each other or the tables of people.
        DataError: If a cohort holds nothing that can be used.
        LeakageError: If somebody would be pretrained on and tested.
        WriteError: If results could not be written.
    """
    check_writable(study.settings.output_folder)
    known: dict[str, list[KnownRecording]] = {}
    for name in study.settings.cohorts:
        cohort = study.cohort(name)
        first, *rest = describe_cohort(cohort)
        yield f"{name}: {first}"
        yield from (f"  {sentence}" for sentence in rest)
        known[name] = open_recordings(
            list_known_recordings(study, name), study, n_jobs=n_jobs, progress=progress
        )
        damaged = [one for one in known[name] if one.problem]
        told = group_problems((one.found.key.name, one.problem) for one in damaged)
        yield from (f"  {sentence}" for sentence in told)
        yield from _say_unopened(known[name])
        yield from (f"  {line}" for line in _check_store(study, name))
    yield from _say_copies(known)
    for task in study.build_tasks():
        yield f"task {task.name}: {_say_people(task)}"
    used = {name: known[name] for name in study.settings.used_cohorts}
    yield from check_beforehand(study, used)
    if study.with_controls is not study:
        for name, reason in study.left_out_controls.items():
            yield f"the control {name} is left out: {reason}"
    yield from list_refused_plans(study)


def open_recordings(
    known: Sequence[KnownRecording],
    study: Study,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> list[KnownRecording]:
    """Open what nobody has looked into, the first `MOST_OPENED` of a cohort.

    Args:
        known: Recordings of one cohort.
        study: The study.
        n_jobs: Number of child processes.
        progress: Called after every recording.
    """
    asked = [one for one in known if not (one.problem or one.is_opened)]
    unknown = [one for one in asked if isinf(one.duration_s)][:MOST_TRIED]
    stated = [one for one in asked if not isinf(one.duration_s)]
    opened: dict[KnownRecording, KnownRecording] = {}
    for some, is_tried in ((unknown, True), (stated[:MOST_OPENED], False)):
        if not some:
            continue
        table = inspect_files(
            [one.found for one in some],
            study.settings.cohorts[some[0].found.key.cohort],
            is_tried=is_tried,
            n_jobs=n_jobs,
            progress=progress,
        )
        rows = zip(some, table.to_dict("records"), strict=True)
        opened |= {one: _look_into(one, row, study) for one, row in rows}
    return [opened.get(one, one) for one in known]


def _look_into(
    known: KnownRecording, row: Mapping[Hashable, Any], study: Study
) -> KnownRecording:
    """Return what is known of a recording after it was opened."""
    problem = "" if row["status"] == "usable" else str(row["reason"])
    seconds = float(row["duration_s"])
    length = seconds if isfinite(seconds) else known.duration_s
    seen = KnownRecording(known.found, length, problem, is_opened=True)
    return mark_short(seen, study.settings.harmonise.min_duration_s)


def _say_unopened(known: Sequence[KnownRecording]) -> Iterator[str]:
    """Say how many recordings were too many to be opened by a check."""
    n = sum(not (one.problem or one.is_opened) for one in known)
    if n:
        yield (
            f"  {n} of {len(known)} recordings were not opened, for a check opens so "
            "many of a cohort only; a run may leave out more than is said here"
        )


def _say_copies(known: Mapping[str, Sequence[KnownRecording]]) -> Iterator[str]:
    """Say which recordings of two cohorts are different files with the same bytes."""
    everything = [one for recordings in known.values() for one in recordings]
    paths = {one.found.key: one.found.path.resolve() for one in everything}
    for key, original in find_equal_files(everything).items():
        # One file of two cohorts, such as two conditions of it, is no copy.
        if key.cohort != original.cohort and paths[key] != paths[original]:
            yield (
                f"{key.name} of {key.cohort} has the same bytes as {original.name} of "
                f"{original.cohort}"
            )


def _say_people(task: Task) -> str:
    """Say how many people a task has, and how many of each group."""
    labels = task.labels
    n = len(set(task.clusters))
    if not task.is_classification or task.kind == "contrast":
        return count_things(n, "subject")
    counts = [
        f"{int((labels == k).sum())} {name}" for k, name in enumerate(task.classes)
    ]
    who = count_things(n, "pair" if task.is_paired else "subject")
    return f"{who}: {', '.join(counts)}"


def _check_store(study: Study, cohort: str) -> Iterator[str]:
    """Say whether the harmonised signals, if any, are still as they were written."""
    stage = describe_harmonising(study, cohort)
    if not stage.is_current():
        return
    store = study.store(cohort)
    damaged = store.check_files()
    n = len(store.recordings)
    if damaged:
        yield (
            f"{len(damaged)} of {n} harmonised signal files are not what was written "
            f"({', '.join(damaged[:3])}); delete {stage.folder} and run again"
        )
    else:
        yield f"harmonised: {n} signal files are as they were written"


def check_path(
    path: Path, *, n_jobs: int = 1, progress: Progress = no_progress
) -> Iterator[str]:
    """List what a folder or a file holds, and how it would be read.

    A BIDS folder is described by its tables and sidecars, and every recording opened;
    of another folder, every file of a known format.

    Raises:
        DataError: If a single file cannot be opened, or nothing that a folder holds.
    """
    settings = CohortConfig(folder=path)
    if path.is_file() or path.suffix.lower() == ".mff":
        one = FoundRecording(RecordingKey("", path.name), path, None)
        row = inspect_files([one], settings).to_dict("records")[0]
        if row["status"] == "refused":
            reason = str(row["reason"]).rstrip(".")
            raise DataError(f"{path.name} is refused: {reason}.")
        yield from _say_row(row)
        return
    if is_bids(path):
        cohort = OpenedCohort(path.name, path, settings)
        first, *rest = describe_cohort(cohort)
        yield f"{path.name}: {first}"
        yield from (f"  {sentence}" for sentence in rest)
        found = list(cohort.recordings)
    else:
        found = find_recording_files(path)
    table = inspect_files(found, settings, n_jobs=n_jobs, progress=progress)
    shortest = HarmoniseConfig().min_duration_s
    is_short = (table["status"] == "usable") & (table["duration_s"] < shortest)
    reasons = [say_short(seconds, shortest) for seconds in table["duration_s"]]
    table = table.assign(
        status=table["status"].mask(is_short, "short"),
        reason=table["reason"].mask(is_short, pd.Series(reasons)),
    )
    counts = table["status"].value_counts()
    shown = ", ".join(f"{n} {status}" for status, n in counts.items())
    n_recordings = count_things(len(table), "recording")
    yield f"{n_recordings}: {shown}"
    for row in table.to_dict("records"):
        if not is_bids(path) or row["status"] != "usable" or row["repairs"]:
            yield from _say_row(row)
    if "usable" not in counts:
        raise DataError(
            f"Nothing of {path} can be used: of {n_recordings}, {shown}, for the "
            "reasons above."
        )


def _say_row(row: Mapping[Hashable, Any]) -> list[str]:
    """Return a line of facts, and a line for each thing a reader should know."""
    facts = str(row["name"])
    if row["status"] != "refused":
        # None are counted where reading stopped before it knew the channels.
        scalp = f" ({row['n_scalp']:g} on the scalp)" if row["n_scalp"] else ""
        facts += (
            f": {row['format']}, {row['n_channels']:g} channels{scalp}, "
            f"{row['sfreq_hz']:g} Hz, {row['duration_s']:g} s"
        )
    said = [f"{row['status']:<9}{facts}"]
    for label, text in (
        ("", row["reason"]),
        ("repaired: ", row["repairs"]),
        ("note: ", row["notes"]),
    ):
        if isinstance(text, str) and text:
            said.append(f"         {label}{text}")
    return said


def find_recording_files(folder: Path) -> list[FoundRecording]:
    """List every file below a folder that can be a recording, in any table or none.

    Raises:
        DataError: If there is none.
    """
    check_folder(folder)
    inside = dict.fromkeys(list_recording_files(folder), "")
    inside |= {path: say_closed(error) for path, error in list_closed(folder)}
    if not inside:
        raise DataError(f"{folder} holds no recording of any known format.")
    return [
        FoundRecording(
            RecordingKey("", str(path.relative_to(folder))), path, None, problem, folder
        )
        for path, problem in inside.items()
    ]


def inspect_files(
    found: Sequence[FoundRecording],
    settings: CohortConfig,
    *,
    is_tried: bool = True,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Open every recording in its child process, and return a row for each.

    Args:
        found: Recordings, in the order of the rows returned.
        settings: Settings of their cohort.
        is_tried: Whether signals are tried too; else headers and sidecars alone.
        n_jobs: Number of child processes.
        progress: Called after every recording.

    Returns:
        Columns of `inspection.COLUMNS`.
    """
    requests = [
        {
            "do": "inspect",
            "key": list(one.key),
            "path": str(one.path),
            "bids_root": str(one.bids_root or ""),
            "problem": one.problem,
            "base": str(one.base),
            "settings": settings.model_dump(mode="json"),
            "is_tried": is_tried,
        }
        for one in found
    ]
    rows: dict[int, dict[str, Any]] = {}
    for number, row in run_all(requests, n_jobs=n_jobs):
        rows[number] = row
        progress("opening recordings", len(rows), len(found))
    return pd.DataFrame([rows[i] for i in range(len(found))], columns=list(COLUMNS))


def check_signals(study: Study) -> None:
    """Check, before anything is learned, that enough people have enough signal.

    Raises:
        ConfigError: If a task or its protocol would be left with too few people.
        DataError: If nobody of a cohort has as many windows as are asked for.
    """
    study = study.with_controls
    settings, reader = study.settings, make_reader(study)
    for task in study.build_tasks():
        task = restrict_task(task, reader)
        check_task(task, n_splits=settings.evaluation.n_splits)
        make_protocol_splits(task, settings.evaluation, seed=settings.seed)
