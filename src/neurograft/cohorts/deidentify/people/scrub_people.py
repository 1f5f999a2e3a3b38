"""Tables of people without names: numbers, ages, dates and codes, and nothing else.

A list of columns that are forbidden would miss one. A column stays if its name says
what it holds and its cells are so, or if it holds plain numbers.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from neurograft.cohorts.ages import (
    CAPPED_AGE_YEARS,
    PER_YEAR,
    find_capped_ages,
    name_unit,
    parse_ages,
)
from neurograft.cohorts.columns import HEALTHY_WORDS
from neurograft.cohorts.deidentify.people.column_names import (
    AGE,
    CODE,
    DATED,
    HAND,
    PERSON,
    REFUSED,
    SEX,
    classify_column,
    is_short_name,
    says_when,
    split_column_name,
)
from neurograft.cohorts.deidentify.people.known_people import (
    LEAST_LETTERS,
    KnownPeople,
    hide_label,
)
from neurograft.cohorts.deidentify.plain_values import (
    MONTH,
    are_months,
    holds_date,
    holds_long_number,
    is_plain_number,
    is_year,
)
from neurograft.cohorts.deidentify.scrubbing import Rules, Scrubber
from neurograft.cohorts.demographics import NEITHER, PLAIN_SEX
from neurograft.files.numbers import parse_numbers
from neurograft.files.text import fold
from neurograft.files.written_tables import EMPTY, MISSING

_HANDS = """
r l a right left both ambidextrous ambidexter mixed rechts links beidhändig beide
right-handed left-handed righthanded lefthanded rechtshänder linkshänder rechtshändig
linkshändig n u
"""
HANDS = frozenset(_HANDS.split())
CODE_NUMBER = re.compile(r"[+-]?\d{1,3}([.,]\d{1,2})?")
# Numbers of people have four digits at most in front of the point, ages three. A number
# of years above this is no age, but may be a year. Chosen here.
MAX_WHOLE_DIGITS = 4
IMPOSSIBLE_AGE_YEARS = 130.0
# Of the cells of a column of numbers or labels, at least this share. Chosen here.
LEAST_SHARE = 0.5
# A code is shared by so many people at least, and has so many words at most. Chosen
# here: a text of one person may say who it is.
LEAST_PEOPLE, MAX_WORDS = 2, 4
KNOWN_CODES = frozenset(
    (
        *HEALTHY_WORDS,
        "patient",
        "yes",
        "no",
        "ja",
        "nein",
        "true",
        "false",
        "y",
        "n",
        "none",
        "unknown",
    )
)
# Why columns are left out.
NAMES = "they name, place or date people"
NUMBERS = "their numbers may be dates or those of people (--keep-columns keeps codes)"
TEXTS = "their texts are not known to be codes (--keep-columns keeps codes)"
LABELS = "most of their numbers are labels of people, too (--keep-columns keeps codes)"
ALONE = "no code of theirs is shared by two people"
NOTHING = "they are empty"
Cells = list[str | None]


@dataclass(frozen=True)
class Scrubbing:
    """A table of people, and all that decides what of it stays.

    Attributes:
        table: Of people, as text, missing cells missing.
        labels: The person of every row.
        rules: The rules of the copy.
        people: All people of the data set.
        units: Units of the ages of columns, as a sidecar says.
    """

    table: pd.DataFrame
    labels: Sequence[str]
    rules: Rules
    people: KnownPeople
    units: Mapping[str, str] = field(default_factory=dict)

    def scrub(
        self, given: Mapping[str, Callable[[str], str | None]]
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return what stays of the table, and sentences on what was left out.

        Args:
            given: How the cells of labels and files are rewritten, by column.
        """
        kept: dict[str, Cells] = {}
        lost: dict[str, list[str]] = {}
        emptied = []
        for column in map(str, self.table):
            is_code = classify_column(column, self.rules.keep_columns) == CODE
            missing = EMPTY if is_code else MISSING
            texts = self.table[column]
            cells = [
                c if isinstance(c, str) and c not in missing else None for c in texts
            ]
            if column in given:
                made, reason = _apply(given[column], cells), ""
            else:
                made, reason = self._scrub_column(column, cells)
            if reason:
                lost.setdefault(reason, []).append(column)
                continue
            kept[column] = made
            number = _count(cells) - _count(made)
            emptied += [f"{column} ({number})"] if number else []
        notes = [f"columns left out: {', '.join(c)}: {why}" for why, c in lost.items()]
        notes += [f"cells left out: {', '.join(emptied)}"] if emptied else []
        return pd.DataFrame(kept, index=self.table.index, dtype=object), notes

    def _scrub_column(self, column: str, cells: Cells) -> tuple[Cells, str]:
        """Return the cells that stay, or the reason why the column does not."""
        kind = classify_column(column, self.rules.keep_columns)
        others = _apply(self._relabel, cells)
        is_named = self._names_somebody(column)
        if _is_large(_count(others), cells) and is_short_name(column) and not is_named:
            return others, ""
        if kind == PERSON and not is_named:
            return self._scrub_labels(cells)
        if kind in (REFUSED, PERSON) or is_named:
            return [], NAMES
        scrub = {
            DATED: self._shift_dates,
            AGE: self._scrub_ages,
            SEX: _scrub_sexes,
            HAND: _scrub_hands,
        }.get(kind)
        if scrub is not None:
            return scrub(column, cells), ""
        if kind == CODE:
            return self._scrub_codes(column, cells)
        if _is_large(_count(_apply(self._relabel_number, cells)), cells):
            return [], LABELS
        return self._scrub_numbers(cells)

    def _names_somebody(self, text: str) -> bool:
        """Return whether a word of a text is the label of somebody."""
        words = {*re.findall(r"[\w-]+", text.lower()), *split_column_name(text)}
        return not words.isdisjoint(self.people.labels)

    def _relabel(self, cell: str) -> str | None:
        """Return the new label of whoever a cell names; None if nobody."""
        return self._hide(self.people.labels.get(fold(cell).lower()))

    def _relabel_number(self, cell: str) -> str | None:
        """Return the new label of whom a number means that is hardly a measure."""
        is_sought = self.rules.scrubber.hash_labels
        return self._hide(self.people.find_number(cell)) if is_sought else None

    def _hide(self, label: str | None) -> str | None:
        if label is None:
            return None
        return hide_label(label, self.rules.scrubber, self.people)

    def _scrub_labels(self, cells: Cells) -> tuple[Cells, str]:
        """Relabel the people whom a column names, also those who are not here.

        Short numbers stay, for they may be counts: of a first twin, or a family.
        """

        def relabel(cell: str) -> str | None:
            label = self._hide(self.people.find_label(cell))
            number = re.fullmatch(r"(\d{1,4})([.,]0+)?", cell)
            if label is None and cell.lower() in KNOWN_CODES:
                return cell
            if label is not None or number is None or is_year(cell):
                return label
            is_count = len(number[1]) < LEAST_LETTERS
            return cell if is_count else self.rules.scrubber.relabel(number[1])

        kept = _apply(relabel, cells)
        return (kept, "") if _count(kept) or not _count(cells) else ([], NAMES)

    def _shift_dates(self, column: str, cells: Cells) -> Cells:
        del column
        pairs = zip(cells, self.labels, strict=True)
        return [
            None if cell is None else shift_text(cell, label, self.rules.scrubber)
            for cell, label in pairs
        ]

    def _scrub_ages(self, column: str, cells: Cells) -> Cells:
        """Keep what is an age, and replace those above 89 by 89, if they must be."""
        unit = self.units.get(column) or name_unit(column) or "years"
        per_year = PER_YEAR.get(unit, 1.0)
        texts = pd.DataFrame({"age": cells}, dtype=object)
        plain = parse_numbers(texts["age"]) / per_year
        ages = parse_ages(texts, "age", unit).fillna(plain)
        is_over = find_capped_ages(texts, "age", unit) & self.rules.cap_age
        cap = str(int(CAPPED_AGE_YEARS * per_year))
        return [
            None if cell is None or not _is_age(cell, age) else (cap if over else cell)
            for cell, age, over in zip(cells, ages, is_over, strict=True)
        ]

    def _scrub_codes(self, column: str, cells: Cells) -> tuple[Cells, str]:
        is_timed = says_when(column)
        is_told = classify_column(column) != CODE

        def keep(cell: str) -> str | None:
            label = self._relabel(cell) or (not is_told and self._relabel_number(cell))
            if label:
                return label
            n_people = self.people.shared.get((column, cell), 0)
            is_shared = n_people >= LEAST_PEOPLE and self._is_code(cell)
            is_known = is_shared or cell.lower() in KNOWN_CODES
            if is_year(cell):
                return cell if is_known and not is_timed else None
            is_number = is_plain_number(cell, whole=MAX_WHOLE_DIGITS)
            return cell if is_number or is_known else None

        kept = _apply(keep, _drop_months(cells))
        return (kept, "") if _count(kept) or not _count(cells) else ([], ALONE)

    def _scrub_numbers(self, cells: Cells) -> tuple[Cells, str]:
        """Keep short numbers that are no years, if most cells are such."""

        def keep(cell: str) -> str | None:
            label = self._relabel_number(cell) if cell.startswith("0") else None
            return label or _keep_number(cell)

        kept = _apply(keep, _drop_months(cells))
        if _is_large(_count(kept), cells):
            return kept, ""
        if not _count(cells):
            return [], NOTHING
        numbers = parse_numbers(pd.Series(cells, dtype=object)).notna().sum()
        return [], NUMBERS if _is_large(int(numbers), cells) else TEXTS

    def _is_code(self, cell: str) -> bool:
        """Return whether a text is short, and holds no date, number or label."""
        is_safe = not holds_date(cell) and not holds_long_number(cell)
        return (
            is_safe
            and len(cell.split()) <= MAX_WORDS
            and not self._names_somebody(cell)
        )


