"""Who was recorded: the participants table, with age in years and sex as F or M."""

from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.config import CohortConfig
from neurograft.errors import ConfigError, DataError

MISSING = ("", "n/a", "N/A", "NA", "nan", "NaN", "None", "unknown")
PLAIN_SEX = {"f": "F", "female": "F", "m": "M", "male": "M"}
MAX_AGE_YEARS = 120.0


def check_folder(folder: Path) -> None:
    """Check that a cohort's folder exists.

    Raises:
        DataError: If it does not.
    """
    if not folder.is_dir():
        raise DataError(
            f"There is no folder {folder}; correct data_folder, or the folder of the "
            "cohort, in the study file."
        )


def read_participants(folder: Path, settings: CohortConfig) -> pd.DataFrame:
    """Read the participants table; every cell is text, missing cells are NaN.

    The column that names the subject is called `participant_id` whatever it was.

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
    separator = "," if path.suffix.lower() == ".csv" else "\t"
    try:
        table = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            na_values=list(MISSING),
            encoding="utf-8-sig",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as bad:
        raise DataError(f"{path} is not a table in UTF-8: {bad}.") from bad
    table = pd.DataFrame(
        {str(name).strip(): cells.str.strip() for name, cells in table.items()}
    )
    if settings.participant_column not in table:
        raise DataError(
            f"{path} has no column {settings.participant_column!r}; found "
            f"{list(table)}. Set participant_column in the cohort's section."
        )
    return table.rename(columns={settings.participant_column: "participant_id"})


def read_demographics(folder: Path, settings: CohortConfig) -> pd.DataFrame:
    """Read `participant_id`, `age` (years) and `sex` (F, M), one row per subject.

    Raises:
        DataError: If one subject has two different ages or sexes.
        ConfigError: If the sex column holds codes whose meaning nobody gave; codes are
            never guessed.
    """
    table = read_participants(folder, settings)
    people = pd.DataFrame(
        {
            "participant_id": table["participant_id"],
            "age": parse_ages(table, settings.age_column),
            "sex": parse_sexes(table, settings),
        }
    ).drop_duplicates()
    repeated = people["participant_id"][people["participant_id"].duplicated()]
    if len(repeated):
        raise DataError(
            f"{folder / settings.table}: {repeated.iloc[0]} has rows that disagree on "
            "age or sex; correct the table."
        )
    return people.reset_index(drop=True)


def parse_ages(table: pd.DataFrame, column: str) -> pd.Series:
    """Ages in years; missing and impossible ones are NaN. Decimal commas are read."""
    if column not in table:
        return pd.Series(np.nan, index=table.index)
    ages = parse_numbers(table[column])
    return ages.where((ages > 0) & (ages <= MAX_AGE_YEARS))


def parse_numbers(cells: pd.Series) -> pd.Series:
    """Text to numbers, decimal commas included; what is not a number is NaN."""
    text = cells.astype("string").str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").astype(float)


def parse_sexes(table: pd.DataFrame, settings: CohortConfig) -> pd.Series:
    """Sexes as F or M, NaN where missing.

    Raises:
        ConfigError: If a code is neither f/m, female/male nor in `sex_codes`.
    """
    column = settings.sex_column
    if column not in table:
        return pd.Series(None, index=table.index, dtype=object)
    meaning = PLAIN_SEX | {
        code.lower(): sex for code, sex in settings.sex_codes.items()
    }
    cells = table[column]
    sexes = cells.str.lower().map(meaning)
    unknown = cells[cells.notna() & sexes.isna()]
    if len(unknown):
        counts = ", ".join(
            f"{code!r} x {n}" for code, n in unknown.value_counts().items()
        )
        raise ConfigError(
            f"Column {column!r} of {settings.table} holds {counts}: say what they mean "
            "with sex_codes in the cohort's section, for example { '1' = 'M' }."
        )
    return sexes.astype(object)
