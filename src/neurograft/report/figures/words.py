"""Words of figures and charts, which files hold by language."""

from collections.abc import Mapping
from typing import TypeAlias

from neurograft.files.sentences import read_words

Words: TypeAlias = Mapping[str, str]

ENGLISH: Words = read_words("figures")


def mark_decimals(text: str, words: Words) -> str:
    """Write a number with the mark of decimals of the language."""
    return text.replace(".", words["decimal_mark"])


def read_figure_words(language: str) -> Words:
    """Read the words of figures in a language, for example `de`."""
    return read_words("figures", language)
