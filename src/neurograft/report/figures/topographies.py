"""Band power over the scalp: two groups and their ratio, band below band."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.report.figures.drawing import (
    SMALL,
    SOFT,
    WIDTH,
    Drawing,
    number,
    wrap,
)
from neurograft.report.figures.heads import (
    DIVERGING,
    N_COLOURS,
    SEQUENTIAL,
    interpolate_disc,
    make_colours,
    paint,
    project,
)
from neurograft.report.figures.words import ENGLISH, Words, mark_decimals
from neurograft.types import BoolArray, FloatArray

# Edges of the bands that the table names, for their labels.
BANDS_HZ = {"delta": (1, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30)}
ALPHA = 0.05
RADIUS, ROW, TOP = 43.0, 138.0, 78.0
CENTRES = (112.0, 222.0, 338.0)
# Least distance of the ends of colours from the middle, in logarithms to base 10.
# Chosen here: so that differences of a few per cent look like none.
MIN_RANGE = 0.05
# Letters of a name that fit above a head.
MAX_LETTERS = 16
TIMES = "\u00d7"
# Numbers that are written without a power of ten.
PLAIN = (1e-3, 1e6)


class Head(NamedTuple):
    """One head of a row.

    Attributes:
        values: By sensor.
        marked: Sensors that survive correction.
        ends: Values of the first and last colour.
        anchors: Colours.
    """

    values: FloatArray
    marked: BoolArray
    ends: tuple[float, float]
    anchors: Sequence[str]


def list_group_pairs(topographies: pd.DataFrame, task: str) -> list[tuple[str, str]]:
    """List pairs of groups of a task whose difference the table holds."""
    own = topographies[topographies["task"] == task].dropna(subset=["minus"])
    pairs = own[["minus", "group"]].drop_duplicates()
    return [(str(a), str(b)) for a, b in pairs.itertuples(index=False, name=None)]


def draw_topographies(
    topographies: pd.DataFrame,
    task: str,
    pair: tuple[str, str] | None = None,
    *,
    words: Words = ENGLISH,
) -> str:
    """Draw two groups and their ratio by band; of a single group, that alone.

    Both groups of a band share its colours, and all ratios share theirs.

    Args:
        topographies: `summary/topographies.tsv`.
        task: Its name.
        pair: First and second group; None takes the first of `list_group_pairs`, or the
            only group.
        words: Of the figure.
    """
    own = topographies[topographies["task"] == task]
    pairs = [pair] if pair else list_group_pairs(topographies, task)[:1]
    groups = list(pairs[0]) if pairs else [str(own["group"].iloc[0])]
    means = own[own["minus"].isna()]
    differences = own[own["minus"].notna()]
    if pairs:
        is_own = (differences["minus"] == groups[0]) & (
            differences["group"] == groups[1]
        )
        differences = differences[is_own]
    tables = [means[means["group"] == group] for group in groups]
    sizes = [int(table["n"].iloc[0]) for table in tables]
    drawing = Drawing(
        title=words["heads"], desc=_describe(groups, sizes, differences, words)
    )
    drawing.text(6, 16, words["heads"], style=' font-weight="600"')
    _head_columns(drawing, groups, sizes, words)
    tables += [differences] if pairs else []
    _draw_rows(drawing, tables, len(groups), own, words)
    _explain(drawing, differences, own, words)
    return drawing.finish()


def _describe(
    groups: Sequence[str], sizes: Sequence[int], differences: pd.DataFrame, words: Words
) -> str:
    told = {"first": groups[0], "n_first": sizes[0]}
    if len(groups) < 2:
        return words["heads_one_desc"].format(**told)
    survived = differences[differences["p"] < ALPHA]
    where = "; ".join(
        f"{words[str(band)]}: {', '.join(rows['channel'])}"
        for band, rows in survived.groupby("band", sort=False)
    )
    found = words["found_some"].format(where=where) if where else words["found_none"]
    told |= {"second": groups[1], "n_second": sizes[1], "found": found}
    return words["heads_desc"].format(**told)


def _head_columns(
    drawing: Drawing, groups: Sequence[str], sizes: Sequence[int], words: Words
) -> None:
    for centre, group, size in zip(CENTRES, groups, sizes, strict=False):
        for line, part in enumerate(_split(group)):
            drawing.text(centre, 34 + 13 * line, part, anchor="middle", size=SMALL)
        y = 34 + 13 * len(_split(group))
        drawing.text(centre, y, f"n = {size}", anchor="middle", size=SMALL, style=SOFT)
    if len(groups) == 2:
        is_short = max(map(len, groups)) <= MAX_LETTERS // 2
        told = {"second": groups[1], "first": groups[0]}
        shown = words["ratio"].format(**told) if is_short else words["ratio_long"]
        drawing.text(CENTRES[2], 34, shown, anchor="middle", size=SMALL)


def _split(name: str) -> list[str]:
    """Split a long name into two lines at its last mark that fits; cut the rest off."""
    if len(name) <= MAX_LETTERS:
        return [name]
    marks = [i for i in range(4, MAX_LETTERS) if name[i] in " _-+/"]
    cut = marks[-1] + 1 if marks else MAX_LETTERS
    rest = name[cut:]
    is_long = len(rest) > MAX_LETTERS
    return [name[:cut].strip(), rest[: MAX_LETTERS - 1] + "…" if is_long else rest]


def _draw_rows(
    drawing: Drawing,
    tables: Sequence[pd.DataFrame],
    n_groups: int,
    own: pd.DataFrame,
    words: Words,
) -> None:
    """Draw a row of heads for every band, with the colours beneath."""
    bands = list(own["band"].unique())
    first = tables[0]
    places = first[first["band"] == bands[0]]
    recorded = places[["x", "y", "z"]].to_numpy(dtype=float)
    positions = recorded / np.linalg.norm(recorded, axis=1, keepdims=True)
    _define_sensors(drawing, project(positions))
    reach = max(MIN_RANGE, float(tables[-1]["value"].abs().max()))
    for number_of_band, band in enumerate(bands):
        rows = [table[table["band"] == band] for table in tables]
        means = np.concatenate(
            [row["value"].to_numpy(float) for row in rows[:n_groups]]
        )
        middle = (means.min() + means.max()) / 2
        spread = max((means.max() - means.min()) / 2, MIN_RANGE)
        top = TOP + ROW * number_of_band
        low, high = BANDS_HZ[str(band)]
        drawing.text(6, top + RADIUS - 2, words[str(band)])
        span = words["band_hz"].format(low=low, high=high)
        drawing.text(6, top + RADIUS + 13, span, size=SMALL, style=SOFT)
        heads = [
            _make_head(row, place < n_groups, (middle - spread, middle + spread), reach)
            for place, row in enumerate(rows)
        ]
        fields = interpolate_disc(np.stack([head.values for head in heads]), positions)
        for centre, head, field in zip(CENTRES, heads, fields, strict=False):
            _draw_head(drawing, head, field, project(positions), centre, top + RADIUS)
        bars = top + 2 * RADIUS + 10
        right = CENTRES[n_groups - 1] + RADIUS
        first_end, last_end = _write_ends(heads[0], words)
        powers = (first_end, f"{last_end} {words[str(own['unit'].iloc[0])]}")
        _draw_colours(drawing, heads[0], CENTRES[0] - RADIUS, right, bars, powers)
        if len(heads) > n_groups:
            left, right = CENTRES[2] - RADIUS - 7, CENTRES[2] + RADIUS + 7
            first_end, last_end = _write_ends(heads[-1], words)
            ratios = [f"{TIMES}{end}" for end in (first_end, "1", last_end)]
            _draw_colours(drawing, heads[-1], left, right, bars, ratios)
    drawing.height = TOP + ROW * len(bands) - 6


def _make_head(
    row: pd.DataFrame, is_mean: bool, ends: tuple[float, float], reach: float
) -> Head:
    values = row["value"].to_numpy(dtype=float)
    marked = (row["p"].to_numpy(dtype=float) < ALPHA) & (not is_mean)
    if is_mean:
        return Head(values, marked, ends, SEQUENTIAL)
    return Head(values, marked, (-reach, reach), DIVERGING)


def _define_sensors(drawing: Drawing, places: FloatArray) -> None:
    """Draw the sensors once; all heads use them. A dot is a line of no length."""
    dots = "".join(
        f"M{number(RADIUS * right)},{number(-RADIUS * front)}h0"
        for right, front in places
    )
    drawing.add(
        f'<defs><g id="@-sensors" fill="none" stroke-linecap="round">'
        f'<path d="{dots}" stroke="#fff" stroke-width="2.9"/>'
        f'<path d="{dots}" stroke="#111" stroke-width="1.9"/></g></defs>'
    )


def _draw_head(
    drawing: Drawing,
    head: Head,
    field: FloatArray,
    places: FloatArray,
    x: float,
    y: float,
) -> None:
    """Draw field, outline, nose, ears and sensors of a head."""
    cut = f"@-{number(x)}-{number(y)}".replace(".", "_")
    disc = f'cx="{number(x)}" cy="{number(y)}" r="{number(RADIUS)}"'
    outline = 'fill="none" stroke="currentColor" stroke-width="1.3"'
    ears = [
        f'<path d="M{number(x + side * RADIUS)},{number(y - 8)}'
        f'q{6 * side},-2 {5 * side},8q{side},9 {-5 * side},8" {outline}/>'
        for side in (-1, 1)
    ]
    nose = f"M{number(x - 7)},{number(y - RADIUS + 0.6)}l7,-9 7,9"
    picture = paint(field, head.ends, head.anchors)
    drawing.add(
        f'<clipPath id="{cut}"><circle {disc}/></clipPath>'
        f'<image href="{picture}" x="{number(x - RADIUS)}" y="{number(y - RADIUS)}" '
        f'width="{number(2 * RADIUS)}" height="{number(2 * RADIUS)}" '
        f'clip-path="url(#{cut})"/>'
        f'<circle {disc} {outline}/><path d="{nose}" {outline}/>{"".join(ears)}'
    )
    drawing.add(f'<use href="#@-sensors" x="{number(x)}" y="{number(y)}"/>')
    for (right, front), is_marked in zip(places, head.marked, strict=True):
        if is_marked:
            left, top = number(x + RADIUS * right), number(y - RADIUS * front)
            ring = 'r="3.2" fill="#fff" stroke="#111" stroke-width="1.6"'
            drawing.add(f'<circle cx="{left}" cy="{top}" {ring}/>')


def _write_ends(head: Head, words: Words) -> tuple[str, str]:
    """Write the powers, or the ratios, at the ends of the colours."""
    low, high = (write_plainly(float(10**end), words) for end in head.ends)
    return low, high


def write_plainly(value: float, words: Words) -> str:
    """Write a number in two figures, as 250 rather than 2.5e+02 where that is short.

    Example:
        >>> write_plainly(253.0, ENGLISH), write_plainly(0.0491, ENGLISH)
        ('250', '0.049')
    """
    rounded = float(f"{value:.2g}")
    is_short = PLAIN[0] <= rounded < PLAIN[1]
    text = np.format_float_positional(rounded, trim="-") if is_short else f"{value:.2g}"
    return mark_decimals(text, words)


def _draw_colours(
    drawing: Drawing,
    head: Head,
    left: float,
    right: float,
    y: float,
    told: Sequence[str],
) -> None:
    """Draw the colours with the values at their ends, and in their middle if told."""
    width = (right - left) / N_COLOURS
    for place, colour in enumerate(make_colours(tuple(head.anchors))):
        drawing.rectangle(left + width * place, y, width + 0.2, 7, f'fill="{colour}"')
    for middle in told[1:-1]:
        x = (left + right) / 2
        drawing.text(x, y + 19, middle, anchor="middle", size=SMALL)
    drawing.text(left, y + 19, told[0], size=SMALL)
    drawing.text(right, y + 19, told[-1], anchor="end", size=SMALL)


def _explain(
    drawing: Drawing, differences: pd.DataFrame, own: pd.DataFrame, words: Words
) -> None:
    """Say what the rings mean, or that there are none."""
    if not len(differences):
        return
    told = {"n": own["channel"].nunique(), "bands": own["band"].nunique()}
    has_rings = bool((differences["p"] < ALPHA).any())
    y = drawing.height + 12
    sentence = words["rings" if has_rings else "no_rings"].format(**told)
    for line in wrap(sentence, size=SMALL, width=WIDTH - 12):
        drawing.text(6, y, line, size=SMALL, style=SOFT)
        y += 14
    drawing.height = y - 4
