"""Say reasons, repairs and notes of tables in the language of a page."""

import re
import string
from functools import cache
from typing import Any

import pandas as pd

from neurograft.files.sentences import fill, read_words, translate
from neurograft.report.blocks import Foreign

ENGLISH = "en"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
# Values that are names, or a number for a settings file.
AS_WRITTEN = ("list", "mend")
# Why a channel is bad.
WHY = re.compile(r"\(([^()]*)\)")
# Between parts of a cell, and between channels with what is bad about them.
PARTS = "; "
CHANNEL = re.compile(
    r", (?=\S+ (?:too |flat|noise|like |constant|values|declared|implausible))"
)


def say_reason(text: str, language: str) -> str:
    """Say the reasons of a cell in a language; English that is not known is marked.

    Args:
        text: A cell of `recordings.tsv` or `subjects.tsv`.
        language: Of the page.

    Example:
        >>> say_reason("5.0 s long, at least 20 s are needed", "de")
        '5,0 s lang, mindestens 20 s sind nötig'
    """
    said = [_say_part(part, language) for part in text.split(PARTS) if part]
    if None in said:
        return text if language == ENGLISH else Foreign(text)
    return PARTS.join(map(str, said))


def quote_reason(text: str, language: str) -> str:
    """Say a reason inside a sentence, without a full stop; quote unknown English.

    Example:
        >>> quote_reason("the file is empty", "de"), quote_reason("It is odd.", "de")
        ('die Datei ist leer', '"It is odd"')
    """
    said = say_reason(text, language)
    plain = str(said).removesuffix(".")
    return f'"{plain}"' if isinstance(said, Foreign) else plain


def say_bads(cell: str, language: str) -> str:
    """Say which channels were bad, each with its reason.

    Example:
        >>> say_bads("P7 (flat), Cz (too loud, z 9.5)", "de")
        'P7 (flach), Cz (zu laut, z 9,5)'
    """
    return WHY.sub(lambda found: f"({translate(found[1], language)})", cell)


def generalise(text: str, language: str) -> str:
    """Say a reason without what is of one recording alone, as of many.

    Example:
        >>> generalise("5.0 s long, at least 20 s are needed", "en")
        'the recording is shorter than 20 s'
    """
    found = _find(text) or _find(text.split(PARTS)[0])
    if found:
        key, values = found
        return fill(_read(language)[key]["general"], values, language=language)
    begin, mark, _ = text.partition(": ")
    return NUMBER.sub("...", begin if mark else text)


def list_reasons(reasons: pd.Series, language: str = ENGLISH) -> list[tuple[str, int]]:
    """List reasons with how often each was given, the most frequent first.

    Example:
        >>> list_reasons(pd.Series(["1 s long, at least 9 s are needed"] * 2))
        [('the recording is shorter than 9 s', 2)]
    """
    kinds = [generalise(str(one), language) for one in reasons.dropna()]
    counts = pd.Series(kinds, dtype=object).value_counts(sort=True)
    return [(str(kind), int(n)) for kind, n in counts.items()]


def _say_part(text: str, language: str) -> str | None:
    """Say one reason in a language; None if it is not known."""
    found = _find(text)
    if not found:
        return None
    key, values = found
    if key == "bad-channels":
        told = _say_channels(values["list"], language)
        values["list"] = _say_more(told, int(values["bad"]), language)
    if key == "no-place":
        names = values["list"].split(", ")
        values["list"] = _say_more(names, int(values["n"]), language)
    said = {
        name: value if name in AS_WRITTEN else _mark_decimals(value, language)
        for name, value in values.items()
    }
    return fill(_read(language)[key]["sentence"], said, language=language)


def _say_channels(text: str, language: str) -> list[str]:
    """Say what is bad about each of some channels."""
    told = []
    for one in CHANNEL.split(text):
        name, _, why = one.partition(" ")
        told.append(f"{name} {translate(why, language)}")
    return told


def _say_more(named: list[str], n: int, language: str) -> str:
    """List channels of `n`, and say how many are not named."""
    more = read_words("remarks", language)["more-channels"]
    rest = [fill(more, {"n": n - len(named)})] if len(named) < n else []
    return ", ".join([*named, *rest])


def _mark_decimals(text: str, language: str) -> str:
    is_decimal = language == "de" and re.fullmatch(r"\d+\.\d+(e[-+]\d+)?", text)
    return text.replace(".", ",") if is_decimal else text


def _find(text: str) -> tuple[str, dict[str, str]] | None:
    """Find the reason that a text is, and its values."""
    for key, pattern in _compile():
        match = pattern.fullmatch(text.removesuffix("."))
        if match:
            return key, match.groupdict()
    return None


def _read(language: str) -> dict[str, Any]:
    return read_words("reasons", language)


@cache
def _compile() -> list[tuple[str, re.Pattern[str]]]:
    """Compile the English reasons, with a group per placeholder."""
    found = []
    for key, one in _read(ENGLISH).items():
        pattern = "".join(
            re.escape(text) + (f"(?P<{name}>.+?)" if name else "")
            for text, name, _, _ in string.Formatter().parse(one["sentence"])
        )
        found.append((key, re.compile(pattern)))
    return found
