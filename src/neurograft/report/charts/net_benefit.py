"""The net benefit of deciding by a model, beside treating everybody and nobody."""

import math
from collections.abc import Sequence

import pandas as pd

from neurograft.report.charts.axes import (
    AXIS,
    RIGHT,
    Frame,
    Scale,
    add_note,
    begin_chart,
    begin_panel,
    draw_x_axis,
    draw_y_axis,
    list_numbers,
    make_scale,
    say_share,
)
from neurograft.report.charts.marks import (
    Look,
    choose_looks,
    choose_role,
    choose_shown,
    draw_band,
    draw_curve,
    draw_key,
    mark_curve,
)
from neurograft.report.figures.drawing import GREEN, Drawing, number
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import GREY

# More methods than these cannot be told apart, beside the two lines of reference.
N_METHODS = 2
PANEL = 200.0
ALL_LOOK, NONE_LOOK = Look("", GREY, dash="6 3"), Look("", GREEN, dash="2 2.5")
# Below zero, this share of the best benefit is drawn: treating everybody falls far.
BELOW = 0.35


def draw_net_benefit(
    net_benefit: pd.DataFrame,
    *,
    methods: Sequence[str] = (),
    words: Words = ENGLISH,
) -> str:
    """Draw net benefit by the threshold from which on a person would be treated.

    Args:
        net_benefit: Rows of `summary/net_benefit.tsv` of one task.
        methods: Which are drawn; up to two are chosen if none is named.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(net_benefit):
        return ""
    known = list(dict.fromkeys(net_benefit["method"].astype(str)))
    shown = [m for m in methods if m in known] or choose_shown(known, N_METHODS)
    claimed = [m for m in shown if choose_role(m) == "pretrained"]
    shaded = (claimed or shown)[0]
    own = net_benefit[net_benefit["method"].isin(shown)]
    prevalence = say_share(float(own["prevalence"].iloc[0]), words)
    drawing = begin_chart(
        words["benefit"],
        words["benefit_desc"].format(methods=", ".join(shown), prevalence=prevalence),
        note=words["benefit_note"].format(prevalence=prevalence, method=shaded),
    )
    top, bottom = begin_panel(drawing, words["benefit_y"], PANEL)
    frame = Frame(Scale(0, 1, AXIS, RIGHT - 8), _make_benefits(own, bottom, top))
    draw_y_axis(drawing, frame.y, AXIS, words, right=frame.x.stop)
    draw_x_axis(drawing, frame.x, bottom, words["benefit_x"], words, top=top)
    drawing.add(_cut(frame))
    _draw_lines(drawing, own, shown, shaded, frame)
    drawing.add("</g>")
    looks = choose_looks(shown)
    keys = [(looks[method], method) for method in shown]
    keys += [(ALL_LOOK, words["treat_all"]), (NONE_LOOK, words["treat_none"])]
    draw_key(drawing, keys, with_lines=True)
    add_note(drawing, words["benefit_read"])
    return drawing.finish()


def _make_benefits(own: pd.DataFrame, bottom: float, top: float) -> Scale:
    """Return a scale from a little below zero to the best."""
    tops = own[["net_benefit", "treat_all", "ci_high"]].to_numpy(dtype=float).ravel()
    best = max((float(v) for v in tops if math.isfinite(v)), default=0.1)
    best = best if best > 0 else 0.1
    return make_scale([-BELOW * best, best], bottom, top)


def _cut(frame: Frame) -> str:
    """Begin a group of what is cut off at the edges of a panel."""
    x, y = frame.x.start, frame.y.stop
    size = f'width="{number(frame.x.stop - x)}" height="{number(frame.y.start - y)}"'
    rectangle = f'<rect x="{number(x)}" y="{number(y)}" {size}/>'
    return f'<clipPath id="@-panel">{rectangle}</clipPath><g clip-path="url(#@-panel)">'


def _draw_lines(
    drawing: Drawing,
    own: pd.DataFrame,
    shown: Sequence[str],
    shaded: str,
    frame: Frame,
) -> None:
    """Draw treating all and none, then methods, and the band of one of them."""
    looks = choose_looks(shown)
    numbers = {
        method: own[own["method"] == method].sort_values("threshold")
        for method in shown
    }
    first = numbers[shown[0]]
    thresholds = list_numbers(first, "threshold")
    draw_curve(drawing, ALL_LOOK, frame, thresholds, list_numbers(first, "treat_all"))
    draw_curve(drawing, NONE_LOOK, frame, thresholds, [0.0] * len(thresholds))
    rows = numbers[shaded]
    ends = (list_numbers(rows, "ci_low"), list_numbers(rows, "ci_high"))
    draw_band(drawing, looks[shaded], frame, list_numbers(rows, "threshold"), ends)
    for order, method in enumerate(shown):
        x = list_numbers(numbers[method], "threshold")
        y = list_numbers(numbers[method], "net_benefit")
        draw_curve(drawing, looks[method], frame, x, y)
        mark_curve(drawing, looks[method], frame, (x, y), order=order)
