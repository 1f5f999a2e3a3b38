"""Names of people where none is expected: behind titles, in cells and in headers."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import pairwise

import pandas as pd

from neurograft.cohorts.deidentify.people.column_names import (
    KNOWN_WORDS,
    is_short_name,
    split_column_name,
)
from neurograft.cohorts.deidentify.people.known_people import (
    LEAST_INSIDE,
    LEAST_LETTERS,
    KnownPeople,
)
from neurograft.cohorts.deidentify.people.scrub_cells import KNOWN_CODES
from neurograft.cohorts.labels import SUBJECT

# Words in front of a name, in English and German. Chosen here.
_TITLES = "dr prof professor doktor dipl frau herr herrn mrs mister ordination"
TITLES = frozenset(_TITLES.split())
PRACTICE = re.compile(r"\w*praxis")
# Titles that are other words without capitals or a point: MS is a disease.
SHORT_TITLES = re.compile(
    r"(?<![^\W_])((Mr|Ms)\.?|(Hr|Fr)\.)[\s_]*(?=[A-ZÄÖÜ])[^\W\d_]{2}"
)
# Columns of names of people, or of those who treat them. Chosen here.
_NAMED = """
vorn nachn surname forename physician doctor arzt ärztin technician operator surgeon
examiner untersucher untersucherin clinician therapist therapeut therapeutin rater
interviewer hausarzt hausärztin zuweiser zuweiserin
"""
NAMED = frozenset(_NAMED.split())
NAME_COLUMN = re.compile(
    r"(last|first|family|given|full|middle|maiden|nach|patient(en)?)?names?|vorname"
)
# A word in the labels of more people is a group, not a name. Chosen here.
MOST_NAMESAKES = 2


def holds_title(text: str) -> bool:
    """Return whether a title stands in front of a word.

    Example:
        >>> [holds_title(one) for one in ("Dr. Huber", "Dr_Huber_rating", "Praxis Wu")]
        [True, True, True]
        >>> [holds_title(one) for one in ("MS relapsing", "praxis 2", "Prof")]
        [False, False, False]
    """
    words = split_column_name(text)
    pairs = pairwise(words)
    is_titled = any(
        after.isalpha() and (word in TITLES or PRACTICE.fullmatch(word) is not None)
        for word, after in pairs
    )
    return is_titled or SHORT_TITLES.search(text) is not None


def names_somebody(text: str, people: KnownPeople, names: Collection[str]) -> bool:
    """Return whether a text holds a title, the label of somebody, or a known name.

    So does one of whose words the label of somebody is the beginning or the end.

    Args:
        text: Of a cell.
        people: Of the data set.
        names: Words of names, in lower case.
    """
    words = _split_words(text)
    is_known = not words.isdisjoint(people.labels) or not words.isdisjoint(names)
    return is_known or holds_title(text) or _hold_labels(words - KNOWN_WORDS, people)


def is_personal_header(
    header: str, people: KnownPeople, names: Collection[str] = ()
) -> bool:
    """Return whether the name of a column holds a name, a label, a date or a number.

    Known words of columns are no labels, also where somebody is called so.

    Args:
        header: Name of the column.
        people: Of the data set.
        names: Words of names in its table, in lower case.

    Example:
        >>> people = KnownPeople({"huber": "Huber"}, {"4711": "4711"})
        >>> [is_personal_header(one, people) for one in ("score_huberin", "x_4711")]
        [True, True]
        >>> is_personal_header("bmi_17_03_1961", people)
        True
    """
    words = _split_words(header) - KNOWN_WORDS
    is_number = any(len(one) >= LEAST_INSIDE and one in people.short for one in words)
    is_label = not words.isdisjoint(people.labels) or _hold_labels(words, people)
    is_name = is_label or is_number or not words.isdisjoint(names)
    return is_name or holds_title(header) or not is_short_name(header)


def _hold_labels(words: Collection[str], people: KnownPeople) -> bool:
    """Return whether a word begins or ends with the label of somebody."""
    plain = filter(str.isalpha, words)
    return any(
        one.startswith(people.long) or one.endswith(people.long) for one in plain
    )


def list_name_words(table: pd.DataFrame, labels: Iterable[str]) -> frozenset[str]:
    """List the words of names of people: of columns of names, and of labels.

    Labels count if they are several words of letters, as `Huber, Erika`.

    Args:
        table: Of people.
        labels: The person of every row.

    Example:
        >>> table = pd.DataFrame({"surgeon": ["Meier", "B"], "site": ["A", "A"]})
        >>> sorted(list_name_words(table, ["sub-Huber, Erika", "pain-01"]))
        ['erika', 'huber', 'meier']
    """
    words: set[str] = set()
    for column in filter(is_of_names, map(str, table)):
        for cell in table[column].dropna():
            words |= {*split_column_name(str(cell))}
    counted: Counter[str] = Counter()
    for label in set(labels):
        bare = SUBJECT.sub("", label, count=1)
        parts = {*split_column_name(bare)}
        if len(parts) > 1 and not re.search(r"\d", bare):
            counted.update(parts)
    words |= {word for word, number in counted.items() if number <= MOST_NAMESAKES}
    is_long = {word for word in words if len(word) >= LEAST_LETTERS and word.isalpha()}
    return frozenset(is_long - KNOWN_CODES - TITLES)


def is_of_names(column: str) -> bool:
    """Return whether a column holds names of people, by its own name.

    Example:
        >>> [is_of_names(one) for one in ("last_name", "Nachname", "group_name")]
        [True, True, False]
    """
    words = split_column_name(column)
    is_name = NAME_COLUMN.fullmatch("".join(words)) is not None
    return is_name or not NAMED.isdisjoint(words)


def _split_words(text: str) -> set[str]:
    """Return the words of a text in lower case, cut in every way that labels may be."""
    lower = text.lower()
    marks = (r"[^\w-]+", r"[^\w-]|_", r"[\W_]+")
    parts = {part for mark in marks for part in re.split(mark, lower)}
    return {*parts, *split_column_name(text)} - {""}
