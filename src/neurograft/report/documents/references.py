"""Publications that a text cites: numbers in their order, and BibTeX beside them."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from neurograft.files.sentences import WORDS_FOLDER

MARK = re.compile(r"\[(@[^\]]+)\]")
# Fields in the order in which BibTeX files are read.
FIELDS = (
    "author", "title", "journal", "booktitle", "year", "volume", "pages", "doi",
    "eprint", "archiveprefix", "note",
)  # fmt: skip
MAX_AUTHORS = 3


class Reference(NamedTuple):
    """A publication that a text cites.

    Attributes:
        number: In the text.
        key: In the BibTeX file.
        text: Authors, title, place and year, for people.
    """

    number: int
    key: str
    text: str


@cache
def list_publications() -> dict[str, dict[str, Any]]:
    """List all publications that can be cited, as BibTeX fields by key."""
    text = (WORDS_FOLDER / "references.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def number_citations(texts: Iterable[str]) -> tuple[list[str], list[Reference]]:
    """Replace the marks of citations by numbers, in the order of their first use.

    Example:
        >>> texts, references = number_citations(["First [@holm1979; @efron1987]."])
        >>> texts, [reference.key for reference in references]
        (['First [1, 2].'], ['holm1979', 'efron1987'])
    """
    keys: list[str] = []

    def replace(found: re.Match[str]) -> str:
        own = [part.strip().removeprefix("@") for part in found[1].split(";")]
        keys.extend(key for key in own if key not in keys)
        return f"[{', '.join(str(keys.index(key) + 1) for key in own)}]"

    numbered = [MARK.sub(replace, text) for text in texts]
    return numbered, [
        Reference(number, key, _write_reference(list_publications()[key]))
        for number, key in enumerate(keys, start=1)
    ]


def write_bibtex(keys: Iterable[str]) -> str:
    """Write the BibTeX entries of publications."""
    return "\n".join(_write_entry(key, list_publications()[key]) for key in keys)


def _write_entry(key: str, entry: dict[str, Any]) -> str:
    fields = [f"  {name} = {{{entry[name]}}}," for name in FIELDS if name in entry]
    return "\n".join([f"@{entry['type']}{{{key},", *fields, "}"]) + "\n"


def _write_reference(entry: dict[str, Any]) -> str:
    authors = [name.split(",")[0] for name in str(entry["author"]).split(" and ")]
    shown = ", ".join(authors[:MAX_AUTHORS])
    shown += " et al." if len(authors) > MAX_AUTHORS else ""
    place = entry.get("journal", entry.get("booktitle", ""))
    if not place and "eprint" in entry:
        place = f"arXiv:{entry['eprint']}"
    where = " ".join(str(entry[name]) for name in ("volume",) if name in entry)
    pages = str(entry.get("pages", "")).replace("--", "-")
    numbers = ":".join(part for part in (where, pages) if part)
    doi = f" https://doi.org/{entry['doi']}" if "doi" in entry else ""
    details = f" {numbers}" if numbers else ""
    shown = shown if shown.endswith(".") else f"{shown}."
    return f"{shown} {entry['title']}. {place}{details}, {entry['year']}.{doi}"
