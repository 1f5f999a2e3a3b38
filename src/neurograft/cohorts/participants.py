"""Read the table of participants, as clinics and data sets really write it."""

import re
from pathlib import Path

import pandas as pd

from neurograft.cohorts.labels import rename_people
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.tables import find_column
from neurograft.files.written_tables import MISSING, mask_missing, read_written

# What a table needs to hold.
WANTED = "write a row of column names and a row for every subject"


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
    """
    check_folder(folder)
    path = folder / settings.table
    if not path.is_file() and not path.is_symlink():
        raise DataError(
            f"There is no table {path}; add one with a row per subject, or name it "
            "with `table` in the cohort's section."
        )
    if path.is_file() and not path.stat().st_size:
        raise DataError(f"{path} is empty; {WANTED}.")
    table, notes = read_written(path)
    column = find_column(table, settings.participant_column)
    if column is None:
        raise DataError(
            f"{path} has no column {settings.participant_column!r}; found "
            f"{list(table)}. Set participant_column in the cohort's section."
        )
    table = table.rename(columns={column: "participant_id"})
    table = table[~table["participant_id"].isin(MISSING)]
    if table.empty:
        raise DataError(f"{path} lists nobody; {WANTED}.")
    table, renamed = rename_people(table, folder)
    if settings.group_pattern:
        table = _add_groups(table, settings.group_pattern)
    return table.reset_index(drop=True), [*notes, *renamed]


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
