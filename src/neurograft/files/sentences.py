"""Sentences from codes: tables hold a code with its values, people read words."""

import json
import re
import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

WORDS_FOLDER = Path(__file__).parent / "words"
LANGUAGE = "en"
# Languages that write 0,5 instead of 0.5.
DECIMAL_COMMA = ("de",)
# Values that are called so by the user, and in every language.
FACTOR, GROUPS = "factor", "groups"
GIVEN_NAMES = (
    "task", "cohort", "cohorts", "source", "target", "method", "group", "name",
    "reference", "condition", "data_set",
)  # fmt: skip
# Values that are sentences of a table, and those that describe people of a cohort.
STORED = ("said", "sentence")
DESCRIBED = ("in_source", "in_target")
# Groups of sentences that tables hold as text, by the beginnings of their codes.
STORED_CODES = ("NG5", "NG6")
# Probabilities nearer to nothing or to all are not written as numbers.
LEAST = 0.01
# A mean with its SD, as tables of people hold it.
MEAN_SD = re.compile(r"-?[\d.]+(e[+-]\d+)? \([\d.]+(e[+-]\d+)?\)")


class _Writer(string.Formatter):
    """A formatter of values in sentences: nested codes, lists, p-values."""

    def __init__(self, language: str) -> None:
        self.language = language

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, str | int]:
        value, key = super().get_field(field_name, args, kwargs)
        if key in GIVEN_NAMES:
            return value, key
        if isinstance(value, str):
            value = self._name(value, str(key))
        elif isinstance(value, list) and key != GROUPS:
            value = [
                self._name(one, str(key)) if isinstance(one, str) else one
                for one in value
            ]
        return value, key

    def _name(self, value: str, key: str) -> str:
        """Return a value of a table as people of the language call it."""
        if self.language != LANGUAGE:
            value = read_words("values", self.language).get(value, value)
        if key == FACTOR:
            return str(read_words("factors", self.language).get(value, value))
        if key in STORED:
            return translate(value, self.language)
        if key in DESCRIBED:
            return say_described(value, self.language)
        return _join_again(value, key, self.language)

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in WRITERS:
            return self._mark_decimals(WRITERS[format_spec](float(value)))
        if isinstance(value, Mapping):
            return say(str(value["code"]), value, language=self.language)
        if isinstance(value, list):
            parts = [self.format_field(part, format_spec) for part in value]
            are_whole = all(part.endswith(".") for part in parts)
            return (" " if are_whole else ", ").join(parts)
        text = str(super().format_field(value, format_spec))
        text = NEGATIVE_ZERO.sub(r"\1", text) if isinstance(value, float) else text
        return self._mark_decimals(text) if isinstance(value, float) else text

    def _mark_decimals(self, number: str) -> str:
        if self.language not in DECIMAL_COMMA:
            return number
        return number.replace(".", ",").replace("%", " %")


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


def translate(text: str, language: str) -> str:
    """Say sentences that a table holds in another language.

    Args:
        text: One or more sentences, or a part of one; what is not known stays.
        language: For example `de`.

    Example:
        >>> translate("No match was found.", "de")
        'Es fand sich keine Übereinstimmung.'
    """
    if language == LANGUAGE:
        return text
    own = list_sentences(language) | _list_remarks(language)
    said, rest = [], text
    while rest:
        found = _find_sentence(rest)
        if found is None:
            return text
        code, values, rest = found
        told = {key: _mark_number(value, language) for key, value in values.items()}
        said.append(fill(own[code], told, language=language))
    return " ".join(said)


def say_described(text: str, language: str) -> str:
    """Say how a table describes the people of a cohort in another language.

    Example:
        >>> say_described("34.19 (7.5)", "de"), say_described("A 9, B 2, 3 more", "de")
        ('34,19 (7,5)', 'A 9, B 2, 3 weitere')
    """
    if language == LANGUAGE:
        return text
    known = read_words("values", language)
    if MEAN_SD.fullmatch(text):
        return text.replace(".", ",") if language in DECIMAL_COMMA else text
    start, mark, more = text.rpartition(", ")
    count, blank, last = more.partition(" ")
    if mark and count.isdigit() and last == "more":
        return f"{start}{mark}{count}{blank}{known[last]}"
    return str(known.get(text, text))


def _mark_number(text: str, language: str) -> str:
    """Write a number as a language does; other text stays."""
    is_number = re.fullmatch(r"[-+]?\d+\.\d+", text) and language in DECIMAL_COMMA
    return text.replace(".", ",") if is_number else text


def _join_again(value: str, key: str, language: str) -> str:
    """Write what English writes between names as another language does."""
    if language == LANGUAGE:
        return value
    known = read_words("values", language)
    if key == GROUPS:
        return value.replace(") and ", f"){known[' and ']}")
    if key == "of" and value.startswith(" of "):
        return str(known[" of "]) + value.removeprefix(" of ")
    return value


def _find_sentence(text: str) -> tuple[str, dict[str, Any], str] | None:
    """Find the sentence that a text begins with, its values, and the rest."""
    for code, pattern in _compile_sentences():
        match = pattern.match(text)
        if match:
            return code, match.groupdict(), text[match.end() :].lstrip()
    return None


@cache
def _compile_sentences() -> list[tuple[str, re.Pattern[str]]]:
    """Compile English sentences that tables hold, with a group per placeholder."""
    known = {
        code: sentence
        for code, sentence in list_sentences().items()
        if code.startswith(STORED_CODES)
    } | _list_remarks(LANGUAGE)
    found = []
    for code, sentence in known.items():
        pattern = "".join(
            re.escape(text) + (f"(?P<{name}>.+?)" if name else "")
            for text, name, _, _ in string.Formatter().parse(sentence)
        )
        found.append((code, re.compile(rf"{pattern}(?=$|(?<=\.) )")))
    return found


def _list_remarks(language: str) -> dict[str, str]:
    words = read_words("remarks", language)
    return {key: str(sentence) for key, sentence in words.items()}


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


def say_probability(p: float) -> str:
    """Write a probability in per cent; it is never nothing or all.

    Example:
        >>> say_probability(0.004), say_probability(0.7), say_probability(0.9951)
        ('<1%', '70%', '>99%')
    """
    if LEAST <= p <= 1 - LEAST:
        return f"{p:.0%}"
    return f"<{LEAST:.0%}" if p < LEAST else f">{1 - LEAST:.0%}"


def say_share_exactly(share: float) -> str:
    """Write a share in per cent with the decimals that it needs.

    Example:
        >>> say_share_exactly(0.1), say_share_exactly(0.005)
        ('10%', '0.5%')
    """
    return f"{100 * share:.4g}%"


def say_whole_share(share: float) -> str:
    """Write a share in whole per cent; what is not quite all or nothing is not either.

    Example:
        >>> say_whole_share(1.0), say_whole_share(0.996), say_whole_share(0.004)
        ('100%', '>99%', '<1%')
    """
    return f"{share:.0%}" if share in (0, 1) else say_probability(share)


# Specifications of placeholders that a function writes.
WRITERS: dict[str, Callable[[float], str]] = {
    "p": say_p,
    "probability": say_probability,
    "exact": say_share_exactly,
    "whole": say_whole_share,
}
# Nothing, with a sign that means nothing.
NEGATIVE_ZERO = re.compile(r"^-(0(\.0+)?%?)$")
