"""Read the table of participants, as clinics and data sets really write it."""

import re
from io import StringIO
from pathlib import Path

import pandas as pd

from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.files.tables import MISSING, find_column
from neurograft.recordings.brainvision import decode_text

EXCEL = (".xlsx", ".xlsm")


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

    The column that names the subject is called `participant_id` whatever it was. A
    `group_pattern` adds the columns that it finds in the labels of the subjects.

    Raises:
        DataError: If the table or its subject column is missing, or it is not a table.
    """
    check_folder(folder)
    path = folder / settings.table
    if not path.is_file():
        raise DataError(
            f"There is no table {path}; add one with a row per subject, or name it "
            "with `table` in the cohort's section."
        )
    table = read_cells(path)
    column = find_column(table, settings.participant_column)
    if column is None:
        raise DataError(
            f"{path} has no column {settings.participant_column!r}; found "
            f"{list(table)}. Set participant_column in the cohort's section."
        )
    table = table.rename(columns={column: "participant_id"})
    table = table[table["participant_id"].notna()]
    if settings.group_pattern:
        table = _add_groups(table, settings.group_pattern)
    return table.reset_index(drop=True)


def read_cells(path: Path) -> pd.DataFrame:
    """Read a table (.tsv, .csv with commas or semicolons, .xlsx) as text.

    Raises:
        DataError: If it is not one.
    """
    try:
        if path.suffix.lower() in EXCEL:
            table = pd.read_excel(path, dtype=str, na_values=list(MISSING))
        else:
            table = _read_text(path)
    except ImportError as missing:
        raise DataError(
            f"{path} needs the package openpyxl: pip install 'neurograft[excel]', or "
            "save the table as .csv."
        ) from missing
    except (ValueError, KeyError, OSError, pd.errors.EmptyDataError) as bad:
        raise DataError(f"{path} is not a table: {bad}.") from bad
    text = {str(name).strip(): _strip(cells) for name, cells in table.items()}
    table = pd.DataFrame(text)
    return table.dropna(how="all").reset_index(drop=True)


def _read_text(path: Path) -> pd.DataFrame:
    content = path.read_bytes()
    if b"\x00" in content:
        raise DataError(f"{path} is not a table in UTF-8 or Latin-1.")
    text, _ = decode_text(content)
    first_line = text.split("\n", 1)[0]
    marks = ";," if path.suffix.lower() == ".csv" else "\t"
    separator = max(marks, key=first_line.count)
    return pd.read_csv(
        StringIO(text), sep=separator, dtype=str, na_values=list(MISSING)
    )


def _strip(cells: pd.Series) -> pd.Series:
    """Strip blanks around text; missing marks become missing."""
    stripped = cells.astype(object).where(cells.notna(), None).astype("string")
    stripped = stripped.str.strip()
    return stripped.mask(stripped.isin(list(MISSING))).astype(object)


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
    return table.assign(**{str(name): found[name].astype(object) for name in named})
