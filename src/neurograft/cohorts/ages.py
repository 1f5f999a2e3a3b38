"""Read ages in years: numbers, bins, limits, and units that a table or sidecar names.

The one reader of ages: of people, of what goes with a label, and of what is predicted.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurograft.errors import DataError
from neurograft.files.dates import find_dates
from neurograft.files.numbers import find_codes, parse_numbers
from neurograft.files.tables import find_column
from neurograft.files.text import count_things, fold, read_json, say_text

# Chosen here: no verified age has exceeded 122 years.
MAX_AGE_YEARS = 120.0
# BIDS 1.10: ages above 89 identify people.
CAPPED_AGE_YEARS = 89.0
# Units of age in a year, and the words for them. A lone `m` is no unit: it may be male.
PER_YEAR = {"years": 1.0, "months": 12.0, "weeks": 365.25 / 7, "days": 365.25}
WORDS = {
    "years": r"y|yrs?|years?|a|jahre?n?",
    "months": r"mo|mos|mths?|months?|monate?n?",
    "weeks": r"wks?|weeks?|wochen?",
    "days": r"days?|tag(?:en?)?",
}
# In a description, only whole words for units count: an "a" may be an article.
LONG_WORDS = {
    "years": r"years?|yrs?|jahre?n?",
    "months": r"months?|mths?|monate?n?",
    "weeks": r"weeks?|wks?|wochen?",
    "days": r"days|tagen?",
}
# In a name, as in "age_on_recording_day": one day is when, not how old.
A_DAY = re.compile(r"(?<![a-z])(?:day|tag)(?![a-z])", re.IGNORECASE)
UNIT = "|".join(WORDS.values())
NUMBER = r"\d{1,5}(?:[.,]\d+)?"
# A lone "J." is a year too, but only in a cell: as a unit of a column it is the joule.
BEHIND = rf"\s*(?:({UNIT}|j)\.?)?(?:\s*(?:old|of age|alt))?"
# "20-25", "20 to 25 years", "[20, 25)".
AGE_BIN = re.compile(
    rf"[\[(]?({NUMBER})\s*(?:-|\u2013|\u2014|to|bis|, )\s*({NUMBER})[\])]?{BEHIND}",
    re.IGNORECASE,
)
# "89+", "> 89", "89 or older": the limit is all that is known.
AGE_LIMIT = re.compile(
    rf"(?:(?:>=?|\u2265|over|\u00fcber)\s*({NUMBER})"
    rf"|({NUMBER})\s*(?:\+|or (?:older|over|more))){BEHIND}",
    re.IGNORECASE,
)
AGE_WITH_UNIT = re.compile(rf"({NUMBER}){BEHIND}", re.IGNORECASE)


def read_age_unit(table_file: Path, table: pd.DataFrame, column: str) -> str:
    """Return the unit of a column of ages: years, months, weeks, days, or other words.

    It stands in the JSON file beside the table (`Units`, else in words of the
    `Description` or `LongName`), else in the column's name.

    Args:
        table_file: Of the table.
        table: Its cells.
        column: Column with ages.
    """
    found = find_column(table, column)
    if found is None:
        return "years"
    entry = _read_entry(table_file.with_suffix(".json"), found)
    said = say_text(entry.get("units", entry.get("unit")))
    described = (say_text(entry.get(key)) for key in ("description", "longname"))
    return (
        name_unit(said)
        or said
        or next(filter(None, map(_find_described, described)), "")
        or name_unit(A_DAY.sub("", found))
        or "years"
    )


def find_damaged_units(table_file: Path) -> list[str]:
    """Say whether the JSON file beside a table, with its units, cannot be read.

    Args:
        table_file: Of the table.
    """
    path = table_file.with_suffix(".json")
    if not path.is_file() and not path.is_symlink():
        return []
    try:
        read_json(path)
    except DataError as error:
        return [f"{error}: units of ages that it may state are not known"]
    return []


def _read_entry(path: Path, column: str) -> dict[str, Any]:
    """Read what the JSON file of a table says of a column, by keys in lower case.

    One that says a text only describes the column by it.
    """
    if not path.is_file():
        return {}
    try:
        entries = read_json(path)
    except DataError:  # `find_damaged_units` says so
        return {}
    for name, entry in entries.items():
        if fold(name).lower() != column.lower():
            continue
        if isinstance(entry, dict):
            return {key.lower(): value for key, value in entry.items()}
        return {"description": entry}
    return {}


def _find_described(words: str) -> str:
    """Find the unit that a description states; nothing where several could be meant.

    Example:
        >>> _find_described("age in months at recording, within 2 days")
        'months'
        >>> _find_described("age of a participant")
        ''
    """
    text = A_DAY.sub("", words).lower()
    for start in (r"\bin\s+(?:\w+\s+)?", r"\b"):
        found = [
            unit
            for unit, spellings in LONG_WORDS.items()
            if re.search(rf"{start}(?:{spellings})\b", text)
        ]
        if len(found) == 1:
            return found[0]
    return ""


def name_unit(words: str) -> str:
    """Return the unit of time that stands among words; nothing if none does.

    Example:
        >>> name_unit("age_months"), name_unit("Years (at inclusion)")
        ('months', 'years')
        >>> name_unit("ageInMonths")
        'months'
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", fold(words))
    plain = re.split(r"[\W_\d]+", apart.lower())
    for unit, spellings in WORDS.items():
        if any(re.fullmatch(spellings, word) for word in plain):
            return unit
    return ""


