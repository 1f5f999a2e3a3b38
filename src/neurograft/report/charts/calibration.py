"""Stated probabilities against what was true of people."""

import math
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
    say_share,
)
from neurograft.report.charts.marks import (
    choose_looks,
    choose_shown,
    draw_curve,
    draw_key,
    draw_whisker,
)
from neurograft.report.figures.words import ENGLISH, Words

# More methods than these cannot be told apart.
N_METHODS = 2
SIDE = 300.0


def draw_calibration(
    calibration: pd.DataFrame,
    *,
    group: str,
    methods: Sequence[str] = (),
    words: Words = ENGLISH,
) -> str:
    """Draw the observed share of a group against the probability stated, by fifths.

    Args:
        calibration: Rows of `summary/calibration.tsv` of one task.
        group: Name of the group whose probability it is.
        methods: Which are drawn; up to two are chosen if none is named.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(calibration):
        return ""
    known = list(dict.fromkeys(calibration["method"].astype(str)))
    shown = [m for m in methods if m in known] or choose_shown(known, N_METHODS)
    own = calibration[calibration["method"].isin(shown)]
    n = int(own.loc[own["method"] == shown[0], "n"].sum())
    few, many = int(own["n"].min()), int(own["n"].max())
    size = str(few) if few == many else f"{few}\u2013{many}"
    drawing = begin_chart(
        words["calibration"],
        words["calibration_desc"].format(group=group, rows=_tell(own, words)),
        note=words["calibration_note"].format(n=n, size=size),
    )
    top, bottom = begin_panel(drawing, words["calibration_y"].format(group=group), SIDE)
    right = AXIS + SIDE
    frame = Frame(Scale(0, 1, AXIS, right), Scale(0, 1, bottom, top))
    draw_y_axis(drawing, frame.y, AXIS, words, right=right)
    label = words["calibration_x"].format(group=group)
    draw_x_axis(drawing, frame.x, bottom, label, words, top=top)
    drawing.line((AXIS, bottom), (right, top), f'data-reference="" {DASHED}')
    looks = choose_looks(shown)
    columns = ["stated", "observed", "ci_low", "ci_high"]
    for method in shown:
        rows = own[own["method"] == method].sort_values("stated")
        stated, observed, low, high = (list_numbers(rows, name) for name in columns)
        draw_curve(drawing, looks[method], frame, stated, observed)
        for at, *ends in zip(stated, observed, low, high, strict=True):
            if math.isfinite(at):
                draw_whisker(
                    drawing,
                    looks[method],
                    frame.y,
                    frame.x.place(at),
                    values=(ends[0], ends[1], ends[2]),
                    is_upright=True,
                )
    draw_key(drawing, [(looks[m], m) for m in shown], with_lines=True)
    add_note(drawing, words["dashed_calibrated"])
    return drawing.finish()


def _tell(own: pd.DataFrame, words: Words) -> str:
    """List what was stated and what was true."""
    return "; ".join(
        words["calibration_row"].format(
            method=row["method"],
            stated=say_share(float(row["stated"]), words),
            observed=say_share(float(row["observed"]), words),
            n=int(row["n"]),
        )
        for row in own.to_dict("records")
        if math.isfinite(float(row["stated"])) and math.isfinite(float(row["observed"]))
    )
