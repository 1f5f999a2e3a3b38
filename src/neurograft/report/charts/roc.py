"""The ROC curves of a task of two groups, with the uncertainty of one of them."""

from collections.abc import Sequence

import pandas as pd

from neurograft.report.charts.axes import (
    AXIS,
    DASHED,
    Frame,
    Scale,
    add_note,
    begin_chart,
    begin_panel,
    draw_x_axis,
    draw_y_axis,
    list_numbers,
    say_interval,
)
from neurograft.report.charts.marks import (
    choose_looks,
    choose_role,
    choose_shown,
    draw_band,
    draw_curve,
    draw_key,
    mark_curve,
)
from neurograft.report.figures.words import ENGLISH, Words

# More curves than these cannot be told apart.
N_CURVES = 4
SIDE = 300.0


def draw_roc(
    roc: pd.DataFrame,
    *,
    methods: Sequence[str] = (),
    band: str = "",
    results: pd.DataFrame | None = None,
    words: Words = ENGLISH,
) -> str:
    """Draw sensitivity against false alarms of up to four methods.

    Args:
        roc: Rows of `summary/roc.tsv` of one task.
        methods: Whose curves are drawn; up to four are chosen if none is named.
        band: Method whose 95 % band is shaded; the pretrained one drawn if not named.
        results: Rows of `summary/results.tsv` of the task, to name areas in the key.
        words: Of the chart.

    Returns:
        SVG; empty if there is no curve.
    """
    if not len(roc):
        return ""
    known = list(dict.fromkeys(roc["method"].astype(str)))
    shown = [m for m in methods if m in known][:N_CURVES]
    shown = shown or choose_shown(known, N_CURVES)
    claimed = [m for m in shown if choose_role(m) == "pretrained"]
    shaded = band if band in shown else (claimed or shown)[0]
    counts = {
        "positive": roc["n_positive"].iloc[0],
        "negative": roc["n_negative"].iloc[0],
    }
    names = {method: _name(method, results, words) for method in shown}
    drawing = begin_chart(
        words["roc"],
        words["roc_desc"].format(methods="; ".join(names.values())),
        note=words["roc_note"].format(**counts, method=shaded),
    )
    top, bottom = begin_panel(drawing, words["roc_y"], SIDE)
    right = AXIS + SIDE
    frame = Frame(Scale(0, 1, AXIS, right), Scale(0, 1, bottom, top))
    draw_y_axis(drawing, frame.y, AXIS, words, right=right)
    draw_x_axis(drawing, frame.x, bottom, words["roc_x"], words, top=top)
    drawing.line((AXIS, bottom), (right, top), f'data-reference="" {DASHED}')
    looks = choose_looks(shown)
    rows = {method: roc[roc["method"] == method] for method in shown}
    ends = (list_numbers(rows[shaded], "ci_low"), list_numbers(rows[shaded], "ci_high"))
    draw_band(
        drawing,
        looks[shaded],
        frame,
        list_numbers(rows[shaded], "false_positive_rate"),
        ends,
    )
    for order, method in enumerate(shown):
        rates, found = (
            list_numbers(rows[method], name)
            for name in ("false_positive_rate", "sensitivity")
        )
        draw_curve(drawing, looks[method], frame, rates, found)
        mark_curve(drawing, looks[method], frame, (rates, found), order=order)
    keys = [(looks[method], name) for method, name in names.items()]
    draw_key(drawing, keys, with_lines=True)
    add_note(drawing, words["dashed_chance"])
    return drawing.finish()


def _name(method: str, results: pd.DataFrame | None, words: Words) -> str:
    """Name a method with its area and interval, where they are known."""
    if results is None:
        return method
    own = results[(results["method"] == method) & (results["metric"] == "AUROC")]
    if not len(own):
        return method
    value, low, high = (
        float(own[name].iloc[0]) for name in ("value", "ci_low", "ci_high")
    )
    return f"{method}: {say_interval(value, low, high, words)}"
