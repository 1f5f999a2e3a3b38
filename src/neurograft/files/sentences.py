"""Sentences from codes: tables hold a code with its values, people read words."""

import json
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORDS_FOLDER = Path(__file__).parent / "words"
LANGUAGE = "en"


class _Writer(string.Formatter):
    """A formatter of values in sentences: nested codes, lists, p-values."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "p":
            return say_p(float(value))
        if isinstance(value, Mapping):
            return say(str(value["code"]), value)
        if isinstance(value, list):
            return ", ".join(self.format_field(part, format_spec) for part in value)
        return str(super().format_field(value, format_spec))


def say(code: str, values: Mapping[str, Any]) -> str:
    """Write the sentence of a code.

    Args:
        code: For example `NG101`.
        values: Values of its placeholders; a value that has a `code` is
            written by that.

    Example:
        >>> say("NG504", {})
        'only a number has a mean to be known'
    """
    return _Writer().vformat(list_sentences()[code], (), values)


@cache
def list_sentences(language: str = LANGUAGE) -> dict[str, str]:
    """List the sentences of a language by code, with their placeholders."""
    text = (WORDS_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return {code: str(one["sentence"]) for code, one in tomllib.loads(text).items()}


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