def _is_age(cell: str, age_years: float) -> bool:
    """Return whether a cell is an age: a number, a limit or a bin, and no date."""
    numbers = re.findall(r"\d+(?:[.,]\d+)?", cell)
    is_plain = all(is_plain_number(number) for number in numbers)
    is_one = np.isfinite(age_years) and 0 <= age_years <= IMPOSSIBLE_AGE_YEARS
    return bool(is_one) and is_plain and not holds_date(cell)


def _scrub_sexes(column: str, cells: Cells) -> Cells:
    del column
    known = {*PLAIN_SEX, *NEITHER}
    return [c if c and _is_known(c, known, r"\d([.,]0)?") else None for c in cells]


def _scrub_hands(column: str, cells: Cells) -> Cells:
    """Keep words of hands, and scores of laterality from -100 to 100."""
    del column
    form = CODE_NUMBER.pattern
    return [c if c and _is_known(c, HANDS, form) else None for c in cells]


def _is_known(cell: str, words: Iterable[str], form: str) -> bool:
    return cell.strip().lower() in words or re.fullmatch(form, cell) is not None


def _drop_months(cells: Cells) -> Cells:
    """Drop numbers such as 3.1991 from a column that is one of months."""
    if not are_months(cell for cell in cells if cell is not None):
        return cells
    return [c if c is None or not MONTH.fullmatch(c.strip()) else None for c in cells]


def _keep_number(cell: str) -> str | None:
    is_short = is_plain_number(cell, whole=MAX_WHOLE_DIGITS)
    return cell if is_short and not is_year(cell) else None


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


def _apply(scrub: Callable[[str], str | None], cells: Cells) -> Cells:
    return [None if cell is None else scrub(cell) for cell in cells]


def _count(cells: Cells) -> int:
    return sum(cell is not None for cell in cells)


def _is_large(number: int, cells: Cells) -> bool:
    """Return whether a number is that of most cells that are there."""
    return number > 0 and number >= LEAST_SHARE * _count(cells)
