"""Style of figures: colours, the order of methods, rendering as SVG."""

import io
import re
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurograft.config.method_table import DESCRIBED

INK = "#1f2933"
GREY = "#8a94a0"
BLUE = "#1f6feb"
ORANGE = "#c2570c"
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


def sort_methods(names: Sequence[str]) -> list[str]:
    """Sort methods in the order of the method table: by the last feature set they use.

    Example:
        >>> sort_methods(["encoder:svm", "encoder", "riemann+band-power", "dummy"])
        ['dummy', 'riemann+band-power', 'encoder', 'encoder:svm']
    """
    order = list(DESCRIBED)

    def rank(name: str) -> tuple[int, int, str]:
        places = [order.index(part) for part in split_method(name) if part in order]
        return max(places, default=len(order)), len(name), name

    return sorted(names, key=rank)


def split_method(method: str) -> list[str]:
    """Split a method into feature sets, without adapters and learner."""
    return re.sub(r"@[\w-]+", "", method.partition(":")[0]).split("+")


def choose_colour(method: str) -> str:
    """Return blue for pretrained methods, orange for untrained twins, else ink."""
    roles = {DESCRIBED[part].role for part in split_method(method) if part in DESCRIBED}
    if "pretrained" in roles:
        return BLUE
    return ORANGE if "untrained" in roles else INK


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
