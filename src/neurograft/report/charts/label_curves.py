"""Curves over the number of labelled people, and what pretraining gains along them."""

import math
from collections.abc import Sequence

import pandas as pd

from neurograft.report.charts.axes import (
    AXIS,
    DASHED,
    RIGHT,
    Frame,
    Scale,
    add_note,
    begin_chart,
    begin_panel,
    choose_digits,
    draw_x_axis,
    draw_y_axis,
    estimate_width,
    list_numbers,
    make_scale,
    say_interval,
    say_number,
)
from neurograft.report.charts.forest import (
    CHANCE,
    ERRORS,
    OF_SHARES,
    name_metric,
)
from neurograft.report.charts.marks import (
    ROLE_LOOKS,
    Look,
    choose_looks,
    choose_shown,
    draw_curve,
    draw_key,
    draw_whisker,
)
from neurograft.report.figures.drawing import SMALL, Drawing
from neurograft.report.figures.words import ENGLISH, Words

# Rows of the table that are derived; `... of fine-tuned` follow.
NUMBER = "mean absolute error"
GAIN, SAVED = "pretraining gain", "labels saved"
# More curves than these cannot be told apart.
N_CURVES = 5
PANEL, GAIN_PANEL = 170.0, 84.0
# Between the intervals of two methods at one number of people.
STEP = 5.0
# A number this near to the line at zero stands above it.
NEAR = 10.0


def draw_label_curves(
    curves: pd.DataFrame,
    *,
    methods: Sequence[str] = (),
    unit: str = "",
    n: int = 0,
    labelled: str = "class",
    words: Words = ENGLISH,
) -> str:
    """Draw a metric by number of labelled people, and the gain of pretraining beneath.

    Args:
        curves: Rows of `summary/curves.tsv` of one task.
        methods: Whose curves are drawn; up to five are chosen if none is named.
        unit: Of errors.
        n: People of the task; 0 does not say it.
        labelled: What is counted: people of each `class`, `people` whose number is
            known, `pairs` of matched people, or people of whom `both` conditions are.
        words: Of the chart.

    Returns:
        SVG; empty if there is no curve.
    """
    is_derived = curves["method"].astype(str).str.startswith((GAIN, SAVED))
    if is_derived.all():
        return ""
    curves = _count_people(curves).assign(labelled=f"labelled_{labelled}")
    own = curves[~is_derived]
    known = list(dict.fromkeys(own["method"].astype(str)))
    shown = [m for m in methods if m in known] or choose_shown(known, N_CURVES)
    metric = str(own["metric"].iloc[0])
    named = name_metric(metric, unit, words)
    gains = curves[curves["method"].astype(str).str.startswith(GAIN)]
    said = _say_gains(gains, words)
    notes = [words["n_people"].format(n=n)] if n else []
    notes += [words["interval_95"]]
    if len(shown) < len(known):
        counted = {"shown": len(shown), "n": len(known)}
        notes.append(words["some_methods"].format(**counted))
    drawing = begin_chart(
        words["curves"].format(metric=named),
        words["curves_desc"].format(metric=named, methods=", ".join(shown), gains=said),
        note="; ".join(notes),
    )
    _draw_methods(drawing, own[own["method"].isin(shown)], shown, named, words)
    draw_key(drawing, _list_keys(shown), with_lines=True)
    for name, part in gains.groupby("method", sort=False):
        _draw_gain(drawing, part, str(name).removeprefix(GAIN), named, words)
    lines = [words["dashed_chance"]] if metric in CHANCE else []
    lines += [words["dashed_gain"]] if len(gains) else []
    add_note(drawing, " ".join(lines))
    add_note(drawing, _say_saved(curves, words))
    return drawing.finish()


def _count_people(curves: pd.DataFrame) -> pd.DataFrame:
    """Count all labelled people where a number is predicted: the table has half."""
    if str(curves["metric"].iloc[0]) != NUMBER:
        return curves
    counted = curves.assign(labels_per_class=2 * curves["labels_per_class"])
    is_saved = counted["method"].astype(str).str.startswith(SAVED)
    counted.loc[is_saved, ["value", "ci_low", "ci_high"]] *= 2
    return counted


def _list_keys(shown: Sequence[str]) -> list[tuple[Look, str]]:
    return [(look, name) for name, look in choose_looks(shown).items()]


