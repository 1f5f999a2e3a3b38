"""Statistical words in two sentences each, linked from where a page first uses them."""

import re
from functools import cache
from typing import NamedTuple

from neurograft.files.sentences import read_words

TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
# Text in these is left as it is: links, headings, drawings, code and forms.
LEFT_ALONE = (
    "a", "h1", "h2", "h3", "h4", "svg", "script", "style", "code", "title", "summary",
    "button", "label", "option", "textarea", "th", "dl",
)  # fmt: skip
# A new section begins, in which every term may be linked once more.
SECTIONS = ("section", "h2")


class Term(NamedTuple):
    """A word that the page explains.

    Attributes:
        anchor: Of its explanation.
        name: As a heading.
        forms: As texts write it.
        text: Two plain sentences.
    """

    anchor: str
    name: str
    forms: tuple[str, ...]
    text: str


@cache
def list_terms(language: str = "en") -> tuple[Term, ...]:
    """List all terms of a language in the order of their names."""
    terms = [
        Term(f"term-{key}", one["name"], tuple(one["forms"]), one["text"])
        for key, one in read_words("terms", language).items()
    ]
    return tuple(sorted(terms, key=lambda term: term.name.lower()))


def link_terms(html_text: str, language: str = "en") -> str:
    """Link the first use of every term in every section to its explanation.

    Sections begin at `<section>` or `<h2>`. Headings, links, figures, code and tables'
    headers are left alone.

    Args:
        html_text: Well-formed HTML.
        language: Of the text.

    Example:
        >>> link_terms("<p>An AUROC of 0.8.</p>")
        '<p>An <a class="term" href="#term-auroc">AUROC</a> of 0.8.</p>'
    """
    pattern, anchors = _compile_forms(language)
    linked: set[str] = set()
    inside: list[str] = []

    def link(found: re.Match[str]) -> str:
        anchor = anchors[found[0].lower()]
        if anchor in linked:
            return found[0]
        linked.add(anchor)
        return f'<a class="term" href="#{anchor}">{found[0]}</a>'

    parts = []
    for part in TAG.split(html_text):
        if part.startswith("<"):
            if _enter(part, inside) in SECTIONS:
                linked.clear()
            parts.append(part)
        else:
            parts.append(part if inside else pattern.sub(link, part))
    return "".join(parts)


def find_terms(html_text: str, language: str = "en") -> list[Term]:
    """List the terms that a linked text refers to."""
    used = set(re.findall(r'href="#(term-[\w-]+)"', html_text))
    return [term for term in list_terms(language) if term.anchor in used]


def _enter(tag: str, inside: list[str]) -> str:
    """Note which element left alone is open; return the name of an opening tag."""
    found = NAME.match(tag)
    if not found:
        return ""
    is_end, name = bool(found[1]), found[2].lower()
    if name in LEFT_ALONE and not tag.endswith("/>"):
        if not is_end:
            inside.append(name)
        elif name in inside:
            del inside[len(inside) - 1 - inside[::-1].index(name) :]
    return "" if is_end else name


@cache
def _compile_forms(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Compile one pattern of all forms, the longest first."""
    anchors = {
        form.lower(): term.anchor
        for term in list_terms(language)
        for form in term.forms
    }
    words = "|".join(map(re.escape, sorted(anchors, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE), anchors
