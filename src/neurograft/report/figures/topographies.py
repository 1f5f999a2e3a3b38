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
    SHARP,
    interpolate_disc,
    paint,
    paint_scale,
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
KINDS = {"powers": SEQUENTIAL, "ratios": DIVERGING}
# Numbers that are written without a power of ten.
PLAIN = (1e-3, 1e6)


class Head(NamedTuple):
    """One head of a row.

    Attributes:
        values: By sensor.
        marked: Sensors that survive correction.
        ends: Values of the first and last colour.
        kind: Of its colours, a key of `KINDS`.
    """

    values: FloatArray
    marked: BoolArray
    ends: tuple[float, float]
    kind: str


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
    rows = [_make_heads(tables, str(band), n_groups) for band in bands]
    define_heads(drawing, [head for row in rows for head in row], positions)
    unit = words[str(own["unit"].iloc[0])]
    for number_of_band, (band, heads) in enumerate(zip(bands, rows, strict=True)):
        top = TOP + ROW * number_of_band
        low, high = BANDS_HZ[str(band)]
        drawing.text(6, top + RADIUS - 2, words[str(band)])
        span = words["band_hz"].format(low=low, high=high)
        drawing.text(6, top + RADIUS + 13, span, size=SMALL, style=SOFT)
        for place, (centre, head) in enumerate(zip(CENTRES, heads, strict=False)):
            is_group = place < n_groups
            n_before = n_groups * number_of_band + place if is_group else number_of_band
            middle = (centre, top + RADIUS)
            draw_head(drawing, head, n_before, project(positions), middle)
        _draw_scales(drawing, heads, n_groups, top + 2 * RADIUS + 10, unit, words)
    drawing.height = TOP + ROW * len(bands) - 6


def _draw_scales(
    drawing: Drawing,
    heads: Sequence[Head],
    n_groups: int,
    y: float,
    unit: str,
    words: Words,
) -> None:
    """Draw the colours of the groups of a row, and those of their ratio."""
    right = CENTRES[n_groups - 1] + RADIUS
    first_end, last_end = _write_ends(heads[0], words)
    powers = (first_end, f"{last_end} {unit}")
    draw_colours(drawing, heads[0], CENTRES[0] - RADIUS, right, y, powers)
    if len(heads) > n_groups:
        left, right = CENTRES[2] - RADIUS - 7, CENTRES[2] + RADIUS + 7
        first_end, last_end = _write_ends(heads[-1], words)
        ratios = [f"{TIMES}{end}" for end in (first_end, "1", last_end)]
        draw_colours(drawing, heads[-1], left, right, y, ratios)


def _make_heads(tables: Sequence[pd.DataFrame], band: str, n_groups: int) -> list[Head]:
    """Make the heads of a band: groups share their colours, and so do all ratios."""
    rows = [table[table["band"] == band] for table in tables]
    means = np.concatenate([row["value"].to_numpy(float) for row in rows[:n_groups]])
    middle = (means.min() + means.max()) / 2
    spread = max((means.max() - means.min()) / 2, MIN_RANGE)
    reach = max(MIN_RANGE, float(tables[-1]["value"].abs().max()))
    return [
        _make_head(row, place < n_groups, (middle - spread, middle + spread), reach)
        for place, row in enumerate(rows)
    ]


def _make_head(
    row: pd.DataFrame, is_mean: bool, ends: tuple[float, float], reach: float
) -> Head:
    values = row["value"].to_numpy(dtype=float)
    marked = (row["p"].to_numpy(dtype=float) < ALPHA) & (not is_mean)
    if is_mean:
        return Head(values, marked, ends, "powers")
    return Head(values, marked, (-reach, reach), "ratios")


def define_heads(
    drawing: Drawing, heads: Sequence[Head], positions: FloatArray
) -> None:
    """Draw once what heads share: outline, sensors, colours, and a strip of fields."""
    fields = interpolate_disc(np.stack([head.values for head in heads]), positions)
    for kind, anchors in KINDS.items():
        shares = [
            (field - head.ends[0]) / (head.ends[1] - head.ends[0])
            for head, field in zip(heads, fields, strict=True)
            if head.kind == kind
        ]
        if not shares:
            continue
        picture = paint(np.hstack(shares), (0, 1), anchors)
        wide, high = 2 * RADIUS * len(shares), 2 * RADIUS
        drawing.add(
            f'<defs><image id="@-{kind}" href="{picture}" '
            f'x="-{number(RADIUS)}" y="-{number(RADIUS)}" '
            f'width="{number(wide)}" height="{number(high)}"/>'
            f'<image id="@-{kind}-colours" href="{paint_scale(anchors)}" '
            f'width="{N_COLOURS}" height="7" {SHARP}/></defs>'
        )
    ears = "".join(
        f"M{number(side * RADIUS)},-8q{6 * side},-2 {5 * side},8q{side},9 {-5 * side},8"
        for side in (-1, 1)
    )
    nose = f"M-7,{number(0.6 - RADIUS)}l7,-9 7,9"
    disc = f'<circle r="{number(RADIUS)}"'
    drawing.add(
        f'<defs><clipPath id="@-cut">{disc}/></clipPath><g id="@-head" fill="none">'
        f'<g stroke="currentColor" stroke-width="1.3">{disc}/><path d="{nose}{ears}"/>'
        '</g><g stroke-linecap="round"><use href="#@-dots" stroke="#fff" '
        'stroke-width="2.9"/><use href="#@-dots" stroke="#111" stroke-width="1.9"/>'
        f'</g></g><path id="@-dots" d="{_write_dots(positions)}"/></defs>'
    )


def _write_dots(positions: FloatArray) -> str:
    """Write a path of sensors. A dot is a line of no length."""
    return "".join(
        f"M{number(RADIUS * right)},{number(-RADIUS * front)}h0"
        for right, front in project(positions)
    )


def draw_head(
    drawing: Drawing,
    head: Head,
    n_before: int,
    places: FloatArray,
    middle: tuple[float, float],
) -> None:
    """Draw a head, and rings about the sensors that survive correction.

    Args:
        drawing: To draw on.
        head: To be drawn.
        n_before: Heads of its kind before it in their strip.
        places: Of sensors, in radii.
        middle: Of the head.
    """
    x, y = map(number, middle)
    aside = number(-2 * RADIUS * n_before)
    drawing.add(
        f'<g transform="translate({x} {y})"><g clip-path="url(#@-cut)">'
        f'<use href="#@-{head.kind}" x="{aside}"/></g><use href="#@-head"/>'
    )
    for (right, front), is_marked in zip(places, head.marked, strict=True):
        if is_marked:
            left, top = number(RADIUS * right), number(-RADIUS * front)
            ring = 'r="3.2" fill="#fff" stroke="#111" stroke-width="1.6"'
            drawing.add(f'<circle cx="{left}" cy="{top}" {ring}/>')
    drawing.add("</g>")


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


def draw_colours(
    drawing: Drawing,
    head: Head,
    left: float,
    right: float,
    y: float,
    told: Sequence[str],
) -> None:
    """Draw the colours with the values at their ends, and in their middle if told.

    Args:
        drawing: To draw on.
        head: One whose colours they are.
        left: End of the first colour.
        right: End of the last colour.
        y: Upper end.
        told: Values at the ends, and any between them.
    """
    wide = (right - left) / N_COLOURS
    place = f"translate({number(left)} {number(y)}) scale({wide:.4g} 1)"
    drawing.add(f'<use href="#@-{head.kind}-colours" transform="{place}"/>')
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
