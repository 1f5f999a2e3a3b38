"""Drawings as blocks of a page."""

from collections.abc import Iterator

from markupsafe import Markup

from neurograft.report.blocks import Figure


def draw(name: str, svg: str, caption: str) -> Iterator[Figure]:
    """Yield a drawing with its caption; nothing where nothing was drawn.

    Args:
        name: Of its file.
        svg: The drawing; empty if there is nothing to draw.
        caption: Whole sentences.
    """
    if svg:
        yield Figure(name, Markup(svg), caption)