def parse_ages(
    table: pd.DataFrame, column: str, unit: str = "years"
) -> "pd.Series[float]":
    """Return ages in years; missing and impossible ones are NaN.

    So is a code for what is missing, such as 99 where nobody is older than 33. Decimal
    commas are read, and units that stand in a cell. A bin such as "20-25" counts as its
    middle, "89+" as 89.

    Args:
        table: The participants table, as text.
        column: Column with ages.
        unit: Of numbers without one; other words than those of `PER_YEAR` mean years.
    """
    found = find_column(table, column)
    if found is None:
        return pd.Series(np.nan, index=table.index)
    cells = table[found]
    numbers = parse_numbers(cells)
    ages = numbers / PER_YEAR.get(unit, 1.0)
    texts = ["" if pd.isna(cell) else fold(str(cell)) for cell in cells]
    in_words = [_parse_words(text, unit) for text in texts]
    ages = ages.fillna(pd.Series(in_words, index=table.index, dtype=float))
    if unit == "years":
        ages = ages.mask(find_codes(numbers))
    return ages.where((ages > 0) & (ages <= MAX_AGE_YEARS))


def find_capped_ages(
    table: pd.DataFrame, column: str, unit: str = "years"
) -> "pd.Series[bool]":
    """Find the ages that BIDS asks to cap: those above 89, and limits such as "89+".

    Impossible ages are among them if they are numbers.

    Args:
        table: Of people, as text.
        column: Column with ages.
        unit: Of numbers without one.

    Example:
        >>> table = pd.DataFrame({"age": ["91 J.", "> 89", "89+", "89", "12"]})
        >>> find_capped_ages(table, "age").tolist()
        [True, True, True, False, False]
    """
    plain = parse_numbers(table[column]) / PER_YEAR.get(unit, 1.0)
    ages = parse_ages(table, column, unit).fillna(plain)
    texts = table[column].astype("string").fillna("")
    is_limit = texts.map(lambda text: AGE_LIMIT.fullmatch(fold(text)) is not None)
    is_at_limit = is_limit.astype(bool) & (ages >= CAPPED_AGE_YEARS)
    return (ages > CAPPED_AGE_YEARS) | is_at_limit


def _parse_words(text: str, unit: str) -> float:
    """Return the age in years that a bin, a limit or a number with a unit means."""
    for pattern in (AGE_WITH_UNIT, AGE_BIN, AGE_LIMIT):
        match = pattern.fullmatch(text)
        if match:
            *parts, own = match.groups()
            numbers = [float(part.replace(",", ".")) for part in parts if part]
            per_year = PER_YEAR.get(name_unit(own) if own else unit, 1.0)
            return sum(numbers) / len(numbers) / per_year
    return np.nan


def note_ages(table: pd.DataFrame, column: str, unit: str = "years") -> list[str]:
    """Describe the ages in sentences that a reader should know."""
    found = find_column(table, column)
    if found is None:
        return [f"no column {column!r}: ages are unknown" if column else "no ages"]
    cells = table[found].astype("string")
    ages = parse_ages(table, column, unit)
    kinds = Counter(
        _name_kind(text)
        for text, age in zip(cells, ages, strict=True)
        if pd.notna(text) and pd.notna(age)
    )
    missing = int(cells.isna().sum())
    is_none = ages.isna() & cells.notna()
    dates = int((is_none & find_dates(cells)).sum())
    impossible = int(is_none.sum()) - dates
    over = int((ages > CAPPED_AGE_YEARS).sum())
    converted = int(ages.notna().sum()) if unit != "years" else 0
    done = "converted to years" if unit in PER_YEAR else "taken as years"
    n_bins, n_limits = kinds["bin"], kinds["limit"]
    sentences = {
        f"{_count_ages(missing)} missing": missing,
        f"{_count_ages(dates)} written as a date, perhaps of birth: give the age at "
        "the recording in years, and no date of birth": dates,
        f"{count_things(impossible, 'age')} cannot be (0, negative, over 120, a "
        "code such as 99, or no number)": impossible,
        f"ages are in {unit[:30]}: they are {done}": converted,
        f"{_count_ages(n_bins)} read from a bin: its middle is taken": n_bins,
        f"{_count_ages(n_limits)} read from a limit such as 89+: the limit is "
        "taken": n_limits,
        f"{_count_ages(over)} over 89, which identifies people: set cap_age": over,
    }
    return [sentence for sentence, count in sentences.items() if count]


def _count_ages(number: int) -> str:
    return f"{count_things(number, 'age')} {'is' if number == 1 else 'are'}"


def _name_kind(text: str) -> str:
    """Return whether an age is a bin, a limit or a number."""
    kinds = {"bin": AGE_BIN, "limit": AGE_LIMIT}
    return next(
        (k for k, pattern in kinds.items() if pattern.fullmatch(text)), "number"
    )
