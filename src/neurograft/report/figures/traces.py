"""Ten seconds of a recording before and after harmonising, channel above channel."""

import numpy as np

from neurograft.report.figures.drawing import (
    SMALL,
    SOFT,
    WIDTH,
    Drawing,
    wrap,
)
from neurograft.report.figures.words import ENGLISH, Words, mark_decimals
from neurograft.report.style import ORANGE
from neurograft.store.inspection import Inspection
from neurograft.types import FloatArray, IntArray

# More channels do not fit on a telephone. Chosen here: those of the 10-20 system.
MAX_CHANNELS = 20
PREFERRED = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7",
    "P3", "Pz", "P4", "P8", "O1", "O2",
)  # fmt: skip
LEFT, RIGHT, ROW = 46.0, 394.0, 14.0
# Distance of two rows in robust SDs of the median channel, and how many rows a trace
# may leave its own. Chosen here.
ROW_SDS, MAX_ROWS = 6.0, 1.0
# Coordinates inside traces are tenths of a unit, so that none needs a decimal point.
FINE = 10
CROSS = "\u00d7"


def draw_before_and_after(inspection: Inspection, *, words: Words = ENGLISH) -> str:
    """Draw the excerpt as it was read and as it was harmonised, each with its scale.

    Args:
        inspection: Of the recording.
        words: Of the figure.
    """
    shown = choose_channels(inspection)
    bads = [
        f"{name} ({why})"
        for name, why in zip(inspection.ch_names, inspection.bads, strict=True)
        if why
    ]
    told = {
        "shown": len(shown),
        "n": len(inspection.ch_names),
        "start": f"{inspection.excerpt_start_s:.0f}",
        "bads": ", ".join(bads) or words["none_bad"],
    }
    desc = words["traces_desc"].format(**told)
    drawing = Drawing(title=words["traces"], desc=desc)
    is_microvolts = inspection.unit == "microvolts"
    unit = "µV" if is_microvolts else words["file_unit"]
    y = _draw_panel(drawing, 0, words["before"], inspection.before, shown, inspection)
    y = _draw_scale(drawing, y, inspection, inspection.before[shown], unit, words)
    unit = "µV" if is_microvolts else words["arbitrary"]
    y = _draw_panel(drawing, y, words["after"], inspection.after, shown, inspection)
    for row, channel in enumerate(shown):
        if inspection.is_left_out[channel]:
            place = y - ROW * (len(shown) - row - 0.5) + 1
            drawing.text(LEFT + 6, place, words["left_out"], size=SMALL, style=SOFT)
    y = _draw_scale(drawing, y, inspection, inspection.after[shown], unit, words)
    for line in wrap(desc, size=SMALL, width=WIDTH - 12):
        y += 15
        drawing.text(6, y, line, size=SMALL, style=SOFT)
    drawing.height = y + 8
    return drawing.finish()


