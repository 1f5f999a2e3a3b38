"""The harmonising stage: a cohort's files in, its signal store and tables out."""

import json
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.files.stage import Stage
from neurograft.files.tables import write_table
from neurograft.files.writing import digest, write_json
from neurograft.harmonising.one_recording import (
    SIGNALS_VERSION,
    find_row_file,
    make_request,
    mark_recording,
)
from neurograft.harmonising.processes import run_all
from neurograft.recordings.found_recording import (
    FoundRecording,
    Source,
    describe_sources,
    hash_sources,
    hide_name,
    list_sources,
)
from neurograft.store.inspection import INSPECTION_FOLDER, find_inspection
from neurograft.store.recordings_table import tabulate_found, tabulate_seconds
from neurograft.store.signal_store import (
    INDEX_FILE,
    RECORDINGS_FILE,
    SIGNALS_FOLDER,
    parse_recording,
    write_index,
)
from neurograft.study.cluster import connect_dask
from neurograft.study.opened_study import Study
from neurograft.types import Progress, no_progress

logger = logging.getLogger(__name__)

SOURCES_FILE = "sources.json"
WINDOWS_FILE = "windows.tsv"


def describe_harmonising(study: Study, cohort: str) -> Stage:
    """Describe the stage of one cohort: its settings and the content of its files.

    Raises:
        DataError: If the cohort's folder or table is missing or empty.
    """
    opened, output = study.cohort(cohort), study.folder("cohorts", cohort)
    files = [path for found in opened.recordings for path in found.files]
    content = describe_sources(
        [*files, *_list_tables(opened)],
        base=opened.folder,
        known=_read_sources(output),
    )
    return Stage(
        output,
        {
            "cohort": opened.settings.model_dump(
                mode="json", exclude={"folder", "site_column"}
            ),
            "harmonise": study.settings.harmonise.model_dump(mode="json"),
        },
        {"files": digest(content), "signals": str(SIGNALS_VERSION)},
    )


def _list_tables(cohort: OpenedCohort) -> list[Path]:
    """List the table of people, and what explains its columns, as far as they exist."""
    table = cohort.folder / cohort.settings.table
    return [path for path in (table, table.with_suffix(".json")) if path.is_file()]


def _read_sources(output: Path) -> dict[str, Source]:
    path = output / SOURCES_FILE
    if not path.is_file():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: Source(*entry) for name, entry in entries.items()}


def run_harmonise(
    study: Study,
    cohort: str,
    *,
    n_jobs: int = 1,
    dask: str = "",
    progress: Progress = no_progress,
) -> None:
    """Harmonise a cohort into `cohorts/<cohort>`; finished recordings are kept.

    Every recording found becomes a row of `recordings.tsv`: kept, repaired or dropped
    with the reason. `windows.tsv` holds the verdict on every second. What pages show of
    a recording is written where it is missing; that changes nothing else.

    Args:
        study: The study.
        cohort: Name of the cohort.
        n_jobs: Processes.
        dask: Address of a Dask scheduler to use instead.
        progress: Called after every recording.

    Raises:
        DataError: If no recording could be kept.
        WriteError: If a result cannot be written.
    """
    stage = describe_harmonising(study, cohort)
    opened, settings = study.cohort(cohort), study.settings.harmonise
    people = opened.people.known
    for note in opened.table_notes:
        logger.info("%s: %s", cohort, note)
    stage.begin()
    # Signals are replaced one by one: until all are, the folder is no store.
    (stage.folder / INDEX_FILE).unlink(missing_ok=True)
    rows = _harmonise_all(opened, settings, stage.folder, n_jobs, dask, progress)
    _refuse_duplicates(rows)
    used = [row for row in rows if row["status"] != "dropped"]
    write_table(stage.folder / RECORDINGS_FILE, tabulate_found(rows, people))
    seconds = tabulate_seconds(used, settings.sfreq)
    write_table(stage.folder / WINDOWS_FILE, seconds)
    _check_used(cohort, rows, used)
    write_index(
        stage.folder,
        [parse_recording(row["stored"]) for row in used],
        sfreq=settings.sfreq,
        has_microvolts=opened.settings.units == "microvolts",
    )
    _sweep(stage.folder, rows)
    _remember_sources(opened, stage.folder, rows)
    describe_harmonising(study, cohort).finish(n_found=len(rows), n_kept=len(used))
    _show_missing(opened, settings, stage.folder, used, n_jobs, dask, progress)