def _draw_methods(
    drawing: Drawing, own: pd.DataFrame, shown: Sequence[str], named: str, words: Words
) -> None:
    """Draw the curves of methods; intervals stand side by side."""
    metric = str(own["metric"].iloc[0])
    ends = own[["value", "ci_low", "ci_high"]].to_numpy(dtype=float).ravel()
    direction = words["smaller" if metric in ERRORS else "larger"].format(metric=named)
    top, bottom = begin_panel(drawing, direction, PANEL)
    bounds = (0.0, 1.0) if metric in OF_SHARES else (-math.inf, math.inf)
    if metric in OF_SHARES:
        ends = ends.clip(0, 1)
    frame = Frame(_make_counts(own), make_scale(ends, bottom, top, bounds=bounds))
    draw_y_axis(drawing, frame.y, AXIS, words)
    chance = CHANCE.get(metric, math.nan)
    if frame.y.low <= chance <= frame.y.high:
        y = frame.y.place(chance)
        drawing.line((AXIS, y), (RIGHT, y), DASHED)
    looks = choose_looks(shown)
    for order, method in enumerate(shown):
        rows = own[own["method"] == method].sort_values("labels_per_class")
        values, counts = _list_values(rows), list_numbers(rows, "labels_per_class")
        aside = STEP * (order - (len(shown) - 1) / 2)
        x = frame.x._replace(start=frame.x.start + aside, stop=frame.x.stop + aside)
        draw_curve(
            drawing,
            looks[method],
            Frame(x, frame.y),
            counts,
            list_numbers(rows, "value"),
        )
        for count, ends_of in zip(counts, values, strict=True):
            at = x.place(count)
            draw_whisker(
                drawing, looks[method], frame.y, at, values=ends_of, is_upright=True
            )
    _draw_counts(drawing, frame.x, bottom, own, words)


def _draw_gain(
    drawing: Drawing, part: pd.DataFrame, of: str, named: str, words: Words
) -> None:
    """Draw the gain by number of people in a small panel with a line at zero."""
    metric = str(part["metric"].iloc[0])
    values = _list_values(part)
    known = [number for row in values for number in row]
    key = "saved_panel" if metric in ERRORS else "gain_panel"
    method = of.removeprefix(" of ")
    label = words[key].format(metric=named) + (f": {method}" if method else "")
    top, bottom = begin_panel(drawing, label, GAIN_PANEL)
    scale = make_scale([*known, 0.0], bottom, top)
    draw_y_axis(drawing, scale, AXIS, words, n=3)
    y = scale.place(0)
    drawing.line((AXIS, y), (RIGHT, y), f'data-reference="" {DASHED}')
    x = _make_counts(part)
    digits, last = choose_digits(known), -math.inf
    for count, ends in zip(part["labels_per_class"], values, strict=True):
        at, value = x.place(count), ends[0]
        look = ROLE_LOOKS["pretrained"]
        draw_whisker(drawing, look, scale, at, values=ends, is_upright=True)
        told = say_number(value, words, digits=digits, is_signed=True)
        wide = estimate_width(told, size=SMALL)
        if math.isfinite(value) and at + 8 > last and at + 8 + wide <= RIGHT:
            is_near = abs(scale.place(value) - y) < NEAR
            drawing.text(
                at + 8, y - 5 if is_near else scale.place(value) + 4, told, size=SMALL
            )
            last = at + 8 + wide + 6
    _draw_counts(drawing, x, bottom, part, words)


def _list_values(rows: pd.DataFrame) -> list[tuple[float, float, float]]:
    """Return value, lower and upper end of every row."""
    columns = (list_numbers(rows, name) for name in ("value", "ci_low", "ci_high"))
    return list(zip(*columns, strict=True))


def _make_counts(rows: pd.DataFrame) -> Scale:
    """Return the scale of numbers of people, with room for intervals side by side."""
    counts = rows["labels_per_class"].to_numpy(dtype=float)
    return make_scale(counts, AXIS + 18, RIGHT - 42, is_log=True)


def _draw_counts(
    drawing: Drawing, scale: Scale, bottom: float, rows: pd.DataFrame, words: Words
) -> None:
    ticks = sorted({float(count) for count in rows["labels_per_class"]})
    is_number = str(rows["metric"].iloc[0]) == NUMBER
    label = words["labelled_people" if is_number else rows["labelled"].iloc[0]]
    draw_x_axis(drawing, scale, bottom, label, words, ticks=ticks)


def _say_gains(gains: pd.DataFrame, words: Words) -> str:
    """Write the gains in a sentence."""
    digits = choose_digits(gains["value"])
    parts = [
        words["gain_at"].format(
            n=f"{row['labels_per_class']:g}",
            gain=say_interval(
                float(row["value"]),
                float(row["ci_low"]),
                float(row["ci_high"]),
                words,
                digits=digits,
                is_signed=True,
            ),
        )
        for row in gains.to_dict("records")
    ]
    return words["gains_said"].format(gains="; ".join(parts)) if parts else ""


def _say_saved(curves: pd.DataFrame, words: Words) -> str:
    """Write how many labelled people pretraining saved."""
    saved = curves[curves["method"].astype(str).str.startswith(SAVED)]
    return " ".join(
        words["labels_saved"].format(
            of=str(row["method"]).removeprefix(SAVED).replace(" of ", ": "),
            n=f"{row['labels_per_class']:g}",
            saved=say_interval(
                float(row["value"]),
                float(row["ci_low"]),
                float(row["ci_high"]),
                words,
                digits=0,
            ),
        )
        for row in saved.to_dict("records")
    )
