"""The quality of a recording over its time: what was cut, and why."""

import numpy as np

from neurograft.report.charts.axes import say_share
from neurograft.report.figures.drawing import (
    GREEN,
    PURPLE,
    SMALL,
    SOFT,
    WIDTH,
    Drawing,
    choose_ticks,
    number,
    wrap,
)
from neurograft.report.figures.words import ENGLISH, Words, mark_decimals
from neurograft.report.style import BLUE, GREY, ORANGE
from neurograft.store.inspection import (
    FIRST_CUT,
    SECOND_WORDS,
    Inspection,
    PlacedSeconds,
    place_seconds,
)
from neurograft.types import FloatArray, IntArray

# Time outside of what is used has this code.
OUTSIDE = -1
# Stretches end at samples, the length is rounded to a millisecond: not a second missed.
ROUNDED_S = 0.05
LEFT, RIGHT = 8.0, 392.0
TOP, STRIP, SHARES = 46.0, 30.0, 30.0
# Between strip and shares, where their name stands.
BETWEEN = 24.0
N_COLUMNS = 384
# Of every code: colour, and share of the strip's height, so that colour is not needed.
LOOKS = {
    "kept": (BLUE, 0.45),
    "amplitude clipped": (GREEN, 0.62),
    "constant channels": (ORANGE, 1.0),
    "amplitude beyond the limit": (ORANGE, 1.0),
    "autoreject": (PURPLE, 1.0),
    "rest too short to use": (GREY, 1.0),
    "outside": (GREY, 0.08),
}
# Lines across the blocks of codes of the same colour.
HATCHED = {"amplitude beyond the limit": 45, "rest too short to use": -45}


def draw_quality_strip(inspection: Inspection, *, words: Words = ENGLISH) -> str:
    """Draw what was kept and cut over the time of the file, and why.

    Args:
        inspection: Of the recording.
        words: Of the figure.
    """
    placed = place_seconds(inspection)
    totals = sum_seconds(inspection)
    used = sum(totals[name] for name in SECOND_WORDS[:FIRST_CUT])
    recorded = inspection.duration_s
    told = {"used": f"{used:.0f}", "recorded": f"{recorded:.0f}"}
    is_whole = recorded - used < ROUNDED_S
    share = say_share(1.0 if is_whole else used / recorded, words)
    cut = [
        f"{words[name]}, {words['seconds'].format(n=f'{totals[name]:.0f}')}"
        for name in (*SECOND_WORDS[FIRST_CUT:], "outside")
        if totals[name] >= 0.5
    ]
    drawing = Drawing(
        title=words["strip"],
        desc=words["strip_desc"].format(cut="; ".join(cut) or words["nothing_cut"]),
    )
    drawing.text(LEFT, 16, words["strip"], style=' font-weight="600"')
    sentence = words["strip_used"].format(**told, share=share)
    drawing.text(LEFT, 33, sentence, size=SMALL)
    _add_hatches(drawing)
    columns = _find_columns(inspection, placed)
    _draw_strip(drawing, columns)
    _draw_shares(drawing, inspection, placed, words)
    _draw_time(drawing, recorded, words)
    _draw_legend(drawing, totals, words)
    return drawing.finish()


def sum_seconds(inspection: Inspection) -> dict[str, float]:
    """Sum the seconds of every verdict, and those that are in no used stretch."""
    lengths = place_seconds(inspection).lengths_s
    totals = {
        name: float(lengths[inspection.codes == code].sum())
        for code, name in enumerate(SECOND_WORDS)
    }
    outside = inspection.duration_s - float(lengths.sum())
    return totals | {"outside": max(outside, 0.0)}


def _find_columns(inspection: Inspection, placed: PlacedSeconds) -> IntArray:
    """Return the code that each column of the strip shows: the worst in it."""
    columns = np.full(N_COLUMNS, OUTSIDE)
    scale = N_COLUMNS / inspection.duration_s
    firsts = np.floor(placed.in_file_s * scale + 1e-6).astype(int)
    lasts = np.ceil((placed.in_file_s + placed.lengths_s) * scale - 1e-6).astype(int)
    for first, last, code in zip(firsts, lasts, inspection.codes, strict=True):
        part = columns[first : max(last, first + 1)]
        np.maximum(part, code, out=part)
    return columns


