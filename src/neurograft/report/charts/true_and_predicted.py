"""People as dots: true and predicted values, ages of groups, and gaps between both."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from neurograft.report.charts.axes import (
    AXIS,
    DASHED,
    GRID,
    LEFT,
    RIGHT,
    Frame,
    add_note,
    begin_chart,
    begin_panel,
    draw_stripes,
    draw_x_axis,
    draw_y_axis,
    find_ticks,
    fit_lines,
    make_scale,
    name_value,
)
from neurograft.report.charts.marks import (
    GROUP_LOOKS,
    Look,
    draw_key,
    draw_mark,
    draw_swarm,
)
from neurograft.report.figures.drawing import Drawing
from neurograft.report.figures.words import ENGLISH, Words

SIDE, STRIP = 300.0, 46.0
Parts = Mapping[str, Sequence[float]]


def draw_true_and_predicted(
    answers: pd.DataFrame, *, method: str, unit: str = "", words: Words = ENGLISH
) -> str:
    """Draw the predicted value of every person against the true one.

    Args:
        answers: Rows of `summary/answers.tsv` of one task of numbers.
        method: Whose answers are drawn.
        unit: Of the value.
        words: Of the chart.

    Returns:
        SVG; empty if the method answered for nobody.
    """
    own = _keep_answered(answers, method)
    if not len(own):
        return ""
    values = own[["label", "answer"]].to_numpy(dtype=float)
    told = {"n": len(own), "method": method}
    drawing = begin_chart(
        words["predicted"].format(method=method),
        words["predicted_desc"].format(**told),
        note=words["n_people"].format(n=len(own)),
    )
    unit = f", {name_value(unit, words)}" if unit else ""
    top, bottom = begin_panel(drawing, words["predicted_y"] + unit, SIDE)
    right = AXIS + SIDE
    scale = make_scale(values.ravel(), AXIS, right)
    frame = Frame(scale, scale._replace(start=bottom, stop=top))
    draw_y_axis(drawing, frame.y, AXIS, words, right=right)
    draw_x_axis(drawing, frame.x, bottom, words["predicted_x"] + unit, words, top=top)
    drawing.line((AXIS, bottom), (right, top), f'data-reference="" {DASHED}')
    groups = _join_small(_split_groups(own, words), words)
    for look, (_, rows) in zip(GROUP_LOOKS, groups, strict=False):
        for row in rows.to_dict("records"):
            x, y = frame.x.place(row["label"]), frame.y.place(row["answer"])
            draw_mark(drawing, look, x, y, size=3.2)
    if len(groups) > 1:
        draw_key(drawing, _list_keys(groups, words))
    add_note(drawing, words["dashed_identity"])
    return drawing.finish()


def draw_ages(subjects: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the ages of the groups of a task, a dot for every person.

    Args:
        subjects: Rows of `evaluation/subjects.tsv` of one task; groups are drawn in the
            order in which they come.
        words: Of the chart.

    Returns:
        SVG; empty if no age is known.
    """
    own = subjects[subjects["age"].notna()]
    if "left_out" in own:
        own = own[own["left_out"].isna()]
    parts = {
        name: [float(age) for age in rows["age"]]
        for name, rows in _split_groups(own, words, is_sorted=False)
    }
    label = words["ages_axis"]
    return _draw_parts(parts, words["ages"], label, math.nan, words)


def draw_answer_gaps(
    answers: pd.DataFrame, *, method: str, unit: str = "", words: Words = ENGLISH
) -> str:
    """Draw the predicted minus the true value of every person, by group.

    Args:
        answers: Rows of `summary/answers.tsv` of one task of numbers.
        method: Whose answers are drawn.
        unit: Of the value.
        words: Of the chart.

    Returns:
        SVG; empty if the method answered for nobody.
    """
    own = _keep_answered(answers, method)
    parts = {
        name: [float(gap) for gap in rows["answer"] - rows["label"]]
        for name, rows in _split_groups(own, words)
    }
    label = words["answer_gap_axis"] + (f", {name_value(unit, words)}" if unit else "")
    title = words["answer_gaps"].format(method=method)
    return _draw_parts(parts, title, label, 0.0, words)


def _draw_parts(
    parts: Parts, title: str, label: str, reference: float, words: Words
) -> str:
    """Draw a strip of dots with its mean for every group."""
    if not parts:
        return ""
    n = sum(map(len, parts.values()))
    told = [words["group_n"].format(group=g, n=len(v)) for g, v in parts.items()]
    drawing = begin_chart(
        title,
        words["dots_desc"].format(label=label, groups="; ".join(told)),
        note=f"{words['n_people'].format(n=n)}; {words['dots_note']}",
    )
    numbers = [value for values in parts.values() for value in values]
    scale = make_scale([*numbers, reference], LEFT + 6, RIGHT - 6)
    y = drawing.height + 2
    strips: list[tuple[float, Sequence[float]]] = []
    for name, values in zip(told, parts.values(), strict=True):
        for line in fit_lines(name):
            y += 14
            drawing.text(LEFT, y, line)
        strips.append((y + 6 + STRIP / 2, values))
        y += STRIP + 10
    spans = [(middle - STRIP / 2, middle + STRIP / 2) for middle, _ in strips]
    draw_stripes(drawing, map(scale.place, find_ticks(scale)), spans, GRID)
    if math.isfinite(reference):
        style = f'data-reference="" {DASHED}'
        draw_stripes(drawing, [scale.place(reference)], spans, style)
    draw_x_axis(drawing, scale, y, label, words)
    for order, (middle, values) in enumerate(strips):
        look = GROUP_LOOKS[order % len(GROUP_LOOKS)]
        draw_swarm(drawing, look, scale, values, middle=middle, height=STRIP)
        _draw_mean(drawing, scale.place(sum(values) / len(values)), middle)
    return drawing.finish()


def _draw_mean(drawing: Drawing, x: float, middle: float) -> None:
    style = 'data-mean="" stroke="currentColor" stroke-width="2.4"'
    half = STRIP / 2
    drawing.line((x, middle - half), (x, middle + half), style)


def _keep_answered(answers: pd.DataFrame, method: str) -> pd.DataFrame:
    own = answers[answers["method"] == method]
    return own[own["label"].notna() & own["answer"].notna()]


def _split_groups(
    own: pd.DataFrame, words: Words, *, is_sorted: bool = True
) -> list[tuple[str, pd.DataFrame]]:
    """Split people into groups, by their names or as they come; else into one."""
    named = own["group"].astype("string").fillna(words["everybody"])
    return [(str(name), rows) for name, rows in own.groupby(named, sort=is_sorted)]


def _join_small(
    groups: list[tuple[str, pd.DataFrame]], words: Words
) -> list[tuple[str, pd.DataFrame]]:
    """Join the smallest groups where there are more than can be told apart."""
    if len(groups) <= len(GROUP_LOOKS):
        return groups
    ranked = sorted(groups, key=lambda group: -len(group[1]))
    largest = {name for name, _ in ranked[: len(GROUP_LOOKS) - 1]}
    others = pd.concat([rows for name, rows in groups if name not in largest])
    kept = [group for group in groups if group[0] in largest]
    return [*kept, (words["other_groups"], others)]


def _list_keys(
    groups: Sequence[tuple[str, pd.DataFrame]], words: Words
) -> list[tuple[Look, str]]:
    return [
        (look, words["group_n"].format(group=name, n=len(rows)))
        for look, (name, rows) in zip(GROUP_LOOKS, groups, strict=False)
    ]
