"""How figures look: colours, the order of methods, rendering as SVG."""

import io
import re
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1f2933"
GREY = "#8a94a0"
BLUE = "#1f6feb"
ORANGE = "#c2570c"
# Methods in the order of the figures; the claim last, next to its control.
ORDER = (
    "dummy", "demographics", "duration", "amplitude", "acquisition", "artefact",
    "band-power",
    "aperiodic", "handcrafted", "connectivity", "riemann", "shallownet", "deep4",
    "eegnet", "tcn", "tokens", "scratch", "random-encoder", "random-attentive",
    "surrogate", "encoder", "encoder-covariance", "stack", "attentive", "lora",
    "partial", "adversarial", "fine-tuned",
)  # fmt: skip
PRETRAINED = {
    "encoder", "encoder-covariance", "surrogate", "stack", "lora", "partial",
    "fine-tuned", "adversarial", "attentive",
}  # fmt: skip
UNTRAINED = {"random-encoder", "random-attentive", "scratch"}
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
    """Methods in the order of the figures: by the last feature set they use.

    Example:
        >>> sort_methods(["encoder:svm", "encoder", "riemann+band-power", "dummy"])
        ['dummy', 'riemann+band-power', 'encoder', 'encoder:svm']
    """

    def rank(name: str) -> tuple[int, int, str]:
        blocks = re.sub(r"@[\w-]+", "", name.partition(":")[0]).split("+")
        places = [ORDER.index(block) for block in blocks if block in ORDER]
        return max(places, default=len(ORDER)), len(name), name

    return sorted(names, key=rank)


def choose_colour(method: str) -> str:
    """Blue if it owes anything to pretraining, orange for its untrained twins."""
    blocks = set(re.sub(r"@[\w-]+", "", method.partition(":")[0]).split("+"))
    if blocks & PRETRAINED:
        return BLUE
    return ORANGE if blocks & UNTRAINED else INK


def render(figure: Figure) -> str:
    """SVG of a figure, without XML header, date or generator."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]


def make_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure in the house style, inches."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()
