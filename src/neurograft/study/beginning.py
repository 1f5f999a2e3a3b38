"""Begin a study: look at a folder and a table, and write a study file for them."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.cohorts.columns import find_files, find_labels
from neurograft.cohorts.discovery import find_recordings
from neurograft.cohorts.labels import is_bids
from neurograft.cohorts.participants import read_participants
from neurograft.cohorts.plain_folders import NOBODY
from neurograft.config.cohort import CohortConfig
from neurograft.config.evaluation import EvaluationConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.written_tables import mask_missing, read_written
from neurograft.recordings.found_recording import FoundRecording

# Tables that are looked for, and their endings.
USUAL_TABLE = "participants.tsv"
ENDINGS = (".tsv", ".csv", ".xlsx")
# Tables of BIDS that list something else than people.
NO_PEOPLE = ("scans", "events", "channels", "electrodes", "sessions", "phenotype")
# Healthy people that brain age is learned from, at least: two in every fold.
MIN_HEALTHY = 2 * EvaluationConfig().n_splits


@dataclass(frozen=True)
class FoundFolder:
    """A folder of recordings and its table, as they were found.

    Attributes:
        folder: Of the recordings.
        table_name: Of the table, inside the folder or by its whole path.
        table: Its cells as text, missing ones missing.
        participant_column: With labels of people.
        file_column: With names of files; empty where names of files begin with labels.
        found: Recordings.
        n_matched: Recordings that are of somebody in the table.
    """

    folder: Path
    table_name: str
    table: pd.DataFrame
    participant_column: str
    file_column: str
    found: tuple[FoundRecording, ...]
    n_matched: int

    @property
    def people(self) -> set[str]:
        """Return the labels of people with a recording."""
        return {one.key.participant_id for one in self.found} - {NOBODY}

    @property
    def conditions(self) -> dict[str, int]:
        """Count recordings by the condition that their names state."""
        return dict(Counter(one.key.task for one in self.found).most_common())


@dataclass(frozen=True)
class BeginningChoices:
    """Decisions of the user.

    Attributes:
        name: Title of the study.
        age_column: Empty if ages are unknown.
        sex_column: Empty if sexes are unknown.
        sex_codes: Meaning of values of the sex column that are no words.
        group_column: With the diagnosis.
        patients: Its values that mean a patient.
        controls: Its values that mean a healthy person.
        bids_tasks: Conditions that are used; empty takes all.
    """

    name: str
    age_column: str
    sex_column: str
    sex_codes: Mapping[str, str]
    group_column: str
    patients: tuple[str, ...]
    controls: tuple[str, ...]
    bids_tasks: tuple[str, ...] = ()


def look_at_folder(folder: Path, table: str = "") -> FoundFolder:
    """Look at a folder of recordings, and match its files to the people of a table.

    Args:
        folder: BIDS, or any folder.
        table: Path of the table of people; empty looks for one in the folder.

    Raises:
        DataError: If there is no folder, no table, or no recording of its people.
        ConfigError: If there are several tables.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}; give the one of the recordings.")
    name = _name_table(folder, table) if table else _find_table(folder)
    cells = mask_missing(read_written(folder / name)[0])
    files = find_files(cells) if not is_bids(folder) else []
    best: FoundFolder | None = None
    reasons = []
    for column in find_labels(cells) or list(map(str, cells))[:1]:
        for file_column in (*files, ""):
            try:
                looked = _try(folder, name, cells, column, file_column)
            except (DataError, ConfigError) as error:
                reasons.append(str(error))
                continue
            if best is None or looked.n_matched > best.n_matched:
                best = looked
    if best is None or not best.n_matched:
        why = reasons[0] if reasons else "no file belongs to anybody of the table"
        raise DataError(
            f"The recordings of {folder} could not be matched to the people of {name}: "
            f"{why}"
        )
    return best


def _name_table(folder: Path, table: str) -> str:
    """Return how a study file names a table that the user named.

    Raises:
        DataError: If it is not there.
    """
    path = Path(table)
    whole = path if path.is_file() else folder / table
    if not whole.is_file():
        raise DataError(f"There is no table {table}; give its path.")
    whole = whole.resolve()
    base = folder.resolve()
    return str(whole.relative_to(base) if whole.is_relative_to(base) else whole)


def _find_table(folder: Path) -> str:
    """Find the table of people in a folder.

    Raises:
        DataError: If there is none.
        ConfigError: If there are several.
    """
    if (folder / USUAL_TABLE).is_file():
        return USUAL_TABLE
    found = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS
        and not any(word in path.stem.lower() for word in NO_PEOPLE)
        and not path.name.startswith(("~", "."))
    )
    if not found:
        raise DataError(
            f"{folder} holds no table of people ({', '.join(ENDINGS)}); name one, with "
            "a row per person: neurograft init FOLDER TABLE."
        )
    if len(found) > 1:
        raise ConfigError(
            f"{folder} holds several tables ({', '.join(found)}); say which lists the "
            "people: neurograft init FOLDER TABLE."
        )
    return found[0]