def _draw_strip(drawing: Drawing, columns: IntArray) -> None:
    width = (RIGHT - LEFT) / N_COLUMNS
    edges = np.flatnonzero(np.diff(columns)) + 1
    for run in np.split(np.arange(N_COLUMNS), edges):
        name = _name(int(columns[run[0]]))
        x = LEFT + width * run[0]
        _draw_block(drawing, name, x, TOP, width * len(run), STRIP)


def _add_hatches(drawing: Drawing) -> None:
    """Define the lines across blocks, once for the figure."""
    for angle in HATCHED.values():
        drawing.add(
            f'<pattern id="@-{angle}" width="5" height="5" '
            f'patternUnits="userSpaceOnUse" patternTransform="rotate({angle})">'
            '<rect width="1.6" height="5" fill="#fff"/></pattern>'
        )


def _name(code: int) -> str:
    return "outside" if code == OUTSIDE else SECOND_WORDS[code]


def _draw_block(
    drawing: Drawing, name: str, x: float, y: float, width: float, height: float
) -> None:
    """Draw a stretch of one verdict; its height says which, as well as its colour."""
    colour, share = LOOKS[name]
    top = y + height * (1 - share)
    drawing.rectangle(x, top, width, height * share, f'fill="{colour}"')
    if name in HATCHED and width >= 3:
        drawing.rectangle(x, top, width, height, f'fill="url(#@-{HATCHED[name]})"')


def _draw_shares(
    drawing: Drawing, inspection: Inspection, placed: PlacedSeconds, words: Words
) -> None:
    """Draw the share of channels that were constant or beyond the limit."""
    y = TOP + STRIP + BETWEEN + SHARES
    scale = N_COLUMNS / inspection.duration_s
    places = np.clip((placed.in_file_s * scale).astype(int), 0, N_COLUMNS - 1)
    shares: FloatArray = np.zeros(N_COLUMNS)
    np.maximum.at(shares, places, inspection.shares)
    for column in np.flatnonzero(shares > 0):
        height = max(float(shares[column]) * SHARES, 1.0)
        x = LEFT + (RIGHT - LEFT) * column / N_COLUMNS
        drawing.rectangle(x, y - height, 1.2, height, f'fill="{ORANGE}"')
    rule = 'stroke="currentColor" stroke-width="0.8" opacity="0.5"'
    drawing.line((LEFT, y), (RIGHT, y), rule)
    drawing.line(
        (LEFT, y - SHARES), (RIGHT, y - SHARES), rule + ' stroke-dasharray="2 3"'
    )
    above = y - SHARES - 4
    drawing.text(LEFT, above, words["shares"], size=SMALL, style=SOFT)
    drawing.text(RIGHT, above, "100 %", anchor="end", size=SMALL, style=SOFT)


def _draw_time(drawing: Drawing, duration_s: float, words: Words) -> None:
    y = TOP + STRIP + BETWEEN + SHARES
    in_minutes = duration_s >= 180
    unit = 60.0 if in_minutes else 1.0
    for tick in choose_ticks(0, duration_s / unit, n=6):
        x = LEFT + (RIGHT - LEFT) * tick * unit / duration_s
        drawing.line((x, y), (x, y + 4), 'stroke="currentColor" stroke-width="0.8"')
        anchor = "start" if x < LEFT + 8 else "end" if x > RIGHT - 8 else "middle"
        told = mark_decimals(f"{tick:g}", words)
        drawing.text(x, y + 16, told, anchor=anchor, size=SMALL)
    named = words["minutes" if in_minutes else "time_s"]
    drawing.text((LEFT + RIGHT) / 2, y + 30, named, anchor="middle", size=SMALL)
    drawing.height = y + 36


def _draw_legend(drawing: Drawing, totals: dict[str, float], words: Words) -> None:
    """Name every verdict that occurs, with its seconds."""
    y = drawing.height + 14
    for name in (*SECOND_WORDS, "outside"):
        if totals[name] < 0.005:
            continue
        _draw_block(drawing, name, LEFT, y - 10, 14, 11)
        shown = mark_decimals(number(round(totals[name], 1)), words)
        told = f"{words[name]}: {words['seconds'].format(n=shown)}"
        for line in wrap(told, width=WIDTH - 40):
            drawing.text(LEFT + 22, y, line)
            y += 16
    drawing.height = y - 6
