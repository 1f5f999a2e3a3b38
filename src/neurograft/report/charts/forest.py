"""Values with their intervals, line below line: methods, gains, gaps and shares."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from neurograft.report.charts.axes import (
    BOLD,
    GRID,
    LEFT,
    REFERENCE,
    RIGHT,
    add_note,
    begin_chart,
    choose_digits,
    draw_stripes,
    draw_x_axis,
    estimate_width,
    find_ticks,
    fit_lines,
    make_scale,
    name_value,
    raise_first,
    say_interval,
)
from neurograft.report.charts.marks import (
    ROLE_LOOKS,
    Look,
    choose_role,
    draw_role_key,
    draw_whisker,
)
from neurograft.report.figures.drawing import SIZE, SMALL, Drawing
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import sort_methods
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER

# Metrics that lie between 0 and 1, where 0.5 is guessing.
CHANCE = {"AUROC": 0.5}
OF_SHARES = ("AUROC", "balanced accuracy", "AUPRC")
ERRORS = (
    *LOWER_IS_BETTER,
    "root mean square error",
    "median absolute error",
    "mean error in steps",
    "expected calibration error",
)
# Analyses of the brain-age gap, as their table calls them.
CORRECTED, ADJUSTED = "bias-corrected gap", "adjusted for "
# From the base line of a name to the line of its interval, and to the next name.
DROP, ROW, LINE = 11.0, 35.0, 14.0
# With more rows than this, the axis stands at the top as well. Chosen here: a screen.
MANY = 14
INSET = 6.0


class Row(NamedTuple):
    """A value with its interval.

    Attributes:
        label: What it is.
        value: NaN where it is not known.
        low: Lower end of the interval; NaN where there is none.
        high: Upper end.
        look: Of its mark.
        heading: Written above the first row of several that share it.
    """

    label: str
    value: float
    low: float
    high: float
    look: Look = ROLE_LOOKS["pretrained"]
    heading: str = ""


class Axis(NamedTuple):
    """Unit, reference and limits that rows of values have in common.

    Attributes:
        label: Unit and direction, beneath the axis.
        reference: Value of a dashed line; NaN draws none.
        bounds: What no value can lie beyond.
        is_signed: Whether values are differences, written with their signs.
    """

    label: str
    reference: float = math.nan
    bounds: tuple[float, float] = (-math.inf, math.inf)
    is_signed: bool = False


def draw_forest(
    results: pd.DataFrame, *, unit: str = "", words: Words = ENGLISH
) -> str:
    """Draw the methods of a task: a metric with its 95 % interval, and the reference.

    Args:
        results: Rows of `summary/results.tsv` of one task and one metric.
        unit: Of errors, for example `years`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(results):
        return ""
    metric = str(results["metric"].iloc[0])
    by_method = {str(row["method"]): row for row in results.to_dict("records")}
    methods = sort_methods(list(by_method))
    rows = [
        read_row(by_method[method], method, ROLE_LOOKS[choose_role(method)])
        for method in methods
    ]
    dummy = by_method.get("dummy", {}).get("value", math.nan)
    reference = CHANCE.get(metric, float(dummy))
    kind = "chance" if metric in CHANCE else "dummy"
    told = {"metric": name_metric(metric, unit, words)}
    axis = Axis(
        words["smaller" if metric in ERRORS else "larger"].format(**told),
        reference,
        (0.0, 1.0) if metric in OF_SHARES else (-math.inf, math.inf),
    )
    n = _say_people(results["n_subjects"], words)
    listed = tell_rows(rows, axis, words)
    drawing = begin_chart(
        words["forest"].format(**told),
        words["forest_desc"].format(n=len(rows), rows=listed, **told),
        note=f"{n}; {words['interval_95']}",
    )
    draw_rows(drawing, rows, axis, words)
    draw_role_key(drawing, methods, words)
    if math.isfinite(reference):
        add_note(drawing, words[f"stroke_{kind}"])
    return drawing.finish()


