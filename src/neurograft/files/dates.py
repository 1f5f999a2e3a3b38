"""Dates and times of day as people write them into tables."""

import re
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

# Year, month and day in either order, or a month by its name; perhaps a time behind.
BY_NUMBER = re.compile(
    r"\s*(?:(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second>\d{1,2})"
    r"|(?P<one>\d{1,2})[-/.]\s?(?P<other>\d{1,2})[-/.]\s?(?P<last>\d{4}|\d{2}))(?=\D|$)"
)
BY_NAME = re.compile(
    r"\s*(?:(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[-/\s]*(?P<name>[^\W\d_]{3,9})"
    r"|(?P<word>[^\W\d_]{3,9})\.?\s+(?P<of>\d{1,2})(?:\.|st|nd|rd|th)?)"
    r"[-/,.\s]+(?P<year>\d{4}|\d{2})(?=\D|$)"
)
TIME = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d{2}(?:\.\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?!\d)",
    re.IGNORECASE,
)
# The beginnings of names of months in English and German.
MONTHS = {
    "jan": 1, "jän": 1, "feb": 2, "mar": 3, "mär": 3, "mae": 3, "mrz": 3, "apr": 4,
    "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "okt": 10,
    "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip
# Of a year with two digits: 69 is 1969, 68 is 2068, as POSIX says.
FIRST_OF_LAST_CENTURY = 69
N_MONTHS = 12


class _Parts(NamedTuple):
    """Year, and the two numbers behind or before it; which is the month may be open."""

    year: int
    one: int
    other: int
    is_month_first: bool | None


def find_dates(cells: pd.Series) -> pd.Series:
    """Find the cells that begin with a date; missing cells do not.

    Args:
        cells: As text.

    Example:
        >>> find_dates(pd.Series(["17.03.1961", "1961-03-17T09:00", "3.5"])).tolist()
        [True, True, False]
        >>> find_dates(pd.Series(["4. März 2021", "January 04, 2021"])).tolist()
        [True, True]
    """
    return cells.map(lambda cell: _split(cell) is not None).astype(bool)


def find_moments(cells: pd.Series) -> pd.Series:
    """Find the cells that begin with a date and hold a time of day, too.

    Args:
        cells: As text.

    Example:
        >>> find_moments(pd.Series(["01.03.2021 08:10", "01.03.2021"])).tolist()
        [True, False]
    """
    has_time = cells.map(lambda cell: TIME.search(str(cell)) is not None)
    return find_dates(cells) & has_time.astype(bool)


def parse_dates(cells: pd.Series) -> pd.Series:
    """Parse dates, with the time of day where one is written; NaT where there is none.

    The day stands before the month, unless a number above 12 in the second place says
    that the column is written as in the United States.

    Args:
        cells: As text.

    Example:
        >>> dates = parse_dates(pd.Series(["01/13/2021 08:30", "02/03/2021"]))
        >>> [str(one) for one in dates]
        ['2021-01-13 08:30:00', '2021-02-03 00:00:00']
    """
    parts = cells.map(_split)
    known = [one for one in parts if one is not None and one.is_month_first is None]
    is_american = any(one.other > N_MONTHS for one in known) and not any(
        one.one > N_MONTHS for one in known
    )
    found = [
        None if one is None else _put_together(one, str(cell), is_american)
        for one, cell in zip(parts, cells, strict=True)
    ]
    dates = pd.Series(found, index=cells.index, dtype=object)
    return pd.to_datetime(dates, errors="coerce")


def parse_hours(cells: pd.Series) -> pd.Series:
    """Parse cells that are a time of day and nothing else, in hours; else NaN.

    Args:
        cells: As text.

    Example:
        >>> parse_hours(pd.Series(["08:30", "2:45 pm", "9"])).tolist()
        [8.5, 14.75, nan]
    """
    texts = cells.map(lambda cell: str(cell).strip())
    return texts.map(
        lambda text: _read_hour(text) if TIME.fullmatch(text) else np.nan
    ).astype(float)


def _split(cell: object) -> _Parts | None:
    """Split a date into its parts; None if the cell begins with none."""
    text = cell if isinstance(cell, str) else ""
    if match := BY_NUMBER.match(text):
        if match["year"]:
            return _Parts(
                int(match["year"]), int(match["first"]), int(match["second"]), True
            )
        return _Parts(
            _read_year(match["last"]), int(match["one"]), int(match["other"]), None
        )
    if match := BY_NAME.match(text):
        month = MONTHS.get((match["name"] or match["word"]).lower()[:3])
        day = int(match["day"] or match["of"])
        return _Parts(_read_year(match["year"]), month, day, True) if month else None
    return None


def _read_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= FIRST_OF_LAST_CENTURY else 2000)


def _put_together(parts: _Parts, text: str, is_american: bool) -> datetime | None:
    """Return the date and time; None if the calendar has no such day."""
    is_open = parts.is_month_first is None
    is_month_first = is_american if is_open else parts.is_month_first
    month, day = (
        (parts.one, parts.other) if is_month_first else (parts.other, parts.one)
    )
    minutes = round(60 * _read_hour(text)) if TIME.search(text) else 0
    try:
        return datetime(parts.year, month, day, *divmod(minutes, 60))
    except ValueError:
        return None


def _read_hour(text: str) -> float:
    """Read the first time of day of a text that has one."""
    match = TIME.search(text)
    if match is None:
        return float("nan")
    half = (match["half"] or "").lower()[:1]
    hour = int(match["hour"])
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour + int(match["minute"]) / 60
