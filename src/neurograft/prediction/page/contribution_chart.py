"""Draw what moved an answer, as bars to both sides of nothing."""

from typing import Literal

import pandas as pd

from neurograft.report.charts.axes import (
    LEFT,
    REFERENCE,
    RIGHT,
    Scale,
    begin_chart,
    draw_x_axis,
    name_value,
    say_number,
    shorten,
)
from neurograft.report.figures.drawing import SMALL
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import BLUE, ORANGE

# Bars at most. Chosen here: more are not read.
N_BARS = 8
# What is drawn: parts of a sum, or parts that were hidden one at a time.
ChartKind = Literal["moved", "hidden"]
ROW, BAR = 21.0, 12.0
NAMES = 150.0


def draw_contributions(
    contributions: pd.DataFrame,
    *,
    unit: str,
    kind: ChartKind = "moved",
    words: Words = ENGLISH,
) -> str:
    """Draw what moved an answer away from the mean person learned from.

    Parts that were hidden one at a time do not add up, and all of them are drawn.

    Args:
        contributions: `features`, `band`, `region`, `value`.
        unit: Of the values.
        kind: What they are.
        words: Of the chart.

    Returns:
        SVG; empty if there is nothing to draw.
    """
    if not len(contributions):
        return ""
    n_bars = N_BARS if kind == "moved" else len(contributions)
    order = contributions["value"].abs().sort_values(ascending=False).index
    shown = contributions.loc[order[:n_bars]]
    rest = contributions.loc[order[n_bars:], "value"]
    rows = [
        (name_part(row["features"], row["band"], row["region"], words), row["value"])
        for row in shown.to_dict("records")
    ]
    if len(rest):
        rows.append((words["moved_rest"].format(n=len(rest)), float(rest.sum())))
    told = "; ".join(
        f"{name}: {say_number(value, words, is_signed=True)}" for name, value in rows
    )
    drawing = begin_chart(
        words[kind],
        words["moved_desc"].format(rows=told),
        note=words[f"{kind}_note"].format(unit=unit),
    )
    reach = max(abs(float(value)) for _, value in rows) or 1.0
    scale = Scale(-reach, reach, LEFT + NAMES, RIGHT - 36)
    top = y = drawing.height + 4
    for name, value in rows:
        label = shorten(name, size=SMALL, width=NAMES - 6)
        drawing.text(LEFT, y + ROW / 2 + 4, label, size=SMALL)
        start, stop = sorted((scale.place(0), scale.place(value)))
        colour = BLUE if value > 0 else ORANGE
        hollow = "" if value > 0 else ' fill-opacity="0.35"'
        drawing.rectangle(
            start,
            y + (ROW - BAR) / 2,
            max(stop - start, 0.6),
            BAR,
            f'fill="{colour}" stroke="{colour}"{hollow}',
        )
        said = say_number(value, words, is_signed=True)
        drawing.text(RIGHT, y + ROW / 2 + 4, said, anchor="end", size=SMALL)
        y += ROW
    drawing.line((scale.place(0), top), (scale.place(0), y), REFERENCE)
    draw_x_axis(drawing, scale, y + 2, unit, words)
    return drawing.finish()


def name_part(features: str, band: str, region: str, words: Words) -> str:
    """Name a part of an answer: the band and region, else the features.

    Args:
        features: Name of the feature set.
        band: Empty, if there is none.
        region: Empty, if there is none.
        words: Of the chart.
    """
    parts = [name_value(one, words) for one in (band, region) if one]
    return ", ".join(parts) if parts else features
