"""The harmonising stage: a cohort's files in, its signal store and table out."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

from neurograft.config import CohortConfig, HarmoniseConfig, StudyConfig
from neurograft.errors import DataError
from neurograft.provenance import (
    Stage,
    describe_files,
    digest,
    write_json,
)
from neurograft.recordings.demographics import read_demographics
from neurograft.recordings.discovery import FoundRecording, find_recordings
from neurograft.recordings.reading import read_recording
from neurograft.tables import write_table
from neurograft.types import Progress, no_progress
from neurograft.windows.harmonise import harmonise
from neurograft.windows.store import (
    INDEX_FILE,
    SIGNALS_FOLDER,
    parse_recording,
    write_index,
    write_recording,
)

logger = logging.getLogger(__name__)

COLUMNS = (
    "cohort", "participant_id", "session", "task", "run", "status", "reason", "age",
    "sex", "duration_s", "n_channels", "sfreq_hz", "reference", "line_freq_hz",
    "scale_uv", "bads", "notes",
)  # fmt: skip


def describe_harmonising(study: StudyConfig, cohort: str) -> Stage:
    """The stage of one cohort: its settings and the state of its files.

    Raises:
        DataError: If the cohort's folder or table is missing or empty.
    """
    settings = study.cohorts[cohort]
    folder = study.cohort_folder(cohort)
    files = [
        path for one in find_recordings(cohort, folder, settings) for path in one.files
    ]
    base = folder.resolve()
    files = [path.resolve() for path in [*files, folder / settings.table]]
    present = sorted({path for path in files if path.is_file()})
    inputs = {"files": digest(describe_files(present, base=base))}
    return Stage(
        study.output_folder / "cohorts" / cohort,
        {
            "cohort": settings.model_dump(mode="json", exclude={"folder"}),
            "harmonise": study.harmonise.model_dump(mode="json"),
        },
        inputs,
    )


def run_harmonise(
    study: StudyConfig,
    cohort: str,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> None:
    """Harmonise a cohort into `cohorts/<cohort>`; finished recordings are kept.

    Every recording found becomes a row of `recordings.tsv`, kept or skipped with the
    reason.

    Args:
        study: The study.
        cohort: Name of the cohort.
        n_jobs: Processes.
        progress: Called after every recording.

    Raises:
        DataError: If no recording could be kept.
    """
    stage = describe_harmonising(study, cohort)
    stage.begin()
    # Signals are replaced one by one: until all are, the folder is no store.
    (stage.folder / INDEX_FILE).unlink(missing_ok=True)
    rows = _harmonise_all(study, cohort, stage.folder, n_jobs, progress)
    kept = [parse_recording(row["stored"]) for row in rows if row["status"] == "kept"]
    people = read_demographics(study.cohort_folder(cohort), study.cohorts[cohort])
    write_table(stage.folder / "recordings.tsv", _tabulate(rows, people))
    if not kept:
        reasons = sorted({row["reason"] for row in rows})
        raise DataError(
            f"Cohort {cohort!r}: none of {len(rows)} recordings could be used: "
            f"{'; '.join(reasons[:3])}."
        )
    write_index(
        stage.folder,
        kept,
        sfreq=study.harmonise.sfreq,
        has_microvolts=study.cohorts[cohort].units == "microvolts",
    )
    _sweep(stage.folder, {one.key.name for one in kept})
    stage.finish(n_found=len(rows), n_kept=len(kept))


def _harmonise_all(
    study: StudyConfig, cohort: str, folder: Path, n_jobs: int, progress: Progress
) -> list[dict[str, Any]]:
    """One row per recording found, in the order of their keys."""
    settings = study.cohorts[cohort]
    found = find_recordings(cohort, study.cohort_folder(cohort), settings)
    jobs = (
        delayed(_harmonise_one)(one, folder, settings, study.harmonise) for one in found
    )
    rows: list[dict[str, Any]] = []
    for row in Parallel(n_jobs=n_jobs, return_as="generator")(jobs):
        rows.append(row)
        if row["status"] == "skipped":
            logger.info("skipped %s: %s", row["name"], row["reason"])
        progress(f"harmonising {cohort}", len(rows), len(found))
    _refuse_duplicates(rows)
    return rows


def _harmonise_one(
    found: FoundRecording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> dict[str, Any]:
    """Harmonise and store one recording, unless that was done with these settings."""
    mark = digest([
        settings.model_dump(mode="json", exclude={"folder", "table"}),
        harmonising.model_dump(mode="json"),
        describe_files(found.files, base=found.bids_root or found.path.parent),
        found.problem,
    ])  # fmt: skip
    path = folder / SIGNALS_FOLDER / f"{found.key.name}.json"
    if path.is_file():
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        is_whole = row["status"] == "skipped" or path.with_suffix(".npy").is_file()
        if row["made_from"] == mark and is_whole:
            return row
    row = _make_row(found, folder, settings, harmonising) | {"made_from": mark}
    write_json(path, row)
    return row


def _make_row(
    found: FoundRecording,
    folder: Path,
    settings: CohortConfig,
    harmonising: HarmoniseConfig,
) -> dict[str, Any]:
    row: dict[str, Any] = dict(found.key._asdict()) | {"name": found.key.name}
    try:
        recording = read_recording(found)
        row |= {
            "duration_s": round(recording.duration_s, 3),
            "n_channels": len(recording.ch_names),
            "sfreq_hz": recording.sfreq,
            "reference": recording.reference,
        }
        result = harmonise(
            recording,
            harmonising,
            has_microvolts=settings.units == "microvolts",
            line_freq=settings.line_freq,
        )
    except DataError as error:
        return row | {"status": "skipped", "reason": str(error)}
    stored = write_recording(folder, result)
    return row | {
        "status": "kept",
        "reason": "",
        "line_freq_hz": result.line_freq,
        "scale_uv": round(result.scale, 4),
        "bads": ", ".join(f"{name} ({why})" for name, why in result.bads.items()),
        "notes": "; ".join(result.notes),
        "stored": asdict(stored) | {"key": list(stored.key)},
    }


def _refuse_duplicates(rows: list[dict[str, Any]]) -> None:
    """Keep the first of identical signals; under another name they would be a leak."""
    first: dict[str, str] = {}
    for row in rows:
        if row["status"] == "kept":
            name = first.setdefault(row["stored"]["sha256"], row["name"])
            if name != row["name"]:
                row["status"] = "skipped"
                row["reason"] = f"the signals are those of {name}, sample by sample"


def _tabulate(rows: list[dict[str, Any]], people: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(rows).merge(people, on="participant_id", how="left")
    table = table.reindex(columns=list(COLUMNS))
    text = table.select_dtypes(exclude="number").columns
    table[text] = table[text].replace("", None)
    return table


def _sweep(folder: Path, keep: set[str]) -> None:
    """Remove signals of recordings that are no longer part of the cohort."""
    for path in (folder / SIGNALS_FOLDER).glob("*.npy"):
        if path.stem not in keep:
            path.unlink()
