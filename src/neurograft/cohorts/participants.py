"""Read the table of participants, as clinics and data sets really write it."""

import re
from pathlib import Path

import pandas as pd

from neurograft.cohorts.demographics import find_sex_column
from neurograft.cohorts.labels import rename_people
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import find_column, say_columns
from neurograft.files.written_tables import MISSING, mask_missing, read_written

# What a table needs to hold.
WANTED = "write a row of column names and a row for every subject"
# The column that names the person, in every table.
LABEL = "participant_id"
# Settings that name a column which a table may lack, unless a study names it.
NAMED = ("file_column", "age_column", "sex_column", "site_column")


def check_folder(folder: Path) -> None:
    """Check that a cohort's folder exists and may be read.

    Raises:
        DataError: If it does not.
    """
    if not folder.is_dir():
        raise DataError(
            f"There is no folder {folder}; correct data_folder, or the folder of the "
            "cohort, in the study file."
        )
    try:
        next(folder.iterdir(), None)
    except PermissionError as error:
        raise DataError(
            f"The folder {folder} may not be read; ask for read permission."
        ) from error


def read_participants(folder: Path, settings: CohortConfig) -> pd.DataFrame:
    """Read the participants table; every cell is text, missing cells are NaN.

    Raises:
        DataError: If the table or its subject column is missing, or it is not a table.
        ConfigError: If a column is missing that the cohort's section names.
    """
    return mask_missing(read_written_participants(folder, settings)[0])


def read_written_participants(
    folder: Path, settings: CohortConfig
) -> tuple[pd.DataFrame, list[str]]:
    """Read the participants table as it is written, and say what was mended.

    The column that names the subject is called `participant_id` whatever it was, and
    people have the labels of their folders. A `group_pattern` adds the columns that it
    finds in the labels of the subjects.

    Raises:
        DataError: If the table or its subject column is missing, or it is not a table.
        ConfigError: If a column is missing that the cohort's section names.
    """
    check_folder(folder)
    path = folder / settings.table
    table, notes = read_people_table(path)
    column = find_column(table, settings.participant_column)
    if column is None:
        raise DataError(
            f"{path} has no column {settings.participant_column!r} with the labels of "
            "people; set participant_column in the cohort's section; "
            f"{say_columns(table, settings.participant_column)}"
        )
    if column != LABEL and LABEL in table:
        # Another column names the people; what is called so stays under another name.
        table = table.rename(columns={LABEL: f"{LABEL} (not used)"})
    table = table.rename(columns={column: LABEL})
    table = table[~table["participant_id"].isin(MISSING)]
    if table.empty:
        raise DataError(f"{path} lists nobody; {WANTED}.")
    table, renamed = rename_people(table, folder)
    if settings.group_pattern:
        table = _add_groups(table, settings.group_pattern)
    _check_named(path, table, settings)
    return table.reset_index(drop=True), [*notes, *renamed]


def read_people_table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a table of people as it is written, and say what was mended.

    Raises:
        DataError: If it is missing or no table; the message is a whole sentence.
    """
    if not path.is_file() and not path.is_symlink():
        raise DataError(
            f"There is no table {path}; add one with a row per subject, or name it "
            "with `table` in the cohort's section."
        )
    if path.is_file() and not path.stat().st_size:
        raise DataError(f"{path} is empty; {WANTED}.")
    try:
        return read_written(path)
    except DataError as error:
        said = str(error).rstrip(".")
        advice = "" if ";" in said else f"; {WANTED}"
        raise DataError(f"{path.parent}: {said}{advice}.") from error


def _check_named(path: Path, table: pd.DataFrame, settings: CohortConfig) -> None:
    """Check that a table has the columns to which a study, or a card, gives a name.

    A column that keeps its default name may be missing.

    Raises:
        ConfigError: If it lacks one.
    """
    for setting in NAMED:
        name = str(getattr(settings, setting))
        if name in ("", CohortConfig.model_fields[setting].default):
            continue
        is_sex = setting == "sex_column"
        found = find_sex_column(table, settings) if is_sex else find_column(table, name)
        if found is None:
            raise ConfigError(
                f"{path} has no column {name!r}, which {setting} names; correct "
                f"{setting} in the cohort's section or leave it out; "
                f"{say_columns(table, name)}"
            )


def _add_groups(table: pd.DataFrame, pattern: str) -> pd.DataFrame:
    """Add the columns named in the pattern, read from the labels of people.

    Raises:
        DataError: If the pattern fits nobody.
    """
    found = table["participant_id"].str.extract(re.compile(pattern))
    named = [name for name in found if isinstance(name, str)]
    if not named or found[named].isna().all(axis=None):
        raise DataError(
            f"group_pattern {pattern!r} finds nothing in labels such as "
            f"{table['participant_id'].iloc[0]!r}; it needs a named group, for "
            "example 'sub-(?P<group>[a-z]+)'."
        )
    columns = {str(name): found[name].astype(object).fillna("") for name in named}
    return table.assign(**columns)
