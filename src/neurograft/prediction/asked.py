"""Find the people asked about: files, a BIDS folder, or a plain folder and a table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.cohorts.discovery import find_bids_root, find_recordings, parse_key
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.formats import EXTENSIONS, is_recording
from neurograft.recordings.found_recording import FoundRecording
from neurograft.tasks.seen_people import DataSet

COLUMNS = ["participant_id", "age", "sex"]


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
    """

    label: str = ""
    age: float | None = None
    sex: str = ""


NOTHING_STATED = Stated()


def find_asked(
    paths: Sequence[Path], *, table: str = "", stated: Stated = NOTHING_STATED
) -> Asked:
    """Find the recordings of the people that are asked about.

    A file outside BIDS gets a number for a label, because its name may be a person's.

    Args:
        paths: Recordings, or one folder of them.
        table: Table of people inside the folder; empty takes `participants.tsv`, if
            there is one.
        stated: Of the one person that all files are of.

    Raises:
        DataError: If a path is no recording, or a folder holds none.
        ConfigError: If age, sex or label are stated of several people.
    """
    # Sidecars are looked for up to the root, which a relative path leaves out.
    paths = [path.absolute() for path in paths]
    if len(paths) == 1 and paths[0].is_dir() and not is_recording(paths[0]):
        asked = _find_in_folder(paths[0], table)
    elif table:
        raise ConfigError(
            "A table describes the people of a folder; give the folder, or --age and "
            "--sex of one person."
        )
    else:
        asked = _take_files(paths, stated.label)
    return _state(asked, stated)


def _find_in_folder(folder: Path, table: str) -> Asked:
    """Find the recordings of a folder; without a table, of a plain one, every file."""
    settings = CohortConfig(folder=folder, table=table or "participants.tsv")
    has_table = bool(table) or (folder / settings.table).is_file()
    data_set = DataSet.of_folder("", "", folder)
    if has_table:
        opened = OpenedCohort("", folder, settings)
        found = tuple(opened.recordings)
        known = opened.people.known[COLUMNS]
    elif is_bids(folder):
        found = tuple(find_recordings("", folder, settings))
        known = pd.DataFrame(columns=COLUMNS)
    else:
        files = sorted(path for path in folder.rglob("*") if is_recording(path))
        if not files:
            raise DataError(
                f"{folder} holds no recording; expected files ending in "
                f"{', '.join(EXTENSIONS)}."
            )
        return _take_files(files, "")._replace(data_set=data_set)
    return Asked(found, _list_people(found, known), data_set, {})


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
    numbered = _number_runs(found)
    data_set = DataSet.of_folder("", "", found[0].bids_root or paths[0].parent)
    people = _list_people(numbered, pd.DataFrame(columns=COLUMNS))
    return Asked(numbered, people, data_set, names)


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
    if stated == NOTHING_STATED:
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
