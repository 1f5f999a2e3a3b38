"""Figures by matplotlib in the house style, rendered as SVG.

Those of reports are drawn by `figures/drawing.py` instead: matplotlib takes half a
second to load.
"""

import io

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurograft.report.style import GREY, INK

STYLE = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "neurograft",
    "legend.frameon": False,
}


def render(figure: Figure) -> str:
    """Return the SVG of a figure, without XML header, date or generator."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]


def make_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure in the house style; width and height in inches."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()