def choose_channels(inspection: Inspection) -> IntArray:
    """Choose at most twenty channels: bad ones, the 10-20 system's, then evenly spaced.

    Of more than ten bad ones, ten evenly spaced ones are shown.
    """
    n = len(inspection.ch_names)
    if n <= MAX_CHANNELS:
        return np.arange(n)
    bad = np.flatnonzero([bool(why) for why in inspection.bads])
    chosen = _space(bad, MAX_CHANNELS // 2).tolist()
    wanted = [i for i, name in enumerate(inspection.ch_names) if name in PREFERRED]
    left = [i for i in wanted if i not in chosen]
    chosen += _space(np.array(left, dtype=int), MAX_CHANNELS - len(chosen)).tolist()
    others = np.array([i for i in range(n) if i not in chosen], dtype=int)
    chosen += _space(others, MAX_CHANNELS - len(chosen)).tolist()
    return np.sort(np.array(chosen, dtype=int))


def _space(places: IntArray, n: int) -> IntArray:
    """Take at most `n` evenly spaced ones."""
    if len(places) <= n:
        return places
    spaced = np.linspace(0, len(places) - 1, n).round().astype(int)
    return np.asarray(places[spaced])


def _draw_panel(
    drawing: Drawing,
    y: float,
    title: str,
    signals: FloatArray,
    shown: IntArray,
    inspection: Inspection,
) -> float:
    """Draw the channels of one panel; returns its lower end."""
    drawing.text(6, y + 16, title, style=' font-weight="600"')
    top = y + 24
    scale = ROW / _find_row_height(signals[shown])
    for row, channel in enumerate(shown):
        middle = top + ROW * (row + 0.5)
        is_bad = bool(inspection.bads[channel])
        style = f' fill="{ORANGE}" font-weight="600"' if is_bad else ""
        name = (
            f"{CROSS}{inspection.ch_names[channel]}"
            if is_bad
            else inspection.ch_names[channel]
        )
        drawing.text(
            LEFT - 5, middle + 4, name[:7], anchor="end", size=SMALL, style=style
        )
        trace = signals[channel]
        if np.isfinite(trace).all():
            colour = ORANGE if is_bad else "currentColor"
            drawing.add(_trace(trace * scale, middle, colour))
    return top + ROW * len(shown)


def _find_row_height(signals: FloatArray) -> float:
    """Return the amplitude that fills a row, from the median channel."""
    finite = signals[np.isfinite(signals).all(1)]
    low, high = np.percentile(finite, [25, 75], axis=1)
    return ROW_SDS * max(float(np.median(high - low)) / 1.349, 1e-12)


def _trace(rows: FloatArray, middle: float, colour: str) -> str:
    """Return a path through lowest and highest sample of every unit of width."""
    parts = _split(np.clip(rows, -MAX_ROWS * ROW, MAX_ROWS * ROW))
    ends = np.sort(np.stack([parts.argmin(1), parts.argmax(1)], 1), axis=1)
    heights = np.take_along_axis(parts, ends, axis=1).ravel()
    y = np.rint(-FINE * heights).astype(int)
    x = np.rint(np.linspace(0, FINE * (RIGHT - LEFT), len(y))).astype(int)
    moves = np.stack([np.diff(x), np.diff(y)], axis=1).ravel()
    steps = " ".join(map(str, moves.tolist()))
    place = f'transform="translate({LEFT:g} {middle:g}) scale(0.1)"'
    return (
        f'<path {place} d="M0 {y[0]}l{steps.replace(" -", "-")}" fill="none" '
        f'stroke="{colour}" stroke-width="7" stroke-linejoin="round"/>'
    )


def _split(rows: FloatArray) -> FloatArray:
    """Split samples among units of width; shorter parts repeat their last sample."""
    n_columns = min(int(RIGHT - LEFT), len(rows) // 2)
    sizes = np.full(n_columns, len(rows) // n_columns)
    sizes[: len(rows) % n_columns] += 1
    begins = np.cumsum(sizes) - sizes
    inside = np.minimum(np.arange(sizes[0]), sizes[:, None] - 1)
    return np.asarray(rows[begins[:, None] + inside])


def _draw_scale(
    drawing: Drawing,
    y: float,
    inspection: Inspection,
    signals: FloatArray,
    unit: str,
    words: Words,
) -> float:
    """Draw a second and an amplitude under a panel; returns the lower end."""
    height = _find_row_height(signals)
    amplitude = _round_down(2 * height)
    bar = ROW * amplitude / height
    seconds = inspection.before.shape[1] / inspection.excerpt_hz
    width = (RIGHT - LEFT) / seconds
    bottom = y + 6 + bar
    stroke = 'stroke="currentColor" stroke-width="1.4"'
    drawing.line((LEFT, bottom), (LEFT + width, bottom), stroke)
    drawing.line((LEFT, bottom), (LEFT, bottom - bar), stroke)
    told = f"1 s, {mark_decimals(f'{amplitude:g}', words)} {unit}"
    drawing.text(LEFT + width + 6, bottom, told, size=SMALL)
    return bottom + 14


def _round_down(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not larger."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(s * power for s in (1, 2, 5) if s * power <= value * (1 + 1e-9)))
