"""Sentences from codes: tables hold a code with its values, people read words."""

import json
import string
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

WORDS_FOLDER = Path(__file__).parent / "words"
LANGUAGE = "en"
# Languages that write 0,5 instead of 0.5.
DECIMAL_COMMA = ("de",)
# Values that are called so by the user, and in every language.
FACTOR = "factor"
GIVEN_NAMES = ("task", "cohort", "cohorts", "source", "target", "method", "groups")


class _Writer(string.Formatter):
    """A formatter of values in sentences: nested codes, lists, p-values."""

    def __init__(self, language: str) -> None:
        self.language = language

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, str | int]:
        value, key = super().get_field(field_name, args, kwargs)
        is_ours = isinstance(value, str) and key not in GIVEN_NAMES
        if is_ours and self.language != LANGUAGE:
            value = read_words("values", self.language).get(value, value)
        if is_ours and key == FACTOR:
            value = read_words("factors", self.language).get(value, value)
        return value, key

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "p":
            return self._mark_decimals(say_p(float(value)))
        if isinstance(value, Mapping):
            return say(str(value["code"]), value, language=self.language)
        if isinstance(value, list):
            return ", ".join(self.format_field(part, format_spec) for part in value)
        text = str(super().format_field(value, format_spec))
        return self._mark_decimals(text) if isinstance(value, float) else text

    def _mark_decimals(self, number: str) -> str:
        return number.replace(".", ",") if self.language in DECIMAL_COMMA else number


def say(code: str, values: Mapping[str, Any], *, language: str = LANGUAGE) -> str:
    """Write the sentence of a code.

    Args:
        code: For example `NG101`.
        values: Values of its placeholders; a value that has a `code` is
            written by that.
        language: For example `de`.

    Example:
        >>> say("NG504", {})
        'only a number has a mean to be known'
    """
    return fill(list_sentences(language)[code], values, language=language)


def fill(sentence: str, values: Mapping[str, Any], *, language: str = LANGUAGE) -> str:
    """Fill the placeholders of a sentence.

    Example:
        >>> fill("{hours:.1f} hours", {"hours": 1.25}), fill("{a:g}", {"a": 0.5},
        ...     language="de")
        ('1.2 hours', '0,5')
    """
    return _Writer(language).vformat(sentence, (), values)


@cache
def list_sentences(language: str = LANGUAGE) -> dict[str, str]:
    """List the sentences of a language by code, with their placeholders."""
    return {code: str(one["sentence"]) for code, one in _read(language).items()}


@cache
def read_words(kind: str, language: str = LANGUAGE) -> dict[str, Any]:
    """Read the words of a kind by key, for example those of `terms`.

    Args:
        kind: `steps`, `rows`, `terms` or `figures`.
        language: For example `de`.
    """
    return _read(f"{kind}.{language}")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((WORDS_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def code_verdict(
    question: str, answer: str, code: str, **values: Any
) -> dict[str, Any]:
    """Return a row of a table of verdicts.

    Args:
        question: What was asked, for example `evidence`.
        answer: In a word.
        code: Of the sentence.
        **values: What the sentence holds.

    Returns:
        `question`, `answer`, `code`, `values` (JSON) and `sentence`.
    """
    return {
        "question": question,
        "answer": answer,
        "code": code,
        "values": json.dumps(values, sort_keys=True, default=float),
        "sentence": say(code, values),
    }


def say_p(p: float) -> str:
    """Write a p-value; it is never zero.

    Example:
        >>> say_p(0.0123), say_p(0.0001)
        ('p = 0.012', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.0005 else f"p = {p:.3f}"
