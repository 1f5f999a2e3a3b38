"""Guess which columns of a table of people hold age, sex, diagnosis, label and file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from neurograft.cohorts.ages import note_ages, parse_ages, read_age_unit
from neurograft.cohorts.demographics import NEITHER, PLAIN_SEX
from neurograft.files.numbers import parse_numbers
from neurograft.files.text import fold
from neurograft.recordings.formats import EXTENSIONS

# Words that names of columns hold, the surest first; English and German.
AGE_WORDS = ("age", "alter", "years", "jahre")
SEX_WORDS = ("sex", "gender", "geschlecht")
GROUP_WORDS = (
    "group", "diagnosis", "diagnose", "gruppe", "dx", "disease", "patient", "status",
    "cohort", "arm",
)  # fmt: skip
LABEL_WORDS = (
    "participant_id", "participant", "subject", "id", "code", "label", "pseudonym",
    "kürzel", "kuerzel", "kennung", "proband", "patient", "nr", "nummer",
)  # fmt: skip
# Words that mean a healthy person.
HEALTHY_WORDS = (
    "control", "healthy", "hc", "con", "ctrl", "normal", "kontrolle", "gesund", "c",
)  # fmt: skip
# Of the cells of a column called so, ages are at least this share. Chosen here.
LEAST_AGES = 0.5
# "Age", "patient_age", "AgeYears", "Lebensalter"; but not "stage" or "dosage".
AGE_NAME = re.compile(r"(?i:(?<![a-z])age|alter|years|jahre)|(?<=[a-z])Age")
# Different words that stand in a column of the sex, at most. Chosen here.
MOST_SEXES = 8
# A diagnosis has so many values at most, and people of each at least. Chosen here.
MOST_GROUPS, PER_GROUP = 8, 3


class Candidate(NamedTuple):
    """A column that may hold something, with what stands in it.

    Attributes:
        name: Of the column.
        counts: People of each value, the most common first; of ages, none.
        range: Least and largest age, years; of values, none.
        n_missing: People without a value.
        is_named: Whether the column is called so.
        notes: Sentences on how ages are read.
    """

    name: str
    counts: dict[str, int]
    range: tuple[float, float] | None
    n_missing: int
    is_named: bool
    notes: tuple[str, ...] = ()


def find_ages(table: pd.DataFrame, table_file: Path) -> list[Candidate]:
    """Find columns that are called ages and hold some, as every reader of ages does.

    Args:
        table: As text, missing cells missing.
        table_file: Of the table, beside which a JSON file may state units.
    """
    found = []
    for name in filter(AGE_NAME.search, map(str, table)):
        unit = read_age_unit(table_file, table, name)
        known = parse_ages(table, name, unit).dropna()
        if len(known) and len(known) >= LEAST_AGES * table[name].notna().sum():
            low, high = float(known.min()), float(known.max())
            missing = len(table) - len(known)
            notes = tuple(note_ages(table, name, unit))
            found.append(Candidate(name, {}, (low, high), missing, True, notes))
    return sorted(found, key=lambda one: _rank(one.name, AGE_WORDS))


def find_sexes(table: pd.DataFrame) -> list[Candidate]:
    """Find columns that could be the sex: called so, or of its words only.

    Args:
        table: As text, missing cells missing.
    """
    found = []
    for name in table:
        values = table[name].dropna().astype(str).str.lower()
        is_named = _rank(str(name), SEX_WORDS) < len(SEX_WORDS)
        is_plain = bool(values.isin([*PLAIN_SEX, *NEITHER]).all())
        has_sex = bool(values.isin(list(PLAIN_SEX)).any())
        is_short = is_named and values.nunique() <= MOST_SEXES
        if len(values) and (is_short or (is_plain and has_sex)):
            found.append(_count(table, str(name), SEX_WORDS))
    return sorted(found, key=lambda one: _rank(one.name, SEX_WORDS))


def find_groups(table: pd.DataFrame, taken: Sequence[str] = ()) -> list[Candidate]:
    """Find columns of a few values with several people each, those called so first.

    Args:
        table: As text, empty cells missing; words such as None may be groups.
        taken: Columns that are something else.
    """
    found = []
    for name in table:
        if str(name) in taken:
            continue
        one = _count(table, str(name), GROUP_WORDS)
        large = [value for value, n in one.counts.items() if n >= PER_GROUP]
        if len(large) >= 2 and len(one.counts) <= MOST_GROUPS:
            found.append(one)
    return sorted(found, key=lambda one: _rank(one.name, GROUP_WORDS))


def find_healthy(values: Sequence[str]) -> str:
    """Find the value that means a healthy person; empty if none or several do.

    Example:
        >>> find_healthy(["CBP", "HC"]), find_healthy(["A", "B"])
        ('HC', '')
    """
    for word in HEALTHY_WORDS:
        alike = [v for v in values if fold(v).lower() == word]
        alike = alike or [
            v for v in values if len(word) > 2 and word in fold(v).lower()
        ]
        if len(alike) == 1:
            return alike[0]
    return ""


def find_labels(table: pd.DataFrame) -> list[str]:
    """Find columns that may name people, the likeliest first.

    Those called so come first, then others whose values are all there and differ, text
    before numbers. Ages that happen to differ are no labels.
    """
    rows = table.drop_duplicates()
    named: list[str] = []
    texts: list[str] = []
    numbers: list[str] = []
    for name in map(str, table):
        cells = rows[name]
        n_values = cells.nunique()
        if AGE_NAME.search(name):
            continue
        if _rank(name, LABEL_WORDS) < len(LABEL_WORDS):
            if n_values > MOST_GROUPS or 2 * n_values >= len(rows):
                named.append(name)
        elif n_values == len(rows):
            is_number = parse_numbers(cells).notna().all()
            (numbers if is_number else texts).append(name)
    named.sort(key=lambda name: _rank(name, LABEL_WORDS))
    return [*named, *texts, *numbers]


def find_files(table: pd.DataFrame) -> list[str]:
    """Find columns whose values end as names of recordings do."""
    endings = tuple(EXTENSIONS)
    return [
        str(name)
        for name in table
        if table[name].notna().any()
        and bool(
            table[name].dropna().astype(str).str.lower().str.endswith(endings).all()
        )
    ]


def _count(table: pd.DataFrame, name: str, words: Sequence[str]) -> Candidate:
    counts = table[name].dropna().astype(str).value_counts()
    told = {str(value): int(n) for value, n in counts.items()}
    is_named = _rank(name, words) < len(words)
    return Candidate(name, told, None, int(table[name].isna().sum()), is_named)


def _rank(name: str, words: Sequence[str]) -> int:
    """Return the place of the first word that a name is, or holds; else behind all."""
    folded = fold(name).lower()
    whole = [place for place, word in enumerate(words) if folded == word]
    parts = [
        place for place, word in enumerate(words) if len(word) > 2 and word in folded
    ]
    return next(iter(whole or parts), len(words))
