"""Parse age in years and sex as F or M, one row per person."""

import numpy as np
import pandas as pd

from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import find_column, parse_numbers

PLAIN_SEX = {
    "f": "F", "female": "F", "w": "F", "woman": "F",
    "m": "M", "male": "M", "man": "M",
}  # fmt: skip
SEX_COLUMNS = ("sex", "gender")
# Chosen here: no verified age has exceeded 122 years.
MAX_AGE_YEARS = 120.0
# BIDS 1.10: ages above 89 identify people.
CAPPED_AGE_YEARS = 89.0
AGE_BIN = r"^(\d{1,3}(?:\.\d+)?)\s*(?:-|\u2013|to|bis)\s*(\d{1,3}(?:\.\d+)?)$"


def parse_demographics(table: pd.DataFrame, settings: CohortConfig) -> pd.DataFrame:
    """Parse `participant_id`, `age` (years) and `sex` (F, M), one row per subject.

    Args:
        table: The participants table, as text.
        settings: Columns, and what codes mean.

    Raises:
        DataError: If one subject has two different ages or sexes.
        ConfigError: If the sex column holds codes whose meaning nobody gave; codes are
            never guessed.
    """
    ages = parse_ages(table, settings.age_column)
    if settings.cap_age:
        ages = ages.clip(upper=CAPPED_AGE_YEARS)
    people = pd.DataFrame(
        {
            "participant_id": table["participant_id"],
            "age": ages,
            "sex": parse_sexes(table, settings),
        }
    ).drop_duplicates()
    repeated = people["participant_id"][people["participant_id"].duplicated()]
    if len(repeated):
        raise DataError(
            f"{settings.table}: {repeated.iloc[0]} has rows that disagree on "
            "age or sex; correct the table."
        )
    return people.reset_index(drop=True)


def parse_ages(table: pd.DataFrame, column: str) -> pd.Series:
    """Return ages in years; missing and impossible ones are NaN.

    Decimal commas are read. A bin such as "20-25" counts as its middle.
    """
    found = find_column(table, column)
    if found is None:
        return pd.Series(np.nan, index=table.index)
    cells = table[found].astype("string")
    ages = parse_numbers(cells)
    bins = cells.str.replace(",", ".", regex=False).str.extract(AGE_BIN).astype(float)
    ages = ages.fillna(bins.mean(axis=1, skipna=False))
    return ages.where((ages > 0) & (ages <= MAX_AGE_YEARS))


def note_ages(table: pd.DataFrame, column: str) -> list[str]:
    """Describe the ages in sentences that a reader should know."""
    found = find_column(table, column)
    if found is None:
        return [f"no column {column!r}: ages are unknown"]
    cells = table[found].astype("string")
    ages = parse_ages(table, column)
    bins = int(cells.str.fullmatch(AGE_BIN[1:-1]).sum())
    impossible = int((ages.isna() & cells.notna()).sum())
    sentences = {
        f"{int(cells.isna().sum())} ages are missing": int(cells.isna().sum()),
        f"{impossible} ages cannot be (0, negative, over 120, or no number)": (
            impossible
        ),
        f"{bins} ages are bins: their middle is taken": bins,
        f"{int((ages > CAPPED_AGE_YEARS).sum())} ages are over 89 and identify people: "
        "set cap_age": int((ages > CAPPED_AGE_YEARS).sum()),
    }
    return [sentence for sentence, count in sentences.items() if count]


def parse_sexes(table: pd.DataFrame, settings: CohortConfig) -> pd.Series:
    """Return sexes as F or M, NaN where missing.

    Raises:
        ConfigError: If a code is neither f/m, female/male nor in `sex_codes`.
    """
    column = _find_sex_column(table, settings)
    if column is None:
        return pd.Series(None, index=table.index, dtype=object)
    meaning = PLAIN_SEX | {
        code.lower(): sex for code, sex in settings.sex_codes.items()
    }
    cells = table[column].astype("string").str.replace(r"\.0$", "", regex=True)
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


def _find_sex_column(table: pd.DataFrame, settings: CohortConfig) -> str | None:
    names = [settings.sex_column]
    if settings.sex_column in SEX_COLUMNS:  # BIDS once said gender
        names += SEX_COLUMNS
    found = (find_column(table, name) for name in names)
    return next((column for column in found if column is not None), None)
