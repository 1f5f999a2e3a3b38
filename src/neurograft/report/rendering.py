"""Render sections as one HTML file that needs nothing else."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from neurograft.report.blocks import Block, Figure, Foreign, PageSection, PageWords
from neurograft.report.figures.drawing import ALONE
from neurograft.report.parts import TEMPLATES

# Places inside the page that a cell of a checklist names, and pages that it leads to.
PLACE = re.compile(r"(?:^|(?<= ))#([\w-]+)")
CODE = re.compile(r"`([^`]+)`")
# Names of parts of drawings, which programs read from the files of figures.
PART = re.compile(r' data-[a-z]+="[^"]*"')
PAGE = re.compile(r"^\[(.+)\]\((subjects/.+\.html)\)$")


@cache
def _open_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["link_places"] = link_places
    environment.filters["arrange"] = arrange
    environment.filters["mark_code"] = mark_code
    environment.filters["embed"] = embed_drawing
    return environment


def render_template(name: str, words: PageWords, **content: Any) -> Markup:
    """Fill a template.

    Args:
        name: Of a file in `templates/`.
        words: Of the page.
        **content: What it shows.
    """
    template = _open_templates().get_template(name)
    return Markup(template.render(w=words, **content))


def render_sections(sections: Sequence[PageSection], words: PageWords) -> Markup:
    """Render sections without the page around them."""
    return render_template("sections.html", words, sections=sections)


def arrange(blocks: Sequence[Block]) -> list[list[Block]]:
    """Arrange blocks in rows: figures that follow each other stand side by side."""
    grouped = groupby(enumerate(blocks), lambda one: _name_row(*one))
    return [[block for _, block in row] for _, row in grouped]


def _name_row(place: int, block: Block) -> int:
    """Return a name of the row of a block: all figures in a row share one."""
    return -1 if isinstance(block, Figure) else place


def embed_drawing(svg: str) -> Markup:
    """Return a drawing without what the page says once, and names of its parts."""
    return Markup(PART.sub("", svg.replace(ALONE, "", 1)))


def mark_code(text: str) -> Markup:
    """Mark words between backticks as code.

    Example:
        >>> mark_code("Set `seed` & run.")
        Markup('Set <code>seed</code> &amp; run.')
    """
    marked = Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))
    if isinstance(text, Foreign):
        return Markup('<q lang="en">{}</q>').format(marked)
    return marked


def link_places(cell: str) -> Markup:
    """Link the places that a cell names, for example `#people`, or a person's page.

    Example:
        >>> link_places("#people")
        Markup('<a href="#people">people</a>')
    """
    page = PAGE.match(cell)
    if page:
        return Markup('<a href="{}">{}</a>').format(quote(page[2]), page[1])
    linked = PLACE.sub(r'<a href="#\1">\1</a>', str(mark_code(cell)))
    return Markup(linked)