def _check_used(
    cohort: str, rows: Sequence[dict[str, Any]], used: Sequence[dict[str, Any]]
) -> None:
    """Log the recordings that were dropped, and check that some are left.

    Raises:
        DataError: If that is everybody.
    """
    for row in rows:
        if row["status"] == "dropped":
            logger.info("dropped %s: %s", row["name"], row["reason"])
    if not used:
        reasons = sorted({row["reason"] for row in rows})
        raise DataError(
            f"Cohort {cohort!r}: none of {len(rows)} recordings could be used: "
            f"{'; '.join(reasons[:3])}."
        )


def _harmonise_all(
    cohort: OpenedCohort,
    harmonise: HarmoniseConfig,
    folder: Path,
    n_jobs: int,
    dask: str,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Harmonise every recording, and return a row for each in the order of keys."""
    found = cohort.recordings
    rows = [_find_row(one, folder, cohort.settings, harmonise) for one in found]
    missing = [number for number, row in enumerate(rows) if row is None]
    requests = [
        make_request(found[number], folder, cohort.settings, harmonise)
        for number in missing
    ]
    done = [row for row in rows if row is not None]
    with connect_dask(dask) if dask and requests else nullcontext() as client:
        for place, row in run_all(requests, n_jobs=n_jobs, client=client):
            rows[missing[place]] = row
            done.append(row)
            hours = sum(one.get("duration_s", 0) for one in done) / 3600
            what = f"harmonising {cohort.name} ({hours:.1f} h)"
            progress(what, len(done), len(found))
    return [row for row in rows if row is not None]


def _show_missing(
    cohort: OpenedCohort,
    harmonise: HarmoniseConfig,
    folder: Path,
    used: Sequence[dict[str, Any]],
    n_jobs: int,
    dask: str,
    progress: Progress,
) -> None:
    """Write what pages show of recordings that an earlier version harmonised."""
    names = {row["name"] for row in used}
    missing = [
        found
        for found in cohort.recordings
        if found.key.name in names
        and not find_inspection(folder, found.key.name).is_file()
    ]
    requests = [
        make_request(found, folder, cohort.settings, harmonise) | {"do": "show"}
        for found in missing
    ]
    with connect_dask(dask) if dask and requests else nullcontext() as client:
        done = run_all(requests, n_jobs=n_jobs, client=client)
        for count, (_, row) in enumerate(done, start=1):
            if row["status"] == "dropped":
                logger.info("%s is not shown: %s", row["name"], row["reason"])
            progress(f"looking again at {cohort.name}", count, len(requests))


def _find_row(
    found: FoundRecording,
    folder: Path,
    settings: CohortConfig,
    harmonise: HarmoniseConfig,
) -> dict[str, Any] | None:
    """Find the row of a recording that was done with these settings and files."""
    path = find_row_file(folder, found.key)
    if not path.is_file():
        return None
    row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    is_whole = row["status"] == "dropped" or path.with_suffix(".npy").is_file()
    if not is_whole:
        return None
    known = {name: Source(*entry) for name, entry in row["sources"].items()}
    sources = hash_sources(list_sources(found), known=known)
    hashes = {name: source.sha256 for name, source in sources.items()}
    if row["made_from"] != mark_recording(found, settings, harmonise, hashes):
        return None
    if sources != known:
        row["sources"] = {name: list(source) for name, source in sources.items()}
        write_json(path, row)
    return row


def _refuse_duplicates(rows: Sequence[dict[str, Any]]) -> None:
    """Keep the first of identical signals; under another name they would be a leak."""
    first: dict[str, str] = {}
    for row in rows:
        if row["status"] != "dropped":
            name = first.setdefault(row["stored"]["sha256"], row["name"])
            if name != row["name"]:
                row["status"] = "dropped"
                row["reason"] = f"the signals are those of {name}, sample by sample"


def _sweep(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Remove signals and inspections that are no longer part of the cohort."""
    used = {row["name"] for row in rows if row["status"] != "dropped"}
    found = {row["name"] for row in rows}
    for place in (SIGNALS_FOLDER, INSPECTION_FOLDER):
        for path in (folder / place).glob("*"):
            keep = found if path.suffix == ".json" else used
            if path.stem not in keep:
                path.unlink()


def _remember_sources(
    cohort: OpenedCohort, folder: Path, rows: Sequence[dict[str, Any]]
) -> None:
    """Write the hashes of all files, so that a new date alone redoes nothing."""
    tables = {hide_name(path, cohort.folder): path for path in _list_tables(cohort)}
    sources = hash_sources(tables, known={})
    entries = {name: list(source) for name, source in sources.items()}
    for row in rows:
        entries |= row.get("sources", {})
    write_json(folder / SOURCES_FILE, entries)
