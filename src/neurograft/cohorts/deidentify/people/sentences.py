"""Sentences on a table of people: what was left out and why, and what to look at."""

from collections.abc import Iterable, Mapping, Sequence

from neurograft.cohorts.deidentify.people.column_names import (
    AGE,
    CODE,
    DATED,
    HAND,
    OTHER,
    PERSON,
    SEX,
)
from neurograft.files.text import count_things

# Why columns are left out.
NAMES = "their names say that they hold names, places or dates of people"
HEADERS = (
    "the column's own name holds the name or label of a person, a date or a long number"
)
PARTS = "together they are a date"
NUMBERS = (
    "most of their numbers may be dates, years or hospital numbers (if they are "
    "codes that people share, name the column with --keep-columns)"
)
LABELS = (
    "most of their numbers are labels of people, too (if they are codes, name the "
    "column with --keep-columns)"
)
OWN = "they repeat the labels of people"
TEXTS = (
    "they hold texts, and their names do not say that these are codes (if they are, "
    "name the column with --keep-columns)"
)
ALONE = (
    "each of their texts may name somebody, or only one person has it, which can tell "
    "who that is (--keep-columns does not change this)"
)
NOTHING = "they are empty"
# Which cells are left out of a column that stays, by its kind.
LEFT = {
    DATED: "without a date such as 2021-05-04",
    AGE: "without an age",
    SEX: "without a known word for a sex",
    HAND: "without a known word for a hand",
    CODE: "that may be names, dates, years or long numbers, or have many words",
    PERSON: "without the label of a person",
    OTHER: "that may be dates or years, or are no short numbers",
}
# Things that a sentence lists; the others are counted. Chosen here.
MOST_LISTED = 10


def say_columns_left(lost: Mapping[str, Sequence[str]]) -> list[str]:
    """Say which columns were left out.

    Args:
        lost: Columns by the reason.

    Example:
        >>> say_columns_left({NOTHING: ["a", "b"]})
        ['columns left out: a, b: they are empty']
    """
    return [f"columns left out: {', '.join(c)}: {why}" for why, c in lost.items()]


def say_cells_left(column: str, number: int, kind: str) -> list[str]:
    """Say how many cells were left out of a column.

    Args:
        column: As it may be shown.
        number: Of cells.
        kind: Of the column; of others than those known, files are listed.

    Example:
        >>> say_cells_left("sex", 1, "sex")
        ['left out of sex: 1 cell without a known word for a sex']
    """
    why = LEFT.get(kind, "that name no file of the copy")
    return [f"left out of {column}: {count_things(number, 'cell')} {why}"][:number]


def say_texts_alone(column: str, n_people: int) -> list[str]:
    """Say of how many people a text was left out because nobody else has it.

    Example:
        >>> say_texts_alone("group", 1)[0][:55]
        'left out of group: texts of 1 person that nobody else h'
    """
    who = "1 person" if n_people == 1 else f"{n_people} people"
    sentence = (
        f"left out of {column}: texts of {who} that nobody else has: such a text can "
        "tell who that is (--keep-columns does not change this)"
    )
    return [sentence][:n_people]


def say_what_to_look_at(what: str, texts: Iterable[str]) -> list[str]:
    """Say which texts stay as they are, so that the user can look for names.

    Args:
        what: Kind of the texts.
        texts: As they stay, also several times.

    Example:
        >>> say_what_to_look_at("texts that stay in site", ["Graz", "Wien", "Graz"])
        ['texts that stay in site, look at them: Graz, Wien']
    """
    found = list(dict.fromkeys(texts))
    more = len(found) - MOST_LISTED
    shown = ", ".join(found[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
    return [f"{what}, look at them: {shown}"] if found else []


def show_column(columns: Sequence[str], column: str, *, is_hidden: bool) -> str:
    """Return how a sentence calls a column: by its place if its name names somebody.

    Example:
        >>> show_column(["age", "Dr_Huber"], "Dr_Huber", is_hidden=True)
        'column 2'
    """
    return f"column {list(columns).index(column) + 1}" if is_hidden else column
