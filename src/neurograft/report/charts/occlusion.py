"""Losses of an encoder and its untrained twin, by the part that is hidden."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from neurograft.report.charts.axes import (
    GRID,
    LEFT,
    REFERENCE,
    RIGHT,
    Scale,
    add_note,
    begin_chart,
    choose_digits,
    draw_stripes,
    draw_x_axis,
    estimate_width,
    find_ticks,
    list_numbers,
    make_scale,
    name_value,
    say_interval,
    say_number,
    shorten,
)
from neurograft.report.charts.forest import ERRORS, name_metric
from neurograft.report.charts.marks import (
    ROLE_LOOKS,
    choose_role,
    draw_role_key,
    draw_whisker,
)
from neurograft.report.figures.drawing import SMALL, SOFT, Drawing
from neurograft.report.figures.words import ENGLISH, Words

# Width of the names of parts, space between methods of a part, and between parts.
NAMES, STEP, GAP = 100.0, 14.0, 8.0
HEADING = 20.0
Row = Mapping[Any, Any]


def draw_losses(losses: pd.DataFrame, *, unit: str = "", words: Words = ENGLISH) -> str:
    """Draw what methods lose without each part, the untrained twin beside the encoder.

    Args:
        losses: Rows of `summary/occlusion.tsv` of one task.
        unit: Of errors, for example `years`.
        words: Of the chart.

    Returns:
        SVG; empty if no part was hidden.
    """
    if not len(losses):
        return ""
    metric = str(losses["metric"].iloc[0])
    told = {"metric": name_metric(metric, unit, words)}
    methods = sorted(dict.fromkeys(losses["method"].astype(str)), key=_rank)
    parts = losses[["kind", "part"]].drop_duplicates().to_numpy().tolist()
    rows = {
        (str(row["part"]), str(row["method"])): row for row in losses.to_dict("records")
    }
    found = [row for row in rows.values() if is_found(row)]
    drawing = begin_chart(
        words["occlusion"],
        words["occlusion_desc"].format(cells=_tell(list(rows.values()), words), **told),
        note=words["occlusion_note"].format(
            n=int(losses["n"].max()), values=_tell_intact(losses, methods, words)
        ),
    )
    numbers = [v for name in ("loss", "ci_low", "ci_high") for v in losses[name]]
    digits = choose_digits(list_numbers(losses, "loss"))
    widest = max(estimate_width(_say(row, digits, words)) for row in rows.values())
    scale = make_scale([*numbers, 0.0], LEFT + NAMES + 8, RIGHT - widest - 8)
    _draw_parts(drawing, parts, methods, rows, (scale, digits), words)
    label = "occlusion_axis_error" if metric in ERRORS else "occlusion_axis"
    draw_x_axis(drawing, scale, drawing.height, words[label].format(**told), words)
    draw_role_key(drawing, methods, words)
    sentence = "occlusion_found" if found else "occlusion_none"
    add_note(drawing, words[sentence].format(n=len(parts)))
    return drawing.finish()


def is_found(row: Row) -> bool:
    """Return whether a loss is above zero after correction over all parts."""
    return float(row["family_low"]) > 0


def _rank(method: str) -> int:
    return list(ROLE_LOOKS).index(choose_role(method))


def _draw_parts(
    drawing: Drawing,
    parts: list[list[str]],
    methods: list[str],
    rows: Mapping[tuple[str, str], Row],
    drawn: tuple[Scale, int],
    words: Words,
) -> None:
    """Draw the parts of both kinds, each with its heading."""
    scale, digits = drawn
    y, heading, placed = drawing.height, "", []
    for kind, part in parts:
        if kind != heading:
            y += HEADING
            named, style = words[f"occlusion_{kind}"], ' font-weight="600"'
            drawing.text(LEFT, y - 4, named, size=SMALL, style=style)
            heading = kind
        placed.append((part, y))
        y += STEP * len(methods) + GAP
    height = STEP * len(methods)
    spans = [(top, top + height) for _, top in placed]
    draw_stripes(drawing, map(scale.place, find_ticks(scale)), spans, GRID)
    draw_stripes(drawing, [scale.place(0.0)], spans, f'data-reference="" {REFERENCE}')
    for part, top in placed:
        named = shorten(name_value(part, words), size=SMALL, width=NAMES)
        drawing.text(LEFT, top + height / 2 + 4, named, size=SMALL)
        for order, method in enumerate(methods):
            if (part, method) in rows:
                middle = top + STEP * (order + 0.5)
                _draw_loss(drawing, rows[part, method], scale, (middle, digits), words)
    drawing.height = y - GAP + 6


def _draw_loss(
    drawing: Drawing, row: Row, scale: Scale, at: tuple[float, int], words: Words
) -> None:
    """Draw a loss with its interval, and write it; bold if it is found."""
    y, digits = at
    values = (float(row["loss"]), float(row["ci_low"]), float(row["ci_high"]))
    look = ROLE_LOOKS[choose_role(str(row["method"]))]
    draw_whisker(drawing, look, scale, y, values=values)
    style = ' font-weight="700"' if is_found(row) else SOFT
    told = _say(row, digits, words)
    drawing.text(RIGHT, y + 4, told, anchor="end", size=SMALL, style=style)


def _say(row: Row, digits: int, words: Words) -> str:
    loss = float(row["loss"])
    if not math.isfinite(loss):
        return words["no_value_short"]
    return say_number(loss, words, digits=digits, is_signed=True)


def _tell_intact(losses: pd.DataFrame, methods: list[str], words: Words) -> str:
    """Say what every method reaches with everything."""
    intact = losses.drop_duplicates("method").set_index("method")["intact"]
    digits = choose_digits(list_numbers(losses, "intact"))
    return ", ".join(
        f"{method} {say_number(float(intact[method]), words, digits=digits)}"
        for method in methods
    )


def _tell(rows: list[Row], words: Words) -> str:
    """List losses in a sentence for those who hear the chart."""
    digits = choose_digits([float(row["loss"]) for row in rows])
    told = []
    for row in rows:
        said = say_interval(
            float(row["loss"]),
            float(row["ci_low"]),
            float(row["ci_high"]),
            words,
            digits=digits,
            is_signed=True,
        )
        told.append(f"{name_value(str(row['part']), words)}, {row['method']}: {said}")
    return "; ".join(told)
