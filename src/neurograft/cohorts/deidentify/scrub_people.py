"""Tables of people without names: numbers, ages, dates and codes, and nothing else.

A list of columns that are forbidden would miss one. A column stays if its name says
what it holds and its cells are so, or if it holds plain numbers.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.cohorts.ages import CAPPED_AGE_YEARS, PER_YEAR, name_unit, parse_ages
from neurograft.cohorts.columns import HEALTHY_WORDS
from neurograft.cohorts.deidentify.column_names import (
    AGE,
    CODE,
    DATED,
    HAND,
    REFUSED,
    SEX,
    classify_column,
    is_short_name,
    split_column_name,
)
from neurograft.cohorts.deidentify.plain_values import (
    holds_date,
    holds_long_number,
    is_plain_number,
    is_year,
)
from neurograft.cohorts.deidentify.rules import Rules
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.cohorts.demographics import NEITHER, PLAIN_SEX
from neurograft.cohorts.labels import SUBJECT
from neurograft.files.numbers import parse_numbers
from neurograft.files.text import count_things, fold
from neurograft.recordings.formats import find_extension

LABELLED = re.compile(r"^(participant_id|subject|subject_id|id)$", re.IGNORECASE)
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
    (*HEALTHY_WORDS, "patient", "yes", "no", "ja", "nein", "true", "false", "y", "n")
)
# Labels of fewer characters, and short numbers, stand in tables for other things.
LEAST_LETTERS = 3
# Why columns are left out.
NAMES = "they name, place or date people"
NUMBERS = "their numbers may be dates or those of people (--keep-columns keeps codes)"
TEXTS = "their texts are not known to be codes (--keep-columns keeps codes)"
ALONE = "no code of theirs is shared by two people"
EMPTY = "they are empty"
Cells = list[str | None]


@dataclass(frozen=True)
class KnownPeople:
    """The people of a data set.

    Attributes:
        labels: Labels as written, by their spelling in lower case, with and without
            the `sub-` of BIDS; those that could be other things are not in it.
        shared: How many people have a cell of a column, by column and cell.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[tuple[str, str], int] = field(default_factory=dict)


def know_people(
    labels: Iterable[str], tables: Iterable[tuple[pd.DataFrame, Sequence[str]]]
) -> KnownPeople:
    """Gather the labels of all people, and how many of them share a cell.

    Args:
        labels: Of all people.
        tables: Of them, each with the person of every row.

    Example:
        >>> table = pd.DataFrame({"group": ["pain", "pain", "other"]})
        >>> people = know_people(["sub-anna"], [(table, ["anna", "2", "3"])])
        >>> people.labels["anna"], people.shared["group", "pain"]
        ('anna', 2)
    """
    known: dict[str, str] = {}
    for label in map(fold, labels):
        bare = SUBJECT.sub("", label, count=1)
        if bare != label or not is_plain_number(bare, whole=MAX_WHOLE_DIGITS):
            known[f"sub-{bare}".lower()] = f"sub-{bare}"
        is_short = len(bare) < LEAST_LETTERS
        if not is_short and not is_plain_number(bare, whole=MAX_WHOLE_DIGITS):
            known[bare.lower()] = bare
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for table, people in tables:
        for column in map(str, table):
            for cell, person in zip(table[column], people, strict=True):
                if isinstance(cell, str):
                    owners[column, cell].add(person)
    return KnownPeople(known, {cell: len(found) for cell, found in owners.items()})


def find_label_column(table: pd.DataFrame, named: str = "") -> str | None:
    """Return the column with the person's label; None if there is none.

    Args:
        table: Of people.
        named: The column, as the user says.
    """
    if named:
        alike = (str(c) for c in table if fold(str(c)).lower() == fold(named).lower())
        return next(alike, None)
    if "participant_id" in table:
        return "participant_id"
    return next((str(c) for c in table if LABELLED.match(str(c))), None)


def is_without_header(table: pd.DataFrame, people: KnownPeople) -> bool:
    """Return whether the names of columns are a person's: a label, or a file."""
    return any(
        fold(name).lower() in people.labels
        or SUBJECT.match(name) is not None
        or find_extension(Path(name)) != ""
        for name in map(str, table)
    )


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
            cells = [c if isinstance(c, str) else None for c in self.table[column]]
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
        if kind == REFUSED or is_named:
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
        return _scrub_numbers(cells)

    def _names_somebody(self, text: str) -> bool:
        """Return whether a word of a text is the label of somebody."""
        words = {*re.findall(r"[\w-]+", text.lower()), *split_column_name(text)}
        return not words.isdisjoint(self.people.labels)

    def _relabel(self, cell: str) -> str | None:
        """Return the new label of whoever a cell names; None if nobody."""
        label = self.people.labels.get(fold(cell).lower())
        return None if label is None else self.rules.scrubber.relabel(label)

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
        is_over = (ages > CAPPED_AGE_YEARS) & self.rules.cap_age
        cap = str(int(CAPPED_AGE_YEARS * per_year))
        return [
            None if cell is None or not _is_age(cell, age) else (cap if over else cell)
            for cell, age, over in zip(cells, ages, is_over, strict=True)
        ]

    def _scrub_codes(self, column: str, cells: Cells) -> tuple[Cells, str]:
        def keep(cell: str) -> str | None:
            label = self._relabel(cell)
            if label is not None:
                return label
            is_number = is_plain_number(cell, whole=MAX_WHOLE_DIGITS)
            n_people = self.people.shared.get((column, cell), 0)
            is_shared = n_people >= LEAST_PEOPLE and self._is_code(cell)
            is_known = is_shared or cell.lower() in KNOWN_CODES
            return cell if is_number or is_known else None

        kept = _apply(keep, cells)
        return (kept, "") if _count(kept) or not _count(cells) else ([], ALONE)

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


def _scrub_numbers(cells: Cells) -> tuple[Cells, str]:
    """Keep short numbers that are no years, if most cells are such."""
    kept = _apply(_keep_number, cells)
    if _is_large(_count(kept), cells):
        return kept, ""
    if not _count(cells):
        return [], EMPTY
    numbers = parse_numbers(pd.Series(cells, dtype=object)).notna().sum()
    return [], NUMBERS if _is_large(int(numbers), cells) else TEXTS


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


def note_names(labels: Iterable[str], scrubber: Scrubber) -> str:
    """Say how many labels look like names; nothing if they are hashed."""
    named = {one for one in labels if re.search(r"[^\W\d_]\s+\S*[^\W\d_]", one)}
    if not named or scrubber.hash_labels:
        return ""
    return (
        f"{count_things(len(named), 'label')} with blanks between letters may be names "
        "of people, and stay: --hash-ids replaces them"
    )


def _apply(scrub: Callable[[str], str | None], cells: Cells) -> Cells:
    return [None if cell is None else scrub(cell) for cell in cells]


def _count(cells: Cells) -> int:
    return sum(cell is not None for cell in cells)


def _is_large(number: int, cells: Cells) -> bool:
    """Return whether a number is that of most cells that are there."""
    return number > 0 and number >= LEAST_SHARE * _count(cells)
