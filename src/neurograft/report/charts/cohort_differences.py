"""Differences between cohorts: factors, spectra, and what is left after adapters."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from neurograft.report.charts.axes import (
    GRID,
    LEFT,
    RIGHT,
    RULE,
    Frame,
    Scale,
    add_note,
    begin_chart,
    draw_x_axis,
    estimate_width,
    find_ticks,
    fit_lines,
    make_scale,
    name_value,
    raise_first,
    say_number,
    say_ticks,
)
from neurograft.report.charts.forest import (
    Axis,
    draw_rows,
    draw_value_rows,
    read_row,
    tell_rows,
)
from neurograft.report.charts.marks import (
    GROUP_LOOKS,
    Look,
    draw_band,
    draw_curve,
    draw_key,
    draw_mark,
)
from neurograft.report.figures.drawing import SMALL, Drawing
from neurograft.report.figures.words import ENGLISH, Words

# More factors and pairs than these cannot be read.
N_FACTORS, N_PAIRS = 10, len(GROUP_LOOKS)
STEP = 12.0
ALPHA = 0.05
# The place of factors that were measured over all cohorts.
ALL = "all cohorts"
# Two columns of panels, and their size.
LEFTS, PANEL, ROW = (40.0, 236.0), (156.0, 96.0), 138.0
Pair = tuple[str, str]


def draw_cohort_differences(covariates: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the size of the difference in every factor, pair of cohorts by pair.

    Args:
        covariates: `shift/covariates.tsv`.
        words: Of the chart.

    Returns:
        SVG; empty if no size is known.
    """
    known = covariates[covariates["size"].notna()]
    if not len(known):
        return ""
    largest = known.groupby("factor", sort=False)["size"].max()
    largest = largest.sort_values(ascending=False, kind="stable")
    factors = [str(factor) for factor in largest.index[:N_FACTORS]]
    sums = known.groupby(["target", "source"], sort=False)["size"].sum()
    ranked = sums.sort_values(ascending=False, kind="stable").index[:N_PAIRS]
    pairs = [
        (str(target), str(source))
        for target, source in sums.index
        if (target, source) in ranked
    ]
    looks = dict(zip(pairs, GROUP_LOOKS, strict=False))
    notes = [words["differences_note"]]
    if len(pairs) < len(sums):
        notes.append(words["some_pairs"].format(shown=len(pairs), n=len(sums)))
    if len(factors) < len(largest):
        counts = {"shown": len(factors), "n": len(largest)}
        notes.append(words["some_factors"].format(**counts))
    drawing = begin_chart(
        words["differences"],
        words["differences_desc"].format(rows=_tell(known, factors, words)),
        note="; ".join(notes),
    )
    scale = Scale(0, 1, LEFT + 6, RIGHT - 6)
    top = drawing.height + 2
    heights, bottom = _name_factors(drawing, factors, top, len(pairs), words)
    draw_x_axis(drawing, scale, bottom, words["differences_x"], words, top=top)
    rows = {
        (row["factor"], row["target"], row["source"]): row
        for row in known.to_dict("records")
    }
    for factor, height in heights.items():
        for order, pair in enumerate(pairs):
            if (factor, *pair) in rows:
                y = height + STEP * order
                _draw_size(drawing, rows[factor, *pair], looks[pair], scale, y)
    named = [
        (look, words["pair"].format(source=source, target=target))
        for (target, source), look in looks.items()
    ]
    draw_key(drawing, named)
    add_note(drawing, words["differences_faint"])
    return drawing.finish()


def _name_factors(
    drawing: Drawing, factors: Sequence[str], y: float, n_pairs: int, words: Words
) -> tuple[Mapping[str, float], float]:
    """Write the names of factors; returns where their first marks lie, and the end."""
    heights = {}
    for factor in factors:
        for line in fit_lines(name_value(str(factor), words)):
            y += 16
            drawing.text(LEFT, y, line)
        heights[factor] = y + 11
        y += 6 + STEP * n_pairs
    return heights, y + 8


def _draw_size(
    drawing: Drawing, row: Mapping[Any, Any], look: Look, scale: Scale, y: float
) -> None:
    """Draw the size of a difference; faint where chance may explain it."""
    x = scale.clip(float(row["size"]))
    is_clear = float(row["p_bh"]) < ALPHA
    drawing.add("<g>" if is_clear else '<g data-faint="" opacity="0.45">')
    style = f'stroke="{look.colour}" stroke-width="1.2" opacity="0.6"'
    drawing.line((scale.start, y), (x, y), style)
    draw_mark(drawing, look, x, y, size=4)
    drawing.add("</g>")


def _tell(known: pd.DataFrame, factors: Sequence[str], words: Words) -> str:
    """List the largest difference of every factor."""
    parts = []
    for factor in factors:
        own = known[known["factor"] == factor].to_dict("records")
        row = max(own, key=lambda one: float(one["size"]))
        pair = words["pair"].format(source=row["source"], target=row["target"])
        size = say_number(float(row["size"]), words)
        parts.append(f"{name_value(str(factor), words)}: {size} ({pair})")
    return "; ".join(parts) + "."


