"""Find the recordings of a folder that is not BIDS, by its table or by their names.

A table that has a column of files says whose they are. Without one, a file belongs to
the person whose label its name, or the name of a folder around it, begins with.
"""

import errno
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from neurograft.cohorts.finding.closed_folders import list_closed, say_closed
from neurograft.cohorts.labels import ignore_case, ignore_zeros
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.files.tables import find_column
from neurograft.files.text import fold
from neurograft.recordings.formats import (
    EXTENSIONS,
    find_extension,
    list_recording_files,
)
from neurograft.recordings.found_recording import FoundRecording

LABEL = re.compile(r"\w[\w.+-]*")
ENTITY_COLUMNS = ("session", "task", "run", "acquisition")
# Whoever a file is of whose name says nobody: such files are never read.
NOBODY = "unmatched"
MISSING = "there is no such file"
# Words of file names that describe a recording; all other text could name a person.
TASK_WORDS = {
    "rest", "resting", "restingstate", "rs", "ec", "eo", "eyesclosed", "eyesopen",
    "closed", "open", "eyes", "restec", "resteo",
}  # fmt: skip
SESSION = re.compile(
    r"(?:ses|session|visit|v|t)-?\d{1,2}|pre|post|baseline|follow-?up", re.IGNORECASE
)
RUN = re.compile(r"(?:run|rec|part)?-?(\d{1,2})", re.IGNORECASE)


# Labels by spelling, for every way to spell them.
_Index = dict[Callable[[str], str], dict[str, list[str]]]


class _Named(NamedTuple):
    """A file, whose it is, and what the rest of its name says."""

    path: Path
    owner: str
    rest: str
    problem: str = ""


def find_in_plain_folder(
    cohort: str, folder: Path, settings: CohortConfig, table: pd.DataFrame
) -> Iterator[FoundRecording]:
    """Find the recordings that a table lists, or that are named after its people.

    Several recordings of a person that nothing tells apart are numbered as runs.

    Args:
        cohort: Name of the cohort.
        folder: That is not BIDS.
        settings: Of the cohort.
        table: Its people.

    Raises:
        DataError: If the table names no files, and no file is named after its people.
    """
    column = find_column(table, settings.file_column)
    if column is not None:
        yield from _number_runs(_find_listed(cohort, folder, column, table))
        return
    labels = list(dict.fromkeys(table["participant_id"].astype(str)))
    files = list_recording_files(folder)
    index = _index_labels(labels)
    named = [_find_owner(path, folder, index) for path in files]
    for path, error in list_closed(folder):
        owner = _find_owner(path, folder, index).owner if path != folder else ""
        named.append(_Named(path, owner, "", say_closed(error)))
    if not any(one.owner for one in named):
        raise DataError(_explain_unmatched(cohort, folder, settings, table, len(files)))
    for key in {one.owner: RecordingKey(cohort, one.owner) for one in named}.values():
        if key.participant_id:
            check_labels(key)
    yield from _list_named(cohort, folder, named)


def _explain_unmatched(
    cohort: str, folder: Path, settings: CohortConfig, table: pd.DataFrame, n_files: int
) -> str:
    """Say that no file of a folder is named after anybody, and what to do."""
    if not n_files:
        return (
            f"{name_cohort(cohort)}{folder} holds no recording; expected files ending "
            f"in {', '.join(EXTENSIONS)}."
        )
    column = settings.file_column if cohort else "file"
    setting = ", or name the column with the files with file_column" if cohort else ""
    return (
        f"{name_cohort(cohort)}{folder} is not BIDS (no sub-* folders), and no "
        f"recording there ({n_files} found) has a name that begins with a label of "
        f"{settings.table}, such as {table['participant_id'].iloc[0]!r}; begin the "
        f"names of files with the labels, or add a column {column!r} with the path of "
        f"each file{setting}."
    )


def _find_listed(
    cohort: str, folder: Path, column: str, table: pd.DataFrame
) -> Iterator[FoundRecording]:
    """Find what a column of files lists."""
    for row in table.fillna("").to_dict("records"):
        path = locate_file(folder, str(row[column]))
        entities = (str(row.get(name, "")) for name in ENTITY_COLUMNS)
        key = RecordingKey(cohort, str(row["participant_id"]), *entities)
        check_labels(key)
        problem = _find_problem(path, folder)
        if not row[column]:
            problem = "the table names no file"
        yield FoundRecording(key, path, None, problem, folder)


def _number_runs(found: Iterable[FoundRecording]) -> Iterator[FoundRecording]:
    """Number different files of one person that the table does not tell apart."""
    once = list({(one.key, one.path): one for one in found}.values())
    claims = Counter(one.key for one in once)
    numbers: Counter[RecordingKey] = Counter()
    for one in once:
        if claims[one.key] > 1 and not one.key.run:
            numbers[one.key] += 1
            key = one.key._replace(run=str(numbers[one.key]))
            yield replace(one, key=key)
        else:
            yield one


def _find_owner(path: Path, folder: Path, index: _Index) -> _Named:
    """Find the person whose label the name of a file, or of its folder, begins with."""
    *around, name = path.relative_to(folder).parts
    stem = name[: len(name) - len(find_extension(path))]
    found: dict[str, str] = {}
    for part in (stem, *reversed(around)):
        owners, rest = _match_label(part, index)
        if len(owners) > 1:
            return _Named(path, "", "", "its name fits several labels of the table")
        if owners:
            found.setdefault(owners[0], rest)
    if len(found) > 1:
        return _Named(path, "", "", "its name and its folder fit different labels")
    if not found:
        return _Named(path, "", "", "its name begins with no label of the table")
    ((owner, rest),) = found.items()
    own = "" if _match_label(stem, index)[0] else stem
    visits = [part for part in around if SESSION.fullmatch(part)]
    return _Named(path, owner, " ".join((*visits, rest, own)).strip())