def draw_value_rows(
    rows: Sequence[Row],
    axis: Axis,
    *,
    title: str,
    desc: str = "",
    note: str = "",
    words: Words = ENGLISH,
) -> str:
    """Draw any list of values with their intervals.

    Args:
        rows: In their order.
        axis: What the values have in common.
        title: Of the chart.
        desc: What it shows; the rows are listed behind it.
        note: Facts such as n, beneath the title.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not rows:
        return ""
    told = f"{desc} {tell_rows(rows, axis, words)}".strip()
    drawing = begin_chart(title, told, note=note)
    draw_rows(drawing, rows, axis, words)
    return drawing.finish()


def draw_gains(
    comparisons: pd.DataFrame,
    *,
    unit: str = "",
    n_subjects: Mapping[str, int] | None = None,
    words: Words = ENGLISH,
) -> str:
    """Draw what pretraining bought, by task: a method minus its untrained twin.

    Args:
        comparisons: Rows of `summary/comparisons.tsv` of all tasks.
        unit: Of errors.
        n_subjects: People of every task, written beside its name.
        words: Of the chart.

    Returns:
        SVG; empty if nothing was compared with an untrained twin.
    """
    own = comparisons[comparisons["question"] == "pretraining"]
    if not len(own):
        return ""
    parts = [(str(metric), part) for metric, part in own.groupby("metric", sort=False)]
    sizes = n_subjects or {}
    panels = [
        (metric, [_read_gain(r, sizes, words) for r in part.to_dict("records")])
        for metric, part in parts
    ]
    axes = [
        Axis(
            words["saved_axis" if metric in ERRORS else "gain_axis"].format(
                metric=name_metric(metric, unit, words)
            ),
            reference=0.0,
            is_signed=True,
        )
        for metric, _ in panels
    ]
    told = " ".join(
        tell_rows(rows, axis, words)
        for (_, rows), axis in zip(panels, axes, strict=True)
    )
    drawing = begin_chart(
        words["gains"],
        f"{words['gains_desc']} {told}",
        note=raise_first(words["interval_95"]),
    )
    for (_, rows), axis in zip(panels, axes, strict=True):
        draw_rows(drawing, rows, axis, words)
        drawing.height += 6
    add_note(drawing, words["stroke_zero"])
    return drawing.finish()


def draw_age_gaps(analyses: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the brain-age gap of patients minus that of controls, in every analysis.

    Args:
        analyses: Rows of `evaluation/brain_age.tsv` of one task and method.
        words: Of the chart.

    Returns:
        SVG; empty if no analysis was possible.
    """
    named = [
        _name_corrected(str(row["analysis"]), str(row["correction"]), words)
        for row in analyses.to_dict("records")
    ]
    known = analyses.assign(name=named).drop_duplicates("name")
    known = known[known["estimate"].notna()]
    rows = [
        Row(
            str(row["name"]),
            float(row["estimate"]),
            float(row["ci_low"]),
            float(row["ci_high"]),
            ROLE_LOOKS[
                "blind" if str(row["analysis"]).startswith("raw") else "pretrained"
            ],
        )
        for row in known.to_dict("records")
    ]
    axis = Axis(words["gap_axis"], reference=0.0, is_signed=True)
    n = _say_people(known["n"], words) if len(known) else ""
    note = f"{n}; {words['interval_95']}"
    return draw_value_rows(
        rows, axis, title=words["gaps"], desc=words["gaps_desc"], note=note, words=words
    )


def _name_corrected(analysis: str, correction: str, words: Words) -> str:
    """Name an analysis of the gap; only one differs between corrections."""
    named = name_analysis(analysis, words)
    return f"{named} ({correction})" if analysis == CORRECTED else named


def name_analysis(analysis: str, words: Words) -> str:
    """Name an analysis of the gap, as figures do where they know it."""
    if analysis.startswith(ADJUSTED):
        factors = analysis.removeprefix(ADJUSTED).split(", ")
        told = ", ".join(name_value(factor, words) for factor in factors)
        return words["adjusted_for"].format(factors=told)
    return words.get(analysis, analysis)


