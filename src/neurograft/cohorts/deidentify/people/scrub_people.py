"""Tables of people without names: numbers, ages, dates and codes, and nothing else.

A list of columns that are forbidden would miss one. A column stays if its name says
what it holds and its cells are so, or if it holds plain numbers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from neurograft.cohorts.ages import name_unit
from neurograft.cohorts.deidentify.people.column_names import (
    AGE,
    CODE,
    DATED,
    HAND,
    PERSON,
    REFUSED,
    SEX,
    classify_column,
    find_parts_of_dates,
    is_known_column,
    says_when,
)
from neurograft.cohorts.deidentify.people.known_people import (
    LEAST_LETTERS,
    KnownPeople,
    hide_label,
)
from neurograft.cohorts.deidentify.people.personal_names import (
    is_personal_header,
    list_name_words,
    names_somebody,
)
from neurograft.cohorts.deidentify.people.scrub_cells import (
    KNOWN_CODES,
    LEAST_SHARE,
    Cells,
    apply_to_cells,
    are_most,
    count_cells,
    drop_months,
    is_short_number,
    keep_number,
    scrub_ages,
    scrub_hands,
    scrub_sexes,
    shift_text,
)
from neurograft.cohorts.deidentify.people.sentences import (
    ALONE,
    HEADERS,
    LABELS,
    NAMES,
    NOTHING,
    NUMBERS,
    OWN,
    PARTS,
    TEXTS,
    say_cells_left,
    say_columns_left,
    say_texts_alone,
    say_what_to_look_at,
    show_column,
)
from neurograft.cohorts.deidentify.plain_values import (
    holds_date,
    holds_long_number,
    is_year,
)
from neurograft.cohorts.deidentify.scrubbing import Rules
from neurograft.cohorts.labels import ignore_zeros
from neurograft.files.numbers import parse_numbers
from neurograft.files.text import fold
from neurograft.files.written_tables import EMPTY, MISSING

# A code is shared by so many people at least, and has so many words at most. Chosen
# here: a text of one person may say who it is.
LEAST_PEOPLE, MAX_WORDS = 2, 4
# So many people have their own label in a column of numbers that holds labels. Chosen
# here: of fewer, numbers may be the same by chance.
LEAST_OWN = 3
Rewriting = Mapping[str, Callable[[str], str | None]]


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

    def scrub(self, given: Rewriting) -> tuple[pd.DataFrame, list[str]]:
        """Return what stays of the table, and sentences on what does not.

        Args:
            given: How the cells of labels and files are rewritten, by column.
        """
        kept: dict[str, Cells] = {}
        lost: dict[str, list[str]] = {}
        notes = []
        for column in map(str, self.table):
            cells = self._read_cells(column)
            if column in given:
                made = apply_to_cells(given[column], cells)
                number = count_cells(cells) - count_cells(made)
                notes += say_cells_left(column, number, "file")
            else:
                made, reason = self._scrub_column(column, cells)
                if reason:
                    lost.setdefault(reason, []).append(self._show(column))
                    continue
                notes += self._say_cells(column, cells, made)
            kept[column] = made
        unknown = [one for one in kept if one not in given and not is_known_column(one)]
        notes = say_columns_left(lost) + notes
        notes += say_what_to_look_at("names of columns that stay", unknown)
        return pd.DataFrame(kept, index=self.table.index, dtype=object), notes

    @cached_property
    def _names(self) -> frozenset[str]:
        return list_name_words(self.table, self.labels)

    @cached_property
    def _parts_of_dates(self) -> frozenset[str]:
        return find_parts_of_dates(list(map(str, self.table)))

    def _classify(self, column: str) -> str:
        return classify_column(column, self.rules.keep_columns)

    def _read_cells(self, column: str) -> Cells:
        missing = EMPTY if self._classify(column) == CODE else MISSING
        cells = self.table[column]
        return [c if isinstance(c, str) and c not in missing else None for c in cells]

    def _is_hidden(self, column: str) -> bool:
        return is_personal_header(column, self.people, self._names)

    def _show(self, column: str) -> str:
        columns = list(map(str, self.table))
        return show_column(columns, column, is_hidden=self._is_hidden(column))

    def _say_cells(self, column: str, cells: Cells, made: Cells) -> list[str]:
        """Say which cells of a column were left out, and which texts stay."""
        kind = self._classify(column)
        rows = list(zip(cells, made, self.labels, strict=True))
        lost = [(cell, who) for cell, new, who in rows if cell and new is None]
        is_code = kind == CODE
        alone = [who for cell, who in lost if is_code and self._is_alone(column, cell)]
        notes = say_texts_alone(column, len(set(alone)))
        notes += say_cells_left(column, len(lost) - len(alone), kind)
        if is_code:
            texts = [c for c, new, _ in rows if c and c == new and self._is_text(c)]
            notes += say_what_to_look_at(f"texts that stay in {column}", texts)
        return notes

    def _scrub_column(self, column: str, cells: Cells) -> tuple[Cells, str]:
        """Return the cells that stay, or the reason why the column does not."""
        kind = self._classify(column)
        if self._is_hidden(column):
            return [], HEADERS
        if column in self._parts_of_dates:
            return [], PARTS
        others = apply_to_cells(self._relabel, cells)
        if are_most(others, cells):
            return others, ""
        if kind == REFUSED:
            return [], NAMES
        scrub: Callable[[Cells], Cells] | None = {
            DATED: self._shift_dates,
            AGE: lambda cells: self._scrub_ages(column, cells),
            SEX: scrub_sexes,
            HAND: scrub_hands,
        }.get(kind)
        if scrub is not None:
            return scrub(cells), ""
        if kind == PERSON:
            return self._scrub_labels(cells)
        if kind == CODE:
            return self._scrub_codes(column, cells)
        return self._scrub_numbers(cells)

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

    def _shift_dates(self, cells: Cells) -> Cells:
        pairs = zip(cells, self.labels, strict=True)
        return [
            None if cell is None else shift_text(cell, label, self.rules.scrubber)
            for cell, label in pairs
        ]

    def _scrub_ages(self, column: str, cells: Cells) -> Cells:
        unit = self.units.get(column) or name_unit(column) or "years"
        return scrub_ages(cells, unit, cap_age=self.rules.cap_age)

    def _scrub_labels(self, cells: Cells) -> tuple[Cells, str]:
        """Relabel the people whom a column names, also those who are not here.

        Short numbers stay, for they may be counts: of a first twin, or a family.
        """
        if self._are_own_labels(cells):
            return [], OWN

        def relabel(cell: str) -> str | None:
            label = self._hide(self.people.find_label(cell))
            number = re.fullmatch(r"(\d{1,4})([.,]0+)?", cell)
            if label is None and cell.lower() in KNOWN_CODES:
                return cell
            if label is not None or number is None or is_year(cell):
                return label
            is_count = len(number[1]) < LEAST_LETTERS
            return cell if is_count else self.rules.scrubber.relabel(number[1])

        kept = apply_to_cells(relabel, cells)
        return (
            (kept, "") if count_cells(kept) or not count_cells(cells) else ([], NAMES)
        )

    def _scrub_codes(self, column: str, cells: Cells) -> tuple[Cells, str]:
        is_timed = says_when(column)
        is_told = classify_column(column) != CODE

        def keep(cell: str) -> str | None:
            number = None if is_told else self._relabel_number(cell)
            label = self._relabel(cell) or number
            if label is not None:
                return label
            is_shared = self._is_code(cell) and not self._is_alone(column, cell)
            is_known = is_shared or cell.lower() in KNOWN_CODES
            if is_year(cell):
                return cell if is_known and not is_timed else None
            return cell if is_short_number(cell) or is_known else None

        kept = apply_to_cells(keep, drop_months(cells))
        return (
            (kept, "") if count_cells(kept) or not count_cells(cells) else ([], ALONE)
        )

    def _is_alone(self, column: str, cell: str) -> bool:
        """Return whether a text could be a code, and only one person has it."""
        n_people = self.people.shared.get((column, cell), 0)
        return self._is_code(cell) and n_people < LEAST_PEOPLE

    def _is_code(self, cell: str) -> bool:
        """Return whether a text is short, and holds no date, number or name."""
        is_safe = not holds_date(cell) and not holds_long_number(cell)
        is_named = names_somebody(cell, self.people, self._names)
        return is_safe and len(cell.split()) <= MAX_WORDS and not is_named

    def _is_text(self, cell: str) -> bool:
        """Return whether a cell is no number, and no word that is always a code."""
        is_number = is_short_number(cell) or is_year(cell)
        return not is_number and cell.lower() not in KNOWN_CODES

    def _are_own_labels(self, cells: Cells) -> bool:
        """Return whether numbers repeat the labels of their rows, and must not."""
        alike = [
            cell is not None and ignore_zeros(cell) == ignore_zeros(label)
            for cell, label in zip(cells, self.labels, strict=True)
        ]
        own = {
            label for label, is_own in zip(self.labels, alike, strict=True) if is_own
        }
        is_sought = self.rules.scrubber.hash_labels and len(own) >= LEAST_OWN
        return is_sought and sum(alike) >= LEAST_SHARE * count_cells(cells)

    def _scrub_numbers(self, cells: Cells) -> tuple[Cells, str]:
        """Keep short numbers that are no years, if most cells are such."""
        numbers = apply_to_cells(self._relabel_number, cells)
        if are_most(numbers, cells) or self._are_own_labels(cells):
            return [], LABELS

        def keep(cell: str) -> str | None:
            label = self._relabel_number(cell) if cell.startswith("0") else None
            return label or keep_number(cell)

        kept = apply_to_cells(keep, drop_months(cells))
        if are_most(kept, cells):
            return kept, ""
        if not count_cells(cells):
            return [], NOTHING
        is_number = parse_numbers(pd.Series(cells, dtype=object)).notna()
        pairs = zip(cells, is_number, strict=True)
        numbers = [cell if is_one else None for cell, is_one in pairs]
        return [], NUMBERS if are_most(numbers, cells) else TEXTS
