"""The people of a data set: their labels wherever they stand, and what they share."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from neurograft.cohorts.deidentify.people.column_names import split_column_name
from neurograft.cohorts.deidentify.plain_values import holds_date, is_plain_number
from neurograft.cohorts.deidentify.scrubbing import Rules, Scrubber
from neurograft.cohorts.labels import (
    SUBJECT,
    ignore_zeros,
    match_labels,
    name_subject,
)
from neurograft.errors import ConfigError
from neurograft.files.tables import say_columns
from neurograft.files.text import count_things, fold
from neurograft.files.written_tables import mask_empty, read_written
from neurograft.recordings.events import is_harmless
from neurograft.recordings.formats import find_extension

LABELLED = re.compile(r"^(participant_id|subject|subject_id|id)$", re.IGNORECASE)
# Labels of fewer characters, and short numbers, stand in tables for other things.
LEAST_LETTERS = 3
MAX_NUMBER_DIGITS = 4
# A label of so many characters is found inside a word, too. Chosen here.
LEAST_INSIDE = 4
# Entities whose values are counted, and digits of such a number. Chosen here: a first
# session is called as a first subject is.
COUNTED = frozenset(("ses", "run", "echo", "split", "chunk"))
MAX_COUNT_DIGITS = 2
# A label of one word; Excel writes decimals behind numbers.
PLAIN_LABEL = re.compile(r"[\w-]+(\.0+)?")
HASH_LENGTH = 10


@dataclass(frozen=True)
class KnownPeople:
    """The people of a data set.

    Attributes:
        labels: Labels as written, by their spelling in lower case, with and without
            the `sub-` of BIDS; those that could be other things are not in it.
        short: Those that could be: one or two letters, and short numbers, also
            without the zeros in front.
        shared: How many people have a cell of a column, by column and cell.
        folders: Labels of folders of subjects, with `sub-`.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[tuple[str, str], int] = field(default_factory=dict)
    folders: Sequence[str] = ()

    def has_label(self, value: str, entity: str = "") -> bool:
        """Return whether a value of an entity is the label of somebody, or holds one.

        Words such as `rest` are none, and neither are small numbers where one counts.

        Args:
            value: Of the entity.
            entity: Such as `ses`.

        Example:
            >>> people = know_people(["sub-anna", "sub-4711", "sub-01"], [])
            >>> [people.has_label(one) for one in ("4711", "restanna", "1", "2")]
            [True, True, True, False]
            >>> people.has_label("01", "run")
            False
        """
        whole = fold(value).lower()
        is_count = whole.isdigit() and len(whole.lstrip("0")) <= MAX_COUNT_DIGITS
        is_word = whole.isalpha() and is_harmless(whole)
        if is_word or (is_count and entity.lower() in COUNTED):
            return False
        parts = {*re.split(r"[^\w]|_", whole), *split_column_name(value)}
        is_one = f"sub-{whole}" in self.labels or ignore_zeros(whole) in self.short
        is_part = not parts.isdisjoint(self.labels)
        return is_one or is_part or any(one in whole for one in self.long)

    def find_label(self, cell: str) -> str | None:
        """Return the label that a cell of a column of labels means; None for others.

        Args:
            cell: Such as `SUB-4711`, or `4711.0` of Excel; numbers of one or two
                digits are counts.
        """
        plain = ignore_zeros(fold(cell))
        if plain.isdigit() and len(fold(cell).partition(".")[0]) < LEAST_LETTERS:
            return None
        spelled = fold(cell).lower()
        known = (self.labels, self.short)
        found = (labels.get(one) for one in (spelled, plain) for labels in known)
        return next(filter(None, found), None)

    def find_number(self, cell: str) -> str | None:
        """Return the label of a number that is hardly a measure; None for others.

        These are labels of four digits, and of three with a zero in front.
        """
        has_form = len(cell) >= LEAST_INSIDE or (
            len(cell) >= LEAST_LETTERS and cell.startswith("0")
        )
        return self.short.get(cell) if has_form and cell.isdigit() else None

    @cached_property
    def long(self) -> tuple[str, ...]:
        """Labels that are long enough to be found inside a word."""
        known = (*self.labels, *self.short)
        return tuple(one for one in known if len(one) >= LEAST_INSIDE)


def read_people(path: Path) -> pd.DataFrame:
    """Read a table of people as text; words such as None stay, for they may be groups.

    Raises:
        DataError: If it is not here, or no table.
    """
    table = mask_empty(read_written(path)[0])
    return table.dropna(how="all").reset_index(drop=True)