def draw_rows(drawing: Drawing, rows: Sequence[Row], axis: Axis, words: Words) -> None:
    """Draw rows with their axis beneath; names stand above their lines.

    Args:
        drawing: To draw on.
        rows: In their order.
        axis: What the values have in common.
        words: Of the chart.
    """
    numbers = [one for row in rows for one in (row.value, row.low, row.high)]
    start, stop = LEFT + INSET, RIGHT - INSET
    scale = make_scale([*numbers, axis.reference], start, stop, bounds=axis.bounds)
    top = drawing.height + 2
    if len(rows) > MANY:
        draw_x_axis(drawing, scale, top, "", words)
        top = drawing.height
    placed = _place(rows, top, axis, choose_digits(numbers), words)
    spans = [(y - 7, y + 7) for _, y, _ in placed]
    draw_stripes(drawing, map(scale.place, find_ticks(scale)), spans, GRID)
    if math.isfinite(axis.reference):
        style = f'data-reference="" {REFERENCE}'
        draw_stripes(drawing, [scale.place(axis.reference)], spans, style)
    for row, y, texts in placed:
        for x, base, told, style in texts:
            anchor = "end" if x > LEFT + INSET else "start"
            size = SMALL if anchor == "end" else SIZE
            drawing.text(x, base, told, anchor=anchor, size=size, style=style)
        draw_whisker(drawing, row.look, scale, y, values=(row.value, row.low, row.high))
    draw_x_axis(drawing, scale, spans[-1][1] + 5, axis.label, words)


Placed = tuple[Row, float, list[tuple[float, float, str, str]]]


def _place(
    rows: Sequence[Row], top: float, axis: Axis, digits: int, words: Words
) -> list[Placed]:
    """Return every row with the height of its line, and its texts with their places."""
    y, heading, placed = top + 2, "", []
    for row in rows:
        texts = []
        if row.heading and row.heading != heading:
            for line in fit_lines(row.heading, size=SIZE * BOLD):
                y += 16
                texts.append((LEFT, y, line, ' font-weight="600"'))
            heading = row.heading
            y += 3
        told = say_interval(
            row.value, row.low, row.high, words, digits=digits, is_signed=axis.is_signed
        )
        free = RIGHT - LEFT - estimate_width(told, size=SMALL) - 10
        for place, line in enumerate(fit_lines(row.label, width=free)):
            y += LINE
            texts.append((LEFT, y, line, ""))
            if not place:
                texts.append((RIGHT, y, told, ""))
        placed.append((row, y + DROP, texts))
        y += ROW - LINE
    return placed


def read_row(row: Mapping[Any, Any], label: str, look: Look | None = None) -> Row:
    """Return a row of a table that has `value`, `ci_low` and `ci_high`."""
    value, low, high = (float(row[name]) for name in ("value", "ci_low", "ci_high"))
    return Row(label, value, low, high, look or ROLE_LOOKS["pretrained"])


def _read_gain(row: Mapping[Any, Any], sizes: Mapping[str, int], words: Words) -> Row:
    task, method = str(row["task"]), str(row["method"])
    name = task if method == "encoder" else f"{task}: {method}"
    if task in sizes:
        name = words["group_n"].format(group=name, n=sizes[task])
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return Row(name, float(row["difference"]), low, high)


def tell_rows(rows: Sequence[Row], axis: Axis, words: Words) -> str:
    """List rows in a sentence for those who hear the chart."""
    digits = choose_digits([row.value for row in rows])
    told = [
        f"{row.heading + ', ' if row.heading else ''}{row.label}: "
        + say_interval(
            row.value, row.low, row.high, words, digits=digits, is_signed=axis.is_signed
        )
        for row in rows
    ]
    return "; ".join(told) + "."


def name_metric(metric: str, unit: str, words: Words) -> str:
    """Name a metric, of an error with its unit."""
    named = name_value(metric, words)
    return f"{named}, {unit}" if unit and metric in ERRORS else named


def _say_people(counts: "pd.Series[int]", words: Words) -> str:
    """Say how many people there are, or the range where rows differ."""
    low, high = int(counts.min()), int(counts.max())
    return words["n_people"].format(n=low if low == high else f"{low}\u2013{high}")
