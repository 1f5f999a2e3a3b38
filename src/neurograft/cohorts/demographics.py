"""Parse age in years and sex as F or M, one row per person."""

from collections.abc import Collection

import pandas as pd

from neurograft.cohorts.ages import CAPPED_AGE_YEARS, parse_ages
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import find_column
from neurograft.files.text import fold

PLAIN_SEX = {
    "f": "F", "female": "F", "w": "F", "woman": "F", "girl": "F", "weiblich": "F",
    "weibl.": "F", "frau": "F", "mädchen": "F", "femme": "F", "féminin": "F",
    "m": "M", "male": "M", "man": "M", "boy": "M", "männlich": "M", "maennlich": "M",
    "männl.": "M", "mann": "M", "junge": "M", "homme": "M", "masculin": "M",
}  # fmt: skip
# Words for neither of both, and for a sex that nobody stated: it is left open.
NOT_STATED = "n/a"
NEITHER = (
    "d", "diverse", "divers", "x", "other", "andere", "nonbinary", "non-binary",
    "non binary", "nb", "intersex", "inter", "unknown", "unbekannt", "unclear",
    "unspecified", "undisclosed", "not stated", "keine angabe", "k.a.", "-", "?",
)  # fmt: skip
SEX_COLUMNS = ("sex", "gender")


def parse_demographics(
    table: pd.DataFrame, settings: CohortConfig, unit: str = "years"
) -> pd.DataFrame:
    """Parse `participant_id`, `age` (years) and `sex` (F, M), one row per subject.

    Args:
        table: The participants table, as text.
        settings: Columns, and what codes mean.
        unit: Of ages.

    Raises:
        DataError: If one subject has two different ages or sexes.
        ConfigError: If the sex column holds codes whose meaning nobody gave; codes are
            never guessed.
    """
    ages = parse_ages(table, settings.age_column, unit)
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


def parse_sexes(table: pd.DataFrame, settings: CohortConfig) -> pd.Series:
    """Return sexes as F or M, NaN where missing or neither.

    Raises:
        ConfigError: If a code is neither a known word nor in `sex_codes`.
    """
    column = find_sex_column(table, settings)
    if column is None:
        return pd.Series(None, index=table.index, dtype=object)
    told = {fold(code).lower(): sex for code, sex in settings.sex_codes.items()}
    cells = clean_codes(table[column])
    unknown = find_sex_codes(table[column], told)
    if unknown:
        counts = ", ".join(f"{code!r} x {(cells == code).sum()}" for code in unknown)
        raise ConfigError(
            f"Column {column!r} of {settings.table} holds {counts}: say what they mean "
            "with sex_codes in the cohort's section, for example { '1' = 'M' }; "
            f"{NOT_STATED!r} leaves the sex open."
        )
    sexes = cells.str.lower().map(PLAIN_SEX | told).astype(object)
    return sexes.where(sexes.isin(["F", "M"]))


def find_sex_codes(cells: pd.Series, told: Collection[str] = ()) -> list[str]:
    """Find the values of a sex column whose meaning is not known, the common first.

    Args:
        cells: As text, missing cells missing.
        told: Values, in lower case, whose meaning somebody said.
    """
    counts = clean_codes(cells).dropna().value_counts()
    known = {*PLAIN_SEX, *NEITHER, *told}
    return [str(code) for code in counts.index if str(code).lower() not in known]


def clean_codes(cells: pd.Series) -> pd.Series:
    """Return codes as text, without the decimals of spreadsheets."""
    return cells.astype("string").str.replace(r"\.0$", "", regex=True)


def find_sex_column(table: pd.DataFrame, settings: CohortConfig) -> str | None:
    """Return the column with the sex; `sex` and `gender` stand for each other."""
    names = [settings.sex_column]
    if settings.sex_column in SEX_COLUMNS:  # BIDS once said gender
        names += SEX_COLUMNS
    found = (find_column(table, name) for name in names)
    return next((column for column in found if column is not None), None)
