"""What `neurograft check` says, line by line."""

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

from neurograft.config import CohortConfig, StudyConfig
from neurograft.errors import DataError
from neurograft.evaluation.tasks import build_tasks
from neurograft.recordings.discovery import FoundRecording, is_bids
from neurograft.recordings.recording import RecordingKey
from neurograft.types import Progress, no_progress
from neurograft.windows.checking import describe_cohort, inspect_files, list_files
from neurograft.windows.stage import describe_harmonising
from neurograft.windows.store import SignalStore


def check_study(study: StudyConfig) -> Iterator[str]:
    """Say what tables and sidecars of a study hold, and whom its tasks are about."""
    for name, cohort in study.cohorts.items():
        found, sentences = describe_cohort(name, study.cohort_folder(name), cohort)
        first, *rest = sentences
        yield f"{name}: {first}"
        yield from (f"  {sentence}" for sentence in rest)
        yield from (f"  {one.key.name}: {one.problem}" for one in found if one.problem)
        yield from (f"  {line}" for line in _check_store(study, name))
    for task in build_tasks(study):
        labels = task.labels
        groups = f", {int(labels.sum())} cases" if task.is_classification else ""
        yield f"task {task.name}: {len(labels)} subjects{groups}"


def _check_store(study: StudyConfig, cohort: str) -> Iterator[str]:
    """Whether harmonised signals are still what was written, if there are any."""
    stage = describe_harmonising(study, cohort)
    if not stage.is_current():
        return
    store = SignalStore.open(stage.folder)
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
) -> list[str]:
    """Say what a folder or a file holds, and what would become of it.

    A BIDS folder is described by its tables and sidecars, and every recording opened;
    of another folder, every file of a known format.

    Raises:
        DataError: If a single file cannot be opened, or a folder holds nothing.
    """
    settings = CohortConfig(folder=path)
    if path.is_file() or path.suffix.lower() == ".mff":
        one = FoundRecording(RecordingKey("", path.name), path, None)
        row = inspect_files([one], settings).to_dict("records")[0]
        if row["status"] == "refused":
            raise DataError(f"{path.name} is refused: {row['reason']}.")
        return _say_row(row)
    lines = []
    if is_bids(path):
        found, sentences = describe_cohort(path.name, path, settings)
        lines = [f"{path.name}: {sentences[0]}", *(f"  {s}" for s in sentences[1:])]
        found = [one for one in found if not one.problem]
    else:
        found = list_files(path)
    if not found:
        return lines
    table = inspect_files(found, settings, n_jobs=n_jobs, progress=progress)
    counts = table["status"].value_counts()
    shown = ", ".join(f"{n} {status}" for status, n in counts.items())
    lines.append(f"{len(table)} recordings opened: {shown}")
    for row in table.to_dict("records"):
        if not is_bids(path) or row["status"] != "usable" or row["repairs"]:
            lines += _say_row(row)
    return lines


def _say_row(row: Mapping[Hashable, Any]) -> list[str]:
    """One line of facts, and one for each thing a reader should know."""
    facts = str(row["name"])
    if row["status"] != "refused":
        facts += (
            f": {row['format']}, {row['n_channels']:g} channels ({row['n_scalp']:g} on "
            f"the scalp), {row['sfreq_hz']:g} Hz, {row['duration_s']:g} s"
        )
    said = [f"{row['status']:<8}{facts}"]
    for label, text in (
        ("", row["reason"]),
        ("repaired: ", row["repairs"]),
        ("note: ", row["notes"]),
    ):
        if isinstance(text, str) and text:
            said.append(f"        {label}{text}")
    return said
