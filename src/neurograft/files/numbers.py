"""Numbers as people write them: decimal commas, thousands, codes for missing ones."""

import re

import numpy as np
import pandas as pd

from neurograft.files.text import fold
from neurograft.types import BoolArray

# A number that can be read in one way only, once its marks are known.
PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
# Groups of three digits behind one, two or three digits that do not begin with zero.
GROUPED = re.compile(
    r"[-+]?[1-9]\d{0,2}(?:(?P<mark>[.,'\u2019 ])\d{3})(?:(?P=mark)\d{3})*"
)
# Signs that are written instead of a minus.
MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
# From here on, whole numbers could have been written with a mark for thousands.
LEAST_HUNDREDS = 100.0
# Numbers by which spreadsheets and SPSS mark what is missing. Positive ones count only
# where they are this many times as large as all others. Chosen here.
MISSING_CODES = (
    -9.0, -88.0, -99.0, -888.0, -999.0, -9999.0,
    99.0, 777.0, 888.0, 998.0, 999.0, 9999.0,
)  # fmt: skip
CODE_FACTOR = 3.0


def parse_numbers(cells: pd.Series) -> "pd.Series[float]":
    """Return text as finite numbers; NaN for what is none.

    Decimal commas are read, and marks between thousands where the column shows that
    they are (`12.5` beside `1,234`). See `find_unclear` for where it does not.
    """
    texts = _clean(cells)
    decimals, thousands = _learn_marks(texts)
    numbers = [_parse(text, decimals, thousands) for text in texts]
    return pd.Series(numbers, index=cells.index, dtype=float)


def find_unclear(cells: pd.Series) -> list[str]:
    """List numbers whose mark may be one of decimals or of thousands, and why.

    Such are `1,234` or `1.234` where no other number of the column has decimals, and
    others are whole and in the hundreds.

    Returns:
        The first such number and a whole number beside it; empty if all is clear.
    """
    texts = [text for text in _clean(cells) if text]
    decimals, thousands = _learn_marks(texts)
    known = decimals | thousands
    unclear = [
        text
        for text in texts
        if (mark := _find_single_mark(text)) and not ({mark} & known or decimals)
    ]
    whole = [
        text
        for text in texts
        if re.fullmatch(r"[-+]?\d+", text) and abs(float(text)) >= LEAST_HUNDREDS
    ]
    return [unclear[0], whole[0]] if unclear and whole else []


def has_decimal_commas(cells: pd.Series) -> bool:
    """Return whether a column of numbers is written with commas."""
    return bool(cells.dropna().astype(str).str.fullmatch(r"-?\d+,\d+").any())


def find_codes(numbers: "pd.Series[float]") -> BoolArray:
    """Return which numbers are codes for what is missing, such as -9 or 999.

    A negative code counts where no other number is negative, a positive one where it is
    at least three times as large as all others.
    """
    values = numbers.to_numpy(dtype=float)
    is_code = np.isin(values, MISSING_CODES)
    others = values[np.isfinite(values) & ~is_code]
    if not len(others) or not is_code.any():
        return np.zeros(len(values), dtype=bool)
    is_low = (values < 0) & (others.min() >= 0)
    is_high = (values > 0) & (values >= CODE_FACTOR * max(abs(others).max(), 1.0))
    return np.asarray(is_code & (is_low | is_high))


def _clean(cells: pd.Series) -> list[str]:
    return ["" if pd.isna(c) else fold(str(c)).translate(MINUS) for c in cells]


def _find_single_mark(text: str) -> str:
    """Return the mark of a number that has one, with three digits behind it."""
    match = GROUPED.fullmatch(text)
    return match["mark"] if match and text.count(match["mark"]) == 1 else ""


def _learn_marks(texts: list[str]) -> tuple[set[str], set[str]]:
    """Learn from numbers that are clear which marks separate decimals and thousands."""
    decimals: set[str] = set()
    thousands = {"'", "\u2019", " "}
    for text in texts:
        marks = re.findall(r"[.,]", text)
        if not marks or not re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", text, re.I):
            continue
        if len(set(marks)) == 2:
            decimals.add(marks[-1])
            thousands.add(marks[0])
        elif len(marks) > 1:
            thousands.add(marks[0])
        elif not _find_single_mark(text):
            decimals.add(marks[0])
    return decimals, thousands - decimals


def _parse(text: str, decimals: set[str], thousands: set[str]) -> float:
    """Parse one number, given what is known of the marks in its column."""
    mark = _find_single_mark(text)
    if mark and (mark in thousands or (decimals and mark not in decimals)):
        text = text.replace(mark, "")
    marks = re.findall(r"[.,'\u2019 ]", text)
    if len(marks) > 1:
        whole, last, rest = text.rpartition(marks[-1])
        is_decimal = last in ".," and last not in marks[:-1]
        grouped = whole if is_decimal else text
        if not GROUPED.fullmatch(grouped):
            return np.nan
        text = re.sub(r"[.,'\u2019 ]", "", grouped)
        text += f".{rest}" if is_decimal else ""
    text = text.replace(",", ".")
    number = float(text) if PLAIN.fullmatch(text) else np.nan
    return number if np.isfinite(number) else np.nan
