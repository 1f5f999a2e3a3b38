"""Values with their intervals, line below line: methods, gains, gaps and shares."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from neurograft.report.charts.axes import (
    DASHED,
    LEFT,
    RIGHT,
    RULE,
    Scale,
    add_note,
    begin_chart,
    choose_digits,
    draw_x_axis,
    fit_lines,
    make_scale,
    measure,
    name_value,
    say_interval,
)
from neurograft.report.charts.marks import (
    GROUP_LOOKS,
    ROLE_LOOKS,
    Look,
    choose_role,
    draw_key,
    draw_role_key,
    draw_whisker,
)
from neurograft.report.figures.drawing import SMALL, Drawing
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import sort_methods
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER

# Metrics that lie between 0 and 1, where 0.5 is guessing.
CHANCE = {"AUROC": 0.5}
OF_SHARES = ("AUROC", "balanced accuracy", "AUPRC", "Brier score")
ERRORS = (
    *LOWER_IS_BETTER,
    "root mean square error",
    "median absolute error",
    "mean error in steps",
    "expected calibration error",
)
# The place of factors that were measured over all cohorts.
ALL = "all cohorts"
# From the base line of a name to the line of its interval, and to the next name.
DROP, ROW, LINE = 11.0, 30.0, 14.0
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
    """What the values of rows have in common.

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
    by_method = results.set_index("method")
    methods = sort_methods(by_method.index.tolist())
    rows = [
        _read_row(by_method.loc[method], method, ROLE_LOOKS[choose_role(method)])
        for method in methods
    ]
    dummy = by_method["value"].get("dummy", math.nan)
    reference = CHANCE.get(metric, float(dummy))
    kind = "chance" if metric in CHANCE else "dummy"
    told = {"metric": name_metric(metric, unit, words)}
    axis = Axis(
        words["smaller" if metric in ERRORS else "larger"].format(**told),
        reference,
        (0.0, 1.0) if metric in OF_SHARES else (-math.inf, math.inf),
    )
    n = _say_people(results["n_subjects"], words)
    drawing = begin_chart(
        words["forest"].format(**told),
        words["forest_desc"].format(n=len(rows), rows=_tell(rows, axis, words), **told),
        note=f"{n}; {words['interval_95']}",
    )
    draw_rows(drawing, rows, axis, words)
    draw_role_key(drawing, methods, words)
    if math.isfinite(reference):
        add_note(drawing, words[f"dashed_{kind}"])
    return drawing.finish()


def draw_intervals(
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
    told = f"{desc} {_tell(rows, axis, words)}".strip()
    drawing = begin_chart(title, told, note=note)
    draw_rows(drawing, rows, axis, words)
    return drawing.finish()


def draw_gains(
    comparisons: pd.DataFrame, *, unit: str = "", words: Words = ENGLISH
) -> str:
    """Draw what pretraining bought, by task: a method minus its untrained twin.

    Args:
        comparisons: Rows of `summary/comparisons.tsv` of all tasks.
        unit: Of errors.
        words: Of the chart.

    Returns:
        SVG; empty if nothing was compared with an untrained twin.
    """
    own = comparisons[comparisons["question"] == "pretraining"]
    if not len(own):
        return ""
    parts = [(str(metric), part) for metric, part in own.groupby("metric", sort=False)]
    panels = [
        (metric, [_read_gain(r) for _, r in part.iterrows()]) for metric, part in parts
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
        _tell(rows, axis, words) for (_, rows), axis in zip(panels, axes, strict=True)
    )
    drawing = begin_chart(
        words["gains"],
        f"{words['gains_desc']} {told}",
        note=words["interval_95"].capitalize(),
    )
    for (_, rows), axis in zip(panels, axes, strict=True):
        draw_rows(drawing, rows, axis, words)
        drawing.height += 6
    add_note(drawing, words["dashed_zero"])
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
        f"{analysis} ({correction})"
        if str(analysis).startswith("bias-corrected")
        else str(analysis)
        for analysis, correction in zip(
            analyses["analysis"], analyses["correction"], strict=True
        )
    ]
    known = analyses.assign(name=named).drop_duplicates("name")
    known = known[known["estimate"].notna()]
    rows = [
        Row(
            name_value(str(row["name"]), words),
            float(row["estimate"]),
            float(row["ci_low"]),
            float(row["ci_high"]),
            ROLE_LOOKS["blind" if str(row["name"]).startswith("raw") else "pretrained"],
        )
        for _, row in known.iterrows()
    ]
    axis = Axis(words["gap_axis"], reference=0.0, is_signed=True)
    note = _say_people(known["n"], words) if "n" in known and len(known) else ""
    return draw_intervals(
        rows, axis, title=words["gaps"], desc=words["gaps_desc"], note=note, words=words
    )


