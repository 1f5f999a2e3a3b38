"""The course of pretraining: losses, and what can be read from embeddings."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from neurograft.report.charts.axes import (
    AXIS,
    GRID,
    RIGHT,
    RULE,
    Frame,
    Scale,
    begin_chart,
    begin_panel,
    draw_x_axis,
    draw_y_axis,
    make_scale,
)
from neurograft.report.charts.marks import Look, draw_curve, draw_key, draw_mark
from neurograft.report.figures.drawing import DASHES, GREEN, Drawing
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import BLUE, GREY, ORANGE

PANEL = 130.0
LOSSES = {
    "loss": Look("square", GREY),
    "watched_loss": Look("circle", BLUE),
    "predict_mean_loss": Look("", ORANGE, dash=DASHES[1]),
}
PROBES = {
    "spectral_r2": Look("circle", BLUE),
    "age_r2": Look("square", "currentColor", dash=DASHES[1]),
    "sex_r2": Look("triangle", GREEN, dash=DASHES[2]),
    "recognised": Look("diamond", ORANGE, is_hollow=True, dash=DASHES[3]),
}
# A line of more points than these bears marks at some of them only.
MANY = 24


class _Panel(NamedTuple):
    """Columns that share a panel, with its ends."""

    columns: Sequence[str]
    top: float
    bottom: float


def draw_learning(metrics: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw losses by step on people learned from and left out; beneath it the probes.

    Args:
        metrics: `metrics.tsv` of a pretraining.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(metrics):
        return ""
    first, last = (int(metrics["step"].iloc[place]) for place in (0, -1))
    has_stages = metrics["stage"].nunique() > 1
    drawing = begin_chart(
        words["learning"],
        words["learning_desc"].format(first=first, last=last),
        note=words["learning_note" if has_stages else "learning_short"].format(
            last=last
        ),
    )
    x = make_scale([float(step) for step in metrics["step"]], AXIS + 4, RIGHT - 8)
    for looks, label, floor in (
        (LOSSES, words["learning_loss"], 0.0),
        (PROBES, words["learning_probes"], None),
    ):
        known = [c for c in looks if c in metrics and metrics[c].notna().any()]
        if not known:
            continue
        top, bottom = begin_panel(drawing, label, PANEL)
        _draw_panel(
            drawing, metrics, looks, _Panel(known, top, bottom), (x, floor, words)
        )
        keys = [(looks[column], words[f"learned_{column}"]) for column in known]
        draw_key(drawing, keys, with_lines=True)
    return drawing.finish()


def _draw_panel(
    drawing: Drawing,
    metrics: pd.DataFrame,
    looks: dict[str, Look],
    panel: _Panel,
    shared: tuple[Scale, float | None, Words],
) -> None:
    """Draw the columns of a panel; a line stands where a stage begins."""
    x, floor, words = shared
    values = metrics[list(panel.columns)].to_numpy(dtype=float).ravel()
    always = [] if floor is None else [floor]
    bounds = (-math.inf if floor is None else floor, math.inf)
    y = make_scale([*values, *always], panel.bottom, panel.top, bounds=bounds)
    frame = Frame(x, y)
    draw_y_axis(drawing, y, AXIS, words, n=4)
    draw_x_axis(drawing, x, panel.bottom, words["learning_x"], words)
    if y.low < 0 < y.high:
        drawing.line((AXIS, y.place(0)), (RIGHT, y.place(0)), RULE)
    for _, stage in list(metrics.groupby("stage"))[1:]:
        at = x.place(float(stage["step"].iloc[0]))
        drawing.line((at, panel.top), (at, panel.bottom), GRID)
    for column in panel.columns:
        for _, stage in metrics.groupby("stage"):
            steps = [float(step) for step in stage["step"]]
            own = [float(value) for value in stage[column]]
            draw_curve(drawing, looks[column], frame, steps, own)
            every = max(len(steps) // MANY, 1)
            for step, value in list(zip(steps, own, strict=True))[::every]:
                if math.isfinite(value):
                    left, top = x.place(step), y.place(value)
                    draw_mark(drawing, looks[column], left, top, size=2.6)
