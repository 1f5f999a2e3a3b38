"""Find the people asked about: files, a BIDS folder, or a plain folder and a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from neurograft.cohorts.finding.discovery import (
    find_bids_root,
    find_recordings,
    parse_key,
)
from neurograft.cohorts.finding.plain_folders import NOBODY, find_bad_label
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.formats import EXTENSIONS, is_recording, list_recording_files
from neurograft.recordings.found_recording import FoundRecording
from neurograft.tasks.seen_people import DataSet

COLUMNS = ["participant_id", "age", "sex"]
# Chosen here: the oldest person on record was 122.
MAX_AGE = 122


class Asked(NamedTuple):
    """Recordings that were found, and the people they are of.

    Attributes:
        found: Recordings.
        people: `participant_id`, `age` (years), `sex` (F, M), missing where unknown.
        data_set: What their folder is; labels mean the same person inside it.
        names: Names of the files that a neutral label stands for, by that label.
    """

    found: tuple[FoundRecording, ...]
    people: pd.DataFrame
    data_set: DataSet
    names: dict[str, str]


class Stated(NamedTuple):
    """Facts that the user states of one person.

    Attributes:
        label: Of the person; empty takes the name of a BIDS file, else a number.
        age: Years; None if unknown.
        sex: F or M; empty if unknown.
        condition: In which the recordings were made whose names do not say it.
    """

    label: str = ""
    age: float | None = None
    sex: str = ""
    condition: str = ""


NOTHING_STATED = Stated()


def check_stated(stated: Stated) -> None:
    """Check what is stated of a person.

    Raises:
        ConfigError: If it cannot be of anybody, or the label cannot name a file.
    """
    label, age, sex, condition = stated
    if find_bad_label(RecordingKey("", "", task=condition)):
        raise ConfigError(
            f"The condition {condition!r} cannot be one; give a word such as rest."
        )
    problem = find_bad_label(RecordingKey("", label))
    if problem or set(label) == {"."}:
        raise ConfigError(
            f"The label {label!r} cannot name a file; use letters, digits, '+', '.', "
            "'-' and '_'."
        )
    if age is not None and not 0 <= age <= MAX_AGE:
        raise ConfigError(
            f"An age of {age:g} is none; give years from 0 to {MAX_AGE}, or leave it "
            "out if it is unknown."
        )
    if sex not in ("", "F", "M"):
        raise ConfigError(
            f"The sex {sex!r} is not known here; give F or M, or leave it out."
        )


def find_asked(
    paths: Sequence[Path],
    *,
    table: str = "",
    stated: Stated = NOTHING_STATED,
    reading: Mapping[str, Any] | None = None,
) -> Asked:
    """Find the recordings of the people that are asked about.

    A file outside BIDS gets a number for a label, because its name may be a person's.

    Args:
        paths: Recordings, or one folder of them.
        table: Table of people inside the folder; empty takes `participants.tsv`, if
            there is one.
        stated: Of the one person that all files are of.
        reading: How the study read its table (`CohortConfig.people_settings`), as far
            as the table has those columns.

    Raises:
        DataError: If a path is no recording, or a folder holds none.
        ConfigError: If age, sex or label are stated of several people or cannot be, or
            files of two people have one label.
    """
    check_stated(stated)
    if not paths:
        raise ConfigError("No recording was given; give at least one.")
    # Sidecars are looked for up to the root, which a relative path leaves out.
    paths = [path.absolute() for path in paths]
    if len(paths) == 1 and paths[0].is_dir() and not is_recording(paths[0]):
        asked = _find_in_folder(paths[0], table, reading or {})
    elif table:
        raise ConfigError(
            "A table describes the people of a folder; give the folder, or --age and "
            "--sex of one person."
        )
    else:
        asked = _take_files(paths, stated.label)
    return _state(asked, stated)


def _find_in_folder(folder: Path, table: str, reading: Mapping[str, Any]) -> Asked:
    """Find the recordings of a folder; without a table, of a plain one, every file."""
    settings = CohortConfig(folder=folder, table=table or "participants.tsv")
    has_table = bool(table) or (folder / settings.table).is_file()
    data_set = DataSet.of_folder("", "", folder)
    if has_table:
        if not (folder / settings.table).is_file() and Path(table).is_file():
            settings = settings.model_copy(update={"table": str(Path(table).resolve())})
        opened, known = _open_table(folder, settings, reading)
        found, names = _number_strangers(opened.recordings)
        return Asked(found, _list_people(found, known), data_set, names)
    if is_bids(folder):
        found = tuple(find_recordings("", folder, settings))
        known = pd.DataFrame(columns=COLUMNS)
    else:
        files = list_recording_files(folder)
        if not files:
            raise DataError(
                f"{folder} holds no recording; expected files ending in "
                f"{', '.join(EXTENSIONS)}."
            )
        return _take_files(files, "")._replace(data_set=data_set)
    return Asked(found, _list_people(found, known), data_set, {})


def _open_table(
    folder: Path, settings: CohortConfig, reading: Mapping[str, Any]
) -> tuple[OpenedCohort, pd.DataFrame]:
    """Open a folder and its table, as the study read its own where columns are alike.

    Raises:
        ConfigError: If the table cannot be read so.
    """
    columns = _list_columns(folder, settings, reading)
    own = {
        name: value
        for name, value in reading.items()
        if not name.endswith("_column") or value in columns
    }
    opened = OpenedCohort("", folder, settings.model_copy(update=own))
    try:
        return opened, opened.people.known[COLUMNS]
    except ConfigError as error:
        raise ConfigError(
            f"{folder / settings.table} cannot be read as the study read its table "
            f"({str(error).removesuffix('.')}); write one with the columns "
            "participant_id, age (years) and sex (F, M)."
        ) from error


def _list_columns(
    folder: Path, settings: CohortConfig, reading: Mapping[str, Any]
) -> set[str]:
    """List the columns of a table, whose labels stand as in the study or as usual."""
    if "participant_column" in reading:
        told = {"participant_column": reading["participant_column"]}
        with suppress(DataError):
            opened = OpenedCohort("", folder, settings.model_copy(update=told))
            return {*opened.cells.columns, reading["participant_column"]}
    return set(OpenedCohort("", folder, settings).cells.columns)


def _number_strangers(
    found: Sequence[FoundRecording],
) -> tuple[tuple[FoundRecording, ...], dict[str, str]]:
    """Let every file of nobody in the table be one of a person with a number."""
    numbered: list[FoundRecording] = []
    names: dict[str, str] = {}
    for one in found:
        if one.key.participant_id == NOBODY:
            label = f"person-{len(names) + 1:02d}"
            names[label] = one.path.name
            key = RecordingKey("", label)
            one = FoundRecording(key, one.path, one.bids_root, "", one.folder)
        numbered.append(one)
    return tuple(numbered), names


def _take_files(paths: Sequence[Path], label: str) -> Asked:
    """Take files one by one; those outside BIDS are numbered."""
    found, names = [], {}
    for number, path in enumerate(paths, start=1):
        if not path.exists():
            raise DataError(f"There is no file {path}; give the path of a recording.")
        if not is_recording(path):
            raise DataError(
                f"{path.name} is no recording; expected a file ending in "
                f"{', '.join(EXTENSIONS)}, or a folder of them."
            )
        root = find_bids_root(path)
        key = parse_key("", path) if root else RecordingKey("", f"person-{number:02d}")
        if label:
            key = key._replace(participant_id=label)
        elif not root:
            names[key.participant_id] = path.name
        found.append(FoundRecording(key, path, root, "", path.parent))
    if not label:
        _check_data_sets(found)
    numbered = _number_runs(found)
    data_set = DataSet.of_folder("", "", found[0].bids_root or paths[0].parent)
    people = _list_people(numbered, pd.DataFrame(columns=COLUMNS))
    return Asked(numbered, people, data_set, names)


def _check_data_sets(found: Sequence[FoundRecording]) -> None:
    """Check that a label stands for one person: labels of two data sets are no proof.

    Raises:
        ConfigError: If not.
    """
    roots: dict[str, Path | None] = {}
    for one in found:
        who = one.key.participant_id
        if roots.setdefault(who, one.bids_root) != one.bids_root:
            raise ConfigError(
                f"{who} is a label of two data sets ({roots[who]} and "
                f"{one.bids_root}), so that it may be two people; ask about one of "
                "them, or say with a label of your own that it is one person."
            )


def _number_runs(found: Sequence[FoundRecording]) -> tuple[FoundRecording, ...]:
    """Number files of one person whose names do not tell them apart."""
    claims = Counter(one.key for one in found)
    numbers: Counter[RecordingKey] = Counter()
    numbered = []
    for one in found:
        if claims[one.key] > 1:
            numbers[one.key] += 1
            key = one.key._replace(run=f"{numbers[one.key]:02d}")
            one = FoundRecording(key, one.path, one.bids_root, one.problem, one.folder)
        numbered.append(one)
    return tuple(numbered)


def _list_people(found: Sequence[FoundRecording], known: pd.DataFrame) -> pd.DataFrame:
    """List everybody with a recording, with what a table says of them."""
    labels = sorted({one.key.participant_id for one in found})
    people = pd.DataFrame({"participant_id": labels}, dtype=object)
    people = people.merge(known, on="participant_id", how="left")
    people["age"] = pd.to_numeric(people["age"], errors="coerce").astype(float)
    people["sex"] = people["sex"].astype(object).where(people["sex"].notna(), None)
    return people[COLUMNS]


def _state(asked: Asked, stated: Stated) -> Asked:
    """Add what the user states of one person.

    Raises:
        ConfigError: If there are several.
    """
    if stated.condition:
        found = tuple(_name_condition(one, stated.condition) for one in asked.found)
        asked = asked._replace(found=found)
    if stated._replace(condition="") == NOTHING_STATED:
        return asked
    n_people = len(asked.people)
    if n_people != 1:
        raise ConfigError(
            f"Label, age and sex are of one person, and {n_people} people were found; "
            "give one person's files, or a folder with a table of ages and sexes."
        )
    people = asked.people.copy()
    if stated.age is not None:
        people["age"] = np.array([stated.age])
    if stated.sex:
        people["sex"] = [stated.sex]
    return asked._replace(people=people)


def _name_condition(one: FoundRecording, condition: str) -> FoundRecording:
    """Name the condition of a recording whose name does not."""
    key = one.key._replace(task=one.key.task or condition)
    return FoundRecording(key, one.path, one.bids_root, one.problem, one.folder)