def _try(
    folder: Path, name: str, cells: pd.DataFrame, column: str, file_column: str
) -> FoundFolder:
    """Match recordings to people as if a column held the labels."""
    settings = CohortConfig(
        folder=folder,
        table=name,
        participant_column=column,
        **({"file_column": file_column} if file_column else {}),
    )
    found = tuple(find_recordings("", folder, settings))
    listed = _list_labels(folder, settings)
    matched = [one for one in found if one.key.participant_id in listed]
    return FoundFolder(folder, name, cells, column, file_column, found, len(matched))


def _list_labels(folder: Path, settings: CohortConfig) -> set[str]:
    return set(read_participants(folder, settings)["participant_id"])


def describe_looked(looked: FoundFolder) -> list[str]:
    """Say what was found, in sentences."""
    matched = f"{looked.n_matched} of {len(looked.found)} recordings"
    lines = [
        f"{looked.folder}: {len(looked.found)} recordings of "
        f"{_count_people(len(looked.people))}.",
        f"{looked.table_name}: {_count_people(len(looked.table))}; {matched} are of "
        f"them, by the column {looked.participant_column!r}"
        + (f" and the files of {looked.file_column!r}." if looked.file_column else "."),
    ]
    unusable = sum(bool(one.problem) for one in looked.found)
    if unusable:
        lines.append(
            f"{unusable} recordings cannot be used; `neurograft check` says why."
        )
    if set(looked.conditions) != {""}:
        told = ", ".join(
            f"{k or 'not named'} {n}" for k, n in looked.conditions.items()
        )
        lines.append(f"Conditions: {told}.")
    return lines


def write_beginning(looked: FoundFolder, chosen: BeginningChoices, base: Path) -> str:
    """Write a study file with a comment on every choice.

    Args:
        looked: What was found.
        chosen: What was decided.
        base: Folder that the file will lie in.
    """
    folder = Path(os.path.relpath(looked.folder.resolve(), base.resolve()))
    lines = [
        "# Written by `neurograft init`. `neurograft check` says what it holds, and",
        "# `neurograft run` computes everything; `neurograft settings` lists settings.",
        f"name = {_quote(chosen.name)}",
        f"data_folder = {_quote(folder.parent.as_posix())}",
        'output_folder = "results"',
        "",
        f"# {len(looked.found)} recordings of {_count_people(len(looked.people))}.",
        "[cohorts.clinic]",
        f"folder = {_quote(folder.name)}",
    ]
    lines += _write_table(looked, chosen)
    lines += [
        "",
        "# Without a public cohort, the encoder that comes with the package is taken.",
        "[pretraining]",
        'shipped = "tiny"',
        "",
        _count_groups(looked.table, chosen),
        "[tasks.disease]",
        'kind = "classification"',
        'cohort = "clinic"',
        f"column = {_quote(chosen.group_column)}",
        f"positive = {_list(chosen.patients)}",
        f"negative = {_list(chosen.controls)}",
    ]
    if chosen.age_column and _count_known_ages(looked.table, chosen) >= MIN_HEALTHY:
        lines += _write_age(chosen)
    lines += [
        "",
        "# What only you know; the report shows blank fields as blank.",
        "[report]",
        '# intended_use = "For whom, and at what point of care."',
        '# owner = "Who answers for the study."',
        "# prevalence = 0.05  # share of patients where a predictor is to be used",
    ]
    return "\n".join(lines) + "\n"


def _write_table(looked: FoundFolder, chosen: BeginningChoices) -> list[str]:
    """Write what differs from the usual names of a table."""
    usual = CohortConfig.model_fields
    told: dict[str, Any] = {
        "table": looked.table_name,
        "participant_column": looked.participant_column,
        "file_column": looked.file_column or usual["file_column"].default,
        "age_column": chosen.age_column or usual["age_column"].default,
        "sex_column": chosen.sex_column or usual["sex_column"].default,
    }
    lines = [
        f"{key} = {_quote(value)}"
        for key, value in told.items()
        if value != usual[key].default
    ]
    if chosen.sex_codes:
        pairs = ", ".join(
            f"{_quote(k)} = {_quote(v)}" for k, v in chosen.sex_codes.items()
        )
        lines.append(f"sex_codes = {{ {pairs} }}")
    if chosen.bids_tasks:
        lines.append(
            f"bids_tasks = {_list(chosen.bids_tasks)}  # conditions that are used"
        )
    return lines


def _count_groups(table: pd.DataFrame, chosen: BeginningChoices) -> str:
    values = table[chosen.group_column].dropna().astype(str)
    n_patients = int(values.isin(list(chosen.patients)).sum())
    n_controls = int(values.isin(list(chosen.controls)).sum())
    return f"# {n_patients} patients and {n_controls} controls in the table."


def _count_known_ages(table: pd.DataFrame, chosen: BeginningChoices) -> int:
    """Count the healthy people whose age is known."""
    is_healthy = table[chosen.group_column].isin(list(chosen.controls))
    return int(table.loc[is_healthy, chosen.age_column].notna().sum())


def _write_age(chosen: BeginningChoices) -> list[str]:
    return [
        "",
        "# Brain age: learned from healthy people only.",
        "[tasks.age]",
        'kind = "regression"',
        'cohort = "clinic"',
        f"column = {_quote(chosen.age_column)}",
        f"reference_column = {_quote(chosen.group_column)}",
        f"reference = {_list(chosen.controls)}",
    ]


def _count_people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def _quote(text: str) -> str:
    """Write a text as TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quote, values))}]"
