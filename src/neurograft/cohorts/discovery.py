"""Find the recordings of a cohort: a BIDS-EEG folder, or a plain folder and a table."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from neurograft.cohorts.labels import is_bids, list_subject_folders
from neurograft.cohorts.participants import check_folder, read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.files.tables import find_column
from neurograft.files.text import fold
from neurograft.recordings.formats import EXTENSIONS, find_extension, is_recording
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.sidecars import parse_entities

LABEL = re.compile(r"\w[\w.+-]*")
ENTITY_COLUMNS = ("session", "task", "run", "acquisition")
# What names of recordings of EEG end in (BIDS 1.10).
SUFFIX = "_eeg."
SIDE_FILES = {".json", ".vmrk", ".fdt", ".txt"}


def find_recordings(
    cohort: str,
    folder: Path,
    settings: CohortConfig,
    read_cells: Callable[[], pd.DataFrame] | None = None,
) -> list[FoundRecording]:
    """List the recordings of a cohort in the order of their keys.

    Args:
        cohort: Name of the cohort.
        folder: BIDS root, or a folder with a table that has a column of file paths.
        settings: Table, columns and BIDS tasks of the cohort.
        read_cells: Gives the participants table where it was read already; it is asked
            only of a folder that is not BIDS.

    Raises:
        DataError: If the folder or its table is missing, or holds no recording.
    """
    check_folder(folder)
    listed = (
        _find_bids(cohort, folder)
        if is_bids(folder)
        else _find_listed(
            cohort,
            folder,
            settings,
            read_cells() if read_cells else read_participants(folder, settings),
        )
    )
    found = sorted(listed, key=lambda one: (one.key, one.path))
    wanted = [
        one
        for one in found
        if not settings.bids_tasks or one.key.task in settings.bids_tasks
    ]
    if not wanted:
        tasks = sorted({one.key.task for one in found})
        raise DataError(
            f"Cohort {cohort!r}: {folder} holds {len(found)} recordings"
            + (f" of the tasks {tasks}, none of them in bids_tasks." if found else ".")
            + f" Expected files ending in {', '.join(EXTENSIONS)}."
        )
    return _mark_rivals(wanted)


def parse_key(cohort: str, path: Path) -> RecordingKey:
    """Return the key that a BIDS file name states."""
    entities = parse_entities(path.name)
    return RecordingKey(
        cohort,
        f"sub-{entities.get('sub', '')}",
        *(entities.get(name, "") for name in ("ses", "task", "run", "acq")),
    )


def _find_bids(cohort: str, root: Path) -> Iterator[FoundRecording]:
    """Find every recording `*_eeg`, whether its signals are there or not."""
    stems: dict[Path, list[Path]] = {}
    for folder in list_subject_folders(root):
        for path in sorted(folder.glob("**/eeg/*_eeg.*")):
            stem = path.name[: path.name.rindex(SUFFIX)]
            stems.setdefault(path.parent / stem, []).append(path)
    for paths in stems.values():
        problem = _find_bad_label(parse_key(cohort, paths[0]))
        if problem:
            yield FoundRecording(parse_key(cohort, paths[0]), paths[0], root, problem)
            continue
        signals = [one for one in paths if is_recording(one) or _is_lost_link(one)]
        for path in signals:
            yield FoundRecording(parse_key(cohort, path), path, root)
        if not signals:
            endings = sorted({p.name[p.name.rindex(SUFFIX) + 4 :] for p in paths})
            yield FoundRecording(
                parse_key(cohort, paths[0]), paths[0], root, _explain_absence(endings)
            )


def _is_lost_link(path: Path) -> bool:
    """Return whether a path links to signals that are not here (git-annex)."""
    return bool(find_extension(path)) and path.is_symlink() and not path.exists()


def _explain_absence(endings: list[str]) -> str:
    if ".eeg" in endings:
        return "the signals (.eeg) have no header (.vhdr) beside them"
    if set(endings) <= SIDE_FILES:
        return "the signals are missing: only side files are here"
    return f"no reader for {', '.join(sorted(set(endings) - SIDE_FILES))}"


def _find_listed(
    cohort: str, folder: Path, settings: CohortConfig, table: pd.DataFrame
) -> Iterator[FoundRecording]:
    column = find_column(table, settings.file_column)
    if column is None:
        raise DataError(
            f"Cohort {cohort!r}: {folder} is not BIDS (no sub-* folders) and "
            f"{settings.table} has no column {settings.file_column!r}; found "
            f"{list(table)}."
        )
    for row in table.fillna("").to_dict("records"):
        path = _locate(folder, str(row[column]).replace("\\", "/"))
        entities = (str(row.get(name, "")) for name in ENTITY_COLUMNS)
        key = RecordingKey(cohort, str(row["participant_id"]), *entities)
        check_labels(key)
        problem = _find_problem(path, folder)
        yield FoundRecording(key, path, None, problem, folder)


def _locate(folder: Path, named: str) -> Path:
    """Return the file that a table names, also where blanks or accents differ."""
    path = folder
    for part in Path(named).parts:
        exact = path / part
        if not exact.exists() and part != ".." and path.is_dir():
            alike = [p for p in path.iterdir() if fold(p.name) == fold(part)]
            exact = alike[0] if len(alike) == 1 else exact
        path = exact
    return path


def _find_problem(path: Path, folder: Path) -> str:
    """Return why a listed file cannot be used, without its name."""
    if not find_extension(path):
        kind = path.suffix or "file without ending"
        return f"a {kind} is not one of {', '.join(EXTENSIONS)}"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "the file lies outside the cohort's folder"
    if not path.exists():
        return "there is no such file"
    return ""


def check_labels(key: RecordingKey) -> None:
    """Check that labels can be part of a file name.

    Raises:
        DataError: If one holds anything but letters, digits, `+`, `.`, `-` and `_`.
    """
    problem = _find_bad_label(key)
    if problem:
        raise DataError(f"Cohort {key.cohort!r}: {problem}.")


def _find_bad_label(key: RecordingKey) -> str:
    """Return which label cannot be part of a file name, empty if all can."""
    bad = next((label for label in key[1:] if label and not LABEL.fullmatch(label)), "")
    if not bad:
        return ""
    return (
        f"{bad!r} cannot be a label; use letters, digits, '+', '.', '-' and '_' for "
        "subjects, sessions, tasks and runs"
    )


def _mark_rivals(found: list[FoundRecording]) -> list[FoundRecording]:
    """Refuse files that claim the same recording: which is right cannot be known."""
    claims = Counter(one.key for one in found)
    return [
        one
        if claims[one.key] == 1
        else replace(
            one, problem=f"{claims[one.key]} files claim to be {one.key.name}; keep one"
        )
        for one in found
    ]