def draw_variance_shares(factors: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the share of the embedding's variance that goes with every factor.

    Args:
        factors: `shift/factors.tsv`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    rows = [
        read_row(row, name_value(str(row["factor"]), words))._replace(
            heading=_name_place(row, words)
        )
        for row in factors.to_dict("records")
    ]
    axis = Axis(words["share_axis"], reference=0.0)
    return draw_value_rows(
        rows,
        axis,
        title=words["variance"],
        desc=words["variance_desc"],
        note=raise_first(words["interval_95"]),
        words=words,
    )


def _name_place(row: Mapping[Any, Any], words: Words) -> str:
    """Name the cohort of a row with its people, who older tables do not count."""
    where = words.get(ALL, ALL) if row["where"] == ALL else str(row["where"])
    if "n" not in row:
        return where
    return words["group_n"].format(group=where, n=int(row["n"]))


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
        read_row(row, name_value(str(row["representation"]), words))._replace(
            heading=name or words["no_adapter"],
            look=looks.get(str(row["representation"]), GROUP_LOOKS[-1]),
        )
        for name in dict.fromkeys(names)
        for row in adapters[names == name].to_dict("records")
    ]
    chance = float(adapters["chance"].iloc[0])
    axis = Axis(words["adapter_axis"], chance, (0.0, 1.0))
    note = raise_first(words["interval_95"])
    if "n" in adapters:
        n = words["n_people"].format(n=int(adapters["n"].iloc[0]))
        note = f"{n}; {words['interval_95']}"
    drawing = begin_chart(
        words["adapters"],
        f"{words['adapters_desc']} {tell_rows(rows, axis, words)}",
        note=note,
    )
    draw_rows(drawing, rows, axis, words)
    draw_key(drawing, [(look, name_value(name, words)) for name, look in looks.items()])
    add_note(drawing, words["stroke_chance"])
    return drawing.finish()


def draw_cohort_spectra(spectra: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the median share of power by band of every cohort, with its quartiles.

    Args:
        spectra: `shift/spectra.tsv`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no row.
    """
    if not len(spectra):
        return ""
    regions = list(dict.fromkeys(spectra["region"].astype(str)))
    known = list(dict.fromkeys(spectra["cohort"].astype(str)))
    cohorts = known[: len(GROUP_LOOKS)]
    looks = dict(zip(cohorts, GROUP_LOOKS, strict=False))
    spectra = spectra[spectra["cohort"].isin(cohorts)]
    note = words["cohort_spectra_note"]
    if len(cohorts) < len(known):
        counts = {"shown": len(cohorts), "n": len(known)}
        note = f"{note}; {words['some_cohorts'].format(**counts)}"
    edges = sorted({edge for band in spectra["band"] for edge in _read_edges(band)})
    drawing = begin_chart(
        words["cohort_spectra"],
        words["cohort_spectra_desc"].format(cohorts=", ".join(cohorts)),
        note=note,
    )
    powers = 10 ** spectra[["q25", "median", "q75"]].to_numpy(dtype=float).ravel()
    first = drawing.height + 22
    for place, region in enumerate(regions):
        left, top = LEFTS[place % 2], first + ROW * (place // 2)
        x = Scale(edges[0], edges[-1], left, left + PANEL[0], is_log=True)
        y = make_scale(powers, top + PANEL[1], top, is_log=True)
        _draw_panel(drawing, Frame(x, y), edges, words)
        drawing.text(left, top - 6, name_value(region, words), size=SMALL)
        own = spectra[spectra["region"] == region]
        for cohort in cohorts:
            _draw_cohort(
                drawing, own[own["cohort"] == cohort], Frame(x, y), looks[cohort]
            )
    bottom = first + ROW * ((len(regions) - 1) // 2) + PANEL[1]
    middle = (LEFT + RIGHT) / 2
    drawing.text(middle, bottom + 32, words["frequency"], anchor="middle", size=SMALL)
    drawing.height = bottom + 40
    draw_key(drawing, [(look, name) for name, look in looks.items()], with_lines=True)
    return drawing.finish()


def _draw_panel(
    drawing: Drawing, frame: Frame, edges: Sequence[float], words: Words
) -> None:
    x, y = frame
    drawing.line((x.start, y.start), (x.stop, y.start), RULE)
    drawing.line((x.start, y.start), (x.start, y.stop), RULE)
    last = -math.inf
    for edge, told in zip(edges, say_ticks(edges, words), strict=True):
        at, half = x.place(edge), estimate_width(told, size=SMALL) / 2
        drawing.line((at, y.stop), (at, y.start), GRID)
        if at - half >= last + 4:
            drawing.text(at, y.start + 14, told, anchor="middle", size=SMALL)
            last = at + half
    below = math.inf
    for tick in find_ticks(y):
        at = y.place(tick)
        if at <= below - 13:
            told = say_number(tick, words, digits=max(-math.floor(math.log10(tick)), 0))
            drawing.line((x.start - 3, at), (x.start, at), RULE)
            drawing.text(x.start - 5, at + 4, told, anchor="end", size=SMALL)
            below = at


def _draw_cohort(
    drawing: Drawing, rows: pd.DataFrame, frame: Frame, look: Look
) -> None:
    """Draw the median of a cohort at the middle of every band, and its quartiles."""
    middles = [math.sqrt(low * high) for low, high in map(_read_edges, rows["band"])]
    low, median, high = (
        [float(v) for v in 10 ** rows[name].to_numpy(dtype=float)]
        for name in ("q25", "median", "q75")
    )
    draw_band(drawing, look, frame, middles, (low, high))
    draw_curve(drawing, look, frame, middles, median)
    for x, y in zip(middles, median, strict=True):
        if math.isfinite(y):
            draw_mark(drawing, look, frame.x.place(x), frame.y.place(y), size=2.6)


def _read_edges(band: str) -> tuple[float, float]:
    low, _, high = str(band).removesuffix(" Hz").partition("-")
    return float(low), float(high)
