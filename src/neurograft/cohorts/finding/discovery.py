"""Find the recordings of a cohort: a BIDS-EEG folder, or a plain folder and a table."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from neurograft.cohorts.finding.closed_folders import list_closed, say_closed
from neurograft.cohorts.finding.plain_folders import (
    find_bad_label,
    find_in_plain_folder,
    name_cohort,
)
from neurograft.cohorts.finding.stray_recordings import find_strays
from neurograft.cohorts.labels import (
    is_bids,
    is_subject,
    list_subject_folders,
    name_subject,
)
from neurograft.cohorts.participants import check_folder, read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.formats import EXTENSIONS, find_extension, is_recording
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.sidecars import parse_entities

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
        folder: BIDS root, or a folder with a table whose people files are named after.
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
        else find_in_plain_folder(
            cohort,
            folder,
            settings,
            read_cells() if read_cells else read_participants(folder, settings),
        )
    )
    found = sorted(listed, key=lambda one: (one.key, one.path))
    asked = settings.bids_tasks or {one.key.task for one in found}
    if not any(one.key.task in asked for one in found):
        tasks = sorted({one.key.task for one in found})
        raise DataError(
            f"{name_cohort(cohort)}{folder} holds "
            + (
                f"recordings of the tasks {tasks}, none of them in bids_tasks."
                if found
                else f"no recording; expected files ending in {', '.join(EXTENSIONS)}."
            )
        )
    # Of some that cannot be used nobody knows the task: they stay, with their reason.
    return _mark_rivals(
        [
            one
            for one in found
            if one.key.task in asked or (one.problem and not one.key.task)
        ]
    )


def parse_key(cohort: str, path: Path) -> RecordingKey:
    """Return the key that a BIDS file name states."""
    entities = parse_entities(path.name)
    return RecordingKey(
        cohort,
        f"sub-{entities.get('sub', '')}",
        *(entities.get(name, "") for name in ("ses", "task", "run", "acq")),
    )


def find_bids_root(path: Path) -> Path | None:
    """Find the data set of a recording; None if name and folders are not of BIDS.

    Example:
        >>> find_bids_root(Path("/data/sub-01/eeg/sub-01_task-rest_eeg.edf")).name
        'data'
        >>> find_bids_root(Path("/sub-studies/visit.edf"))
    """
    if "sub" not in parse_entities(path.name):
        return None
    subjects = (one for one in path.absolute().parents if is_subject(one.name))
    return next((one.parent for one in subjects), None)


def _find_bids(cohort: str, root: Path) -> Iterator[FoundRecording]:
    """Find every recording, whether its signals are there or not, and strays."""
    stems: dict[Path, list[Path]] = {}
    closed: dict[Path, OSError] = {}
    for folder in list_subject_folders(root):
        closed |= dict(list_closed(folder))
        yield from _find_closed(cohort, folder, root, closed)
        for path in sorted(folder.glob("**/eeg/*_eeg.*")):
            stem = path.name[: path.name.rindex(SUFFIX)]
            stems.setdefault(path.parent / stem, []).append(path)
    placed = {path for paths in stems.values() for path in paths}
    yield from find_strays(cohort, root, placed)
    for paths in stems.values():
        problem = find_bad_label(parse_key(cohort, paths[0]))
        if problem:
            yield FoundRecording(parse_key(cohort, paths[0]), paths[0], root, problem)
            continue
        signals = [one for one in paths if is_recording(one) or _is_lost_link(one)]
        for path in signals:
            # It can be opened by name, but nobody can say which sidecars it has.
            around = [closed[one] for one in path.parents if one in closed]
            problem = say_closed(around[0]) if around else ""
            yield FoundRecording(parse_key(cohort, path), path, root, problem)
        if not signals:
            endings = sorted({p.name[p.name.rindex(SUFFIX) + 4 :] for p in paths})
            yield FoundRecording(
                parse_key(cohort, paths[0]), paths[0], root, _explain_absence(endings)
            )


def _find_closed(
    cohort: str, folder: Path, root: Path, closed: Mapping[Path, OSError]
) -> Iterator[FoundRecording]:
    """Find the folders of a subject that may not be read: who knows what they hold."""
    for path, error in closed.items():
        if not path.is_relative_to(folder):
            continue
        parts = path.relative_to(root).parts
        if len(parts) == 1 or parts[-1] == "eeg" or parts[-1].startswith("ses-"):
            sessions = [one[4:] for one in parts if one.startswith("ses-")]
            key = RecordingKey(cohort, name_subject(folder.name), *sessions[:1])
            yield FoundRecording(key, path, root, say_closed(error))


def _is_lost_link(path: Path) -> bool:
    """Return whether a path links to signals that are not here (git-annex)."""
    return bool(find_extension(path)) and path.is_symlink() and not path.exists()


def _explain_absence(endings: list[str]) -> str:
    if ".eeg" in endings:
        return "the signals (.eeg) have no header (.vhdr) beside them"
    if set(endings) <= SIDE_FILES:
        return "the signals are missing: only side files are here"
    return f"no reader for {', '.join(sorted(set(endings) - SIDE_FILES))}"


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