def _index_labels(labels: list[str]) -> _Index:
    """List labels by their spelling: as they are, in any case, without zeros."""
    index: _Index = {loosen: {} for loosen in (str, ignore_case, ignore_zeros)}
    for loosen, spelled in index.items():
        for label in labels:
            spelled.setdefault(loosen(label), []).append(label)
    return index


def _match_label(part: str, index: _Index) -> tuple[list[str], str]:
    """Return the labels that a name begins with, the longest only, and its rest.

    Example:
        >>> index = _index_labels(["P1", "P10", "2"])
        >>> _match_label("P1_rest", index), _match_label("02-b", index)
        ((['P1'], '_rest'), (['2'], '-b'))
    """
    text = fold(part)
    ends = [i for i in range(len(text), 0, -1) if not text[i : i + 1].isalnum()]
    for loosen, spelled in index.items():
        for end in ends:
            owners = spelled.get(loosen(text[:end]), [])
            if owners:
                return owners, text[end:]
    return [], ""


def _list_named(
    cohort: str, folder: Path, named: list[_Named]
) -> Iterator[FoundRecording]:
    """List named files; a person's several are told apart, or else numbered."""
    lost = [one for one in named if not one.owner]
    for number, one in enumerate(lost, start=1):
        key = RecordingKey(cohort, NOBODY, run=str(number))
        yield FoundRecording(key, one.path, None, one.problem, folder)
    by_owner: dict[str, list[_Named]] = {}
    for one in named:
        if one.owner:
            by_owner.setdefault(one.owner, []).append(one)
    for owner, own in by_owner.items():
        keys = [RecordingKey(cohort, owner, **_read_rest(one.rest)) for one in own]
        if len(set(keys)) < len(keys):
            keys = [key._replace(run=str(n)) for n, key in enumerate(keys, start=1)]
        for key, one in zip(keys, own, strict=True):
            problem = one.problem or _find_problem(one.path, folder)
            yield FoundRecording(key, one.path, None, problem, folder)


def _read_rest(rest: str) -> dict[str, str]:
    """Read session, task and run from the rest of a name; other words are left out.

    Example:
        >>> _read_rest("_visit2_EC"), _read_rest("_Maier_2")
        ({'session': 'visit2', 'task': 'EC'}, {'run': '2'})
    """
    said: dict[str, str] = {}
    tokens = [
        re.sub(r"^task-", "", word.strip("-"), flags=re.IGNORECASE)
        for word in re.split(r"[^\w-]+|_", rest)
    ]
    runs = [run[1] for run in map(RUN.fullmatch, tokens) if run]
    if len(runs) == 1:
        said["run"] = runs[0]
    for token in tokens:
        if SESSION.fullmatch(token):
            own = re.sub(r"^ses-|-", "", token, flags=re.IGNORECASE)
            said["session"] = said.get("session", "") + own
        elif token.lower() in TASK_WORDS:
            said["task"] = said.get("task", "") + token
    return said


def locate_file(folder: Path, named: str) -> Path:
    """Return the file that a table names, also where blanks or accents differ.

    A path may be written as Windows does, with backslashes. What can be no name of a
    file, or lies in a folder that may not be read, is returned as it is written.
    """
    path = folder
    inside = Path(named.replace("\\", "/"))
    try:
        for part in inside.parts:
            exact = path / part
            if not exact.exists() and part != ".." and path.is_dir():
                alike = [p for p in path.iterdir() if fold(p.name) == fold(part)]
                exact = alike[0] if len(alike) == 1 else exact
            path = exact
    except (OSError, ValueError):
        return folder / inside
    return path


def _find_problem(path: Path, folder: Path) -> str:
    """Return why a listed file cannot be used, without its name."""
    if not find_extension(path):
        kind = path.suffix or "file without ending"
        return f"a {kind} is not one of {', '.join(EXTENSIONS)}"
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return "the file lies outside the cohort's folder"
        return "" if path.exists() else MISSING
    except ValueError:  # it can be no name of a file
        return MISSING
    except OSError as error:
        return MISSING if error.errno == errno.ENAMETOOLONG else say_closed(error)


def check_labels(key: RecordingKey) -> None:
    """Check that labels can be part of a file name.

    Raises:
        DataError: If one holds anything but letters, digits, `+`, `.`, `-` and `_`.
    """
    problem = find_bad_label(key)
    if problem:
        raise DataError(f"{name_cohort(key.cohort)}{problem}.")


def name_cohort(cohort: str) -> str:
    """Begin a sentence with the name of a cohort; without one, with nothing.

    Example:
        >>> name_cohort("clinic"), name_cohort("")
        ("Cohort 'clinic': ", '')
    """
    return f"Cohort {cohort!r}: " if cohort else ""


def find_bad_label(key: RecordingKey) -> str:
    """Return which label cannot be part of a file name, empty if all can."""
    bad = next((label for label in key[1:] if label and not LABEL.fullmatch(label)), "")
    if not bad:
        return ""
    return (
        f"{bad!r} cannot be a label; use letters, digits, '+', '.', '-' and '_' for "
        "subjects, sessions, tasks and runs"
    )
