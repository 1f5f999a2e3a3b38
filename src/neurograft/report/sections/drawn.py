"""Drawings as blocks of a page."""

import hashlib
import re
from collections.abc import Iterator

from markupsafe import Markup

from neurograft.report.blocks import Figure

# What the ids of a drawing begin with: a name made of what it shows.
UNIQUE = re.compile(r'aria-labelledby="(f[0-9a-f]{8})-title')


def draw(name: str, svg: str, caption: str) -> Iterator[Figure]:
    """Yield a drawing with its caption; nothing where nothing was drawn.

    Two drawings that show the same get ids of their own, from their names.

    Args:
        name: Of its file.
        svg: The drawing; empty if there is nothing to draw.
        caption: Whole sentences.
    """
    if not svg:
        return
    found = UNIQUE.search(svg)
    if found:
        own = hashlib.sha256(f"{name} {found[1]}".encode()).hexdigest()[:8]
        svg = svg.replace(found[1], f"f{own}")
    yield Figure(name, Markup(svg), caption)