def draw_variance_shares(factors: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the share of the embedding's variance that goes with every factor.

    Args:
        factors: `shift/factors.tsv`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    rows = [
        _read_row(row, name_value(str(row["factor"]), words))._replace(
            heading=words.get(ALL, ALL) if row["where"] == ALL else str(row["where"])
        )
        for _, row in factors.iterrows()
    ]
    axis = Axis(words["share_axis"], reference=0.0)
    return draw_intervals(
        rows,
        axis,
        title=words["variance"],
        desc=words["variance_desc"],
        note=words["interval_95"].capitalize(),
        words=words,
    )


def draw_adapters(adapters: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw how well cohorts are told apart, before and after every adapter.

    Args:
        adapters: `shift/adapters.tsv`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(adapters):
        return ""
    names = adapters["adapter"].fillna("").astype(str)
    representations = list(dict.fromkeys(adapters["representation"].astype(str)))
    looks = dict(zip(representations, GROUP_LOOKS, strict=False))
    rows = [
        _read_row(row, str(row["representation"]))._replace(
            heading=name or words["no_adapter"],
            look=looks.get(str(row["representation"]), GROUP_LOOKS[-1]),
        )
        for name in dict.fromkeys(names)
        for _, row in adapters[names == name].iterrows()
    ]
    chance = float(adapters["chance"].iloc[0])
    axis = Axis(words["adapter_axis"], chance, (0.0, 1.0))
    drawing = begin_chart(
        words["adapters"],
        f"{words['adapters_desc']} {_tell(rows, axis, words)}",
        note=words["interval_95"].capitalize(),
    )
    draw_rows(drawing, rows, axis, words)
    draw_key(drawing, [(look, name) for name, look in looks.items()])
    add_note(drawing, words["dashed_chance"])
    return drawing.finish()


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
    bottom = placed[-1][1] + 12
    _draw_reference(drawing, scale, axis.reference, top, bottom)
    draw_x_axis(drawing, scale, bottom, axis.label, words, top=top)
    for row, y, texts in placed:
        for x, base, told, style in texts:
            anchor = "end" if x > LEFT + INSET else "start"
            size = SMALL if anchor == "end" else 12.0
            drawing.text(x, base, told, anchor=anchor, size=size, style=style)
        draw_whisker(drawing, row.look, scale, y, values=(row.value, row.low, row.high))


def _draw_reference(
    drawing: Drawing, scale: Scale, reference: float, top: float, bottom: float
) -> None:
    """Draw a dashed line at the value that rows are compared with."""
    if math.isfinite(reference):
        x = scale.place(reference)
        drawing.line((x, top), (x, bottom), f'data-reference="" {DASHED}')
    elif scale.low <= 0 <= scale.high:
        x = scale.place(0)
        drawing.line((x, top), (x, bottom), RULE)


Placed = tuple[Row, float, list[tuple[float, float, str, str]]]


def _place(
    rows: Sequence[Row], top: float, axis: Axis, digits: int, words: Words
) -> list[Placed]:
    """Return every row with the height of its line, and its texts with their places."""
    y, heading, placed = top + 2, "", []
    for row in rows:
        texts = []
        if row.heading and row.heading != heading:
            for line in fit_lines(row.heading):
                y += 16
                texts.append((LEFT, y, line, ' font-weight="600"'))
            heading = row.heading
        told = say_interval(
            row.value, row.low, row.high, words, digits=digits, is_signed=axis.is_signed
        )
        free = RIGHT - LEFT - measure(told, size=SMALL) - 10
        for place, line in enumerate(fit_lines(row.label, width=free)):
            y += LINE
            texts.append((LEFT, y, line, ""))
            if not place:
                texts.append((RIGHT, y, told, ""))
        placed.append((row, y + DROP, texts))
        y += ROW - LINE
    return placed


def _read_row(row: "pd.Series[float]", label: str, look: Look | None = None) -> Row:
    numbers = (float(row[name]) for name in ("value", "ci_low", "ci_high"))
    return Row(label, *numbers, look or ROLE_LOOKS["pretrained"])


def _read_gain(row: "pd.Series[float]") -> Row:
    is_plain = row["method"] == "encoder"
    label = str(row["task"]) if is_plain else f"{row['task']}: {row['method']}"
    numbers = (float(row[name]) for name in ("difference", "ci_low", "ci_high"))
    return Row(label, *numbers)


def _tell(rows: Sequence[Row], axis: Axis, words: Words) -> str:
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
