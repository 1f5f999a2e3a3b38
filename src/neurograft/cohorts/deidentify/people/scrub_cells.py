"""Cells of tables of people: ages, sexes, hands, numbers and dates that may stay."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np
import pandas as pd

from neurograft.cohorts.ages import (
    CAPPED_AGE_YEARS,
    PER_YEAR,
    find_capped_ages,
    parse_ages,
)
from neurograft.cohorts.columns import HEALTHY_WORDS
from neurograft.cohorts.deidentify.plain_values import (
    MONTH,
    are_months,
    holds_date,
    is_plain_number,
    is_year,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.cohorts.demographics import NEITHER, PLAIN_SEX
from neurograft.files.numbers import parse_numbers

_HANDS = """
r l a right left both ambidextrous ambidexter mixed rechts links beidhändig beide
right-handed left-handed righthanded lefthanded rechtshänder linkshänder rechtshändig
linkshändig n u
"""
HANDS = frozenset(_HANDS.split())
CODE_NUMBER = re.compile(r"[+-]?\d{1,3}([.,]\d{1,2})?")
_CODES = "patient yes no ja nein true false y n none unknown"
# Words that may stand in a column of codes, also if only one person has them.
KNOWN_CODES = frozenset((*HEALTHY_WORDS, *_CODES.split()))
# Numbers of people have four digits at most in front of the point, ages three. A number
# of years above this is no age, but may be a year. Chosen here.
MAX_WHOLE_DIGITS = 4
IMPOSSIBLE_AGE_YEARS = 130.0
# Of the cells of a column of numbers or labels, at least this share. Chosen here.
LEAST_SHARE = 0.5
Cells = list[str | None]


def scrub_ages(cells: Cells, unit: str, *, cap_age: bool) -> Cells:
    """Keep what is an age, and replace those above 89 by 89, if they must be.

    Args:
        cells: Of the column.
        unit: Of its numbers.
        cap_age: Whether high ages are replaced.

    Example:
        >>> scrub_ages(["34", "91 J.", "Huber"], "years", cap_age=True)
        ['34', '89', None]
    """
    per_year = PER_YEAR.get(unit, 1.0)
    texts = pd.DataFrame({"age": cells}, dtype=object)
    plain = parse_numbers(texts["age"]) / per_year
    ages = parse_ages(texts, "age", unit).fillna(plain)
    is_over = find_capped_ages(texts, "age", unit) & cap_age
    cap = str(int(CAPPED_AGE_YEARS * per_year))
    return [
        None if cell is None or not _is_age(cell, age) else (cap if over else cell)
        for cell, age, over in zip(cells, ages, is_over, strict=True)
    ]


def _is_age(cell: str, age_years: float) -> bool:
    """Return whether a cell is an age: a number, a limit or a bin, and no date."""
    numbers = re.findall(r"\d+(?:[.,]\d+)?", cell)
    is_plain = all(is_plain_number(number) for number in numbers)
    is_one = np.isfinite(age_years) and 0 <= age_years <= IMPOSSIBLE_AGE_YEARS
    return bool(is_one) and is_plain and not holds_date(cell)


def scrub_sexes(cells: Cells) -> Cells:
    """Keep known words of sexes, and codes of one digit."""
    known = {*PLAIN_SEX, *NEITHER}
    return [c if c and _is_known(c, known, r"\d([.,]0)?") else None for c in cells]


def scrub_hands(cells: Cells) -> Cells:
    """Keep words of hands, and scores of laterality from -100 to 100."""
    form = CODE_NUMBER.pattern
    return [c if c and _is_known(c, HANDS, form) else None for c in cells]


def _is_known(cell: str, words: Iterable[str], form: str) -> bool:
    return cell.strip().lower() in words or re.fullmatch(form, cell) is not None


def drop_months(cells: Cells) -> Cells:
    """Drop numbers such as 3.1991 from a column that is one of months."""
    if not are_months(cell for cell in cells if cell is not None):
        return cells
    return [c if c is None or not MONTH.fullmatch(c.strip()) else None for c in cells]


def is_short_number(cell: str) -> bool:
    """Return whether a cell is a number of few digits, which may also be a year."""
    return is_plain_number(cell, whole=MAX_WHOLE_DIGITS)


def keep_number(cell: str) -> str | None:
    """Return a short number that is no year; None for other cells."""
    return cell if is_short_number(cell) and not is_year(cell) else None


def shift_text(cell: str, label: str, scrubber: Scrubber) -> str | None:
    """Shift an ISO date or time by the weeks of a person; what is none is removed.

    Args:
        cell: With the date.
        label: The person.
        scrubber: Hides people.
    """
    try:
        date = datetime.fromisoformat(cell.strip().removesuffix("Z"))
    except ValueError:
        return None
    shifted = scrubber.shift(label, date)
    return None if shifted is None else shifted.isoformat()


def apply_to_cells(scrub: Callable[[str], str | None], cells: Cells) -> Cells:
    """Scrub every cell that is there; equal ones are scrubbed once."""
    made = {cell: scrub(cell) for cell in set(cells) if cell is not None}
    return [None if cell is None else made[cell] for cell in cells]


def count_cells(cells: Cells) -> int:
    """Count the cells that are there."""
    return sum(cell is not None for cell in cells)


def are_most(kept: Cells, cells: Cells) -> bool:
    """Return whether most cells that were there are still there."""
    number = count_cells(kept)
    return number > 0 and number >= LEAST_SHARE * count_cells(cells)