def know_people(
    labels: Iterable[str],
    tables: Iterable[tuple[pd.DataFrame, Sequence[str]]],
    *,
    folders: Sequence[str] = (),
    spelled: Mapping[str, str] | None = None,
) -> KnownPeople:
    """Gather the labels of all people, and how many of them share a cell.

    Args:
        labels: Of all people.
        tables: Of them, each with the person of every row.
        folders: Labels of folders of subjects.
        spelled: Labels by other spellings that tables have.

    Example:
        >>> table = pd.DataFrame({"group": ["pain", "pain", "other"]})
        >>> people = know_people(["sub-anna"], [(table, ["anna", "2", "3"])])
        >>> people.labels["anna"], people.shared["group", "pain"]
        ('anna', 2)
    """
    pairs = [*(spelled or {}).items(), *((label, label) for label in labels)]
    known: dict[str, str] = {}
    short: dict[str, str] = {}
    for written, label in pairs:
        bare = SUBJECT.sub("", fold(label), count=1)
        found = _list_spellings(fold(written), bare)
        known |= found
        own = SUBJECT.sub("", fold(written), count=1).lower()
        if own not in found:
            short = {ignore_zeros(own): bare} | short | {own: bare}
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for table, people in tables:
        for column in map(str, table):
            for cell, person in zip(table[column], people, strict=True):
                if isinstance(cell, str):
                    owners[column, cell].add(person)
    shared = {cell: len(found) for cell, found in owners.items()}
    return KnownPeople(known, short, shared, folders)


def _list_spellings(written: str, label: str) -> dict[str, str]:
    """List a label with and without `sub-`, unless it could be something else."""
    bare = SUBJECT.sub("", written, count=1)
    is_number = is_plain_number(bare, whole=MAX_NUMBER_DIGITS)
    found = {}
    if bare != written or not is_number:
        found[f"sub-{bare}".lower()] = f"sub-{label}"
    if len(bare) >= LEAST_LETTERS and not is_number:
        found[bare.lower()] = label
    return found


def spell_labels(
    table: pd.DataFrame, column: str, folders: Sequence[str]
) -> dict[str, str]:
    """Return the labels of a table as their folders spell them, by their own spelling.

    Args:
        table: Of people.
        column: Of their labels.
        folders: Labels of folders of subjects.

    Example:
        >>> table = pd.DataFrame({"id": ["1", "Huber"]})
        >>> spell_labels(table, "id", ["sub-01"])
        {'1': 'sub-01', 'Huber': 'Huber'}
    """
    labels = [str(label) for label in table[column].dropna()]
    return {label: label for label in labels} | match_labels(labels, folders)[0]


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


def check_named_columns(tables: Iterable[pd.DataFrame], rules: Rules) -> None:
    """Check that every column that the user names is one of some table of people.

    Raises:
        ConfigError: If no table has it.
    """
    columns = dict.fromkeys(str(column) for table in tables for column in table)
    known = {fold(column).lower() for column in columns}
    named = [("--keep-columns", name) for name in sorted(rules.keep_columns)]
    named += [("--participant-column", rules.participant_column)]
    for option, name in named:
        if not name or fold(name).lower() in known:
            continue
        found = say_columns(pd.DataFrame(columns=list(columns)), name)
        raise ConfigError(
            f"No table of people has a column {name!r}, which {option} names; "
            + (found if columns else "there is no table; leave the option out.")
        )


def is_without_header(table: pd.DataFrame, people: KnownPeople) -> bool:
    """Return whether the names of columns are a person's: a label, or a file."""
    return any(
        fold(name).lower() in people.labels
        or SUBJECT.match(name) is not None
        or find_extension(Path(name)) != ""
        for name in map(str, table)
    )


def hide_label(label: str, scrubber: Scrubber, people: KnownPeople) -> str:
    """Return a label as it stands in the copy.

    Beside folders of subjects, one that is that of no folder and no plain word may be
    any text, and becomes a hash.

    Example:
        >>> people = know_people([], [], folders=["sub-01"])
        >>> hide_label("Huber", Scrubber("secret"), people)
        'Huber'
        >>> len(hide_label("seen by Huber", Scrubber("secret"), people))
        10
    """
    if _is_text(label, people):
        return scrubber.hash(label)[:HASH_LENGTH]
    return scrubber.relabel(label)


def _is_text(label: str, people: KnownPeople) -> bool:
    """Return whether a label is no folder's where there are folders, and no word."""
    is_recorded = not people.folders or name_subject(label) in people.folders
    is_word = PLAIN_LABEL.fullmatch(label) is not None and not holds_date(label)
    return not is_recorded and not is_word


def note_labels(
    labels: Iterable[str], scrubber: Scrubber, people: KnownPeople
) -> list[str]:
    """Say how many labels look like names, and how many are none; hashed ones are not.

    Args:
        labels: Of a table, as folders spell them.
        scrubber: Hides people.
        people: Of the data set.
    """
    texts = {label for label in labels if _is_text(label, people)}
    named = {one for one in labels if re.search(r"[^\W\d_]\S*\s+\S*[^\W\d_]", one)}
    if scrubber.hash_labels:
        return []
    notes = []
    if named - texts:
        notes.append(
            f"{count_things(len(named - texts), 'label')} with several words may be "
            "names of people, and stay (--hash-ids replaces all labels)"
        )
    if texts:
        notes.append(
            f"{count_things(len(texts), 'label')} with more than one word and without "
            "a folder may be names or remarks, and became codes"
        )
    return notes
