"""The frame that charts share: scales, ticks, a grid, and numbers as they are read."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from neurograft.report.figures.drawing import (
    LETTER,
    SIZE,
    SMALL,
    SOFT,
    WIDTH,
    Drawing,
    choose_ticks,
    split_words,
)
from neurograft.report.figures.words import Words

# Ends of what is drawn across a chart, and of panels with an axis at their left.
LEFT, RIGHT, AXIS = 8.0, 392.0, 44.0
# Letters of a title are wider, as they are bold.
BOLD = 1.15
# Width of capitals and wide letters in their size, as that of DejaVu Sans.
WIDE = 0.76
# Share of the span that is left free at both ends of a scale.
MARGIN = 0.04
MINUS, ELLIPSIS = "\u2212", "\u2026"
REFERENCE = 'stroke="currentColor" stroke-width="1.2" opacity="0.75"'
RULE = 'stroke="currentColor" stroke-width="0.8" opacity="0.6"'
GRID = 'stroke="currentColor" stroke-width="0.6" opacity="0.2"'
DASHED = 'stroke="currentColor" stroke-width="1" opacity="0.6" stroke-dasharray="5 3"'


class Scale(NamedTuple):
    """Places of values along an axis.

    Attributes:
        low: Value at its start.
        high: Value at its stop.
        start: Units of the drawing.
        stop: Units of the drawing; less than `start` where values grow upwards.
        is_log: Whether equal ratios are equally long.
    """

    low: float
    high: float
    start: float
    stop: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies."""
        low, high, own = self.low, self.high, float(value)
        if self.is_log:
            low, high, own = math.log(low), math.log(high), math.log(own)
        return self.start + (self.stop - self.start) * (own - low) / (high - low)

    def clip(self, value: float) -> float:
        """Return where a value lies, or the end that it lies beyond."""
        return self.place(min(max(float(value), self.low), self.high))


class Frame(NamedTuple):
    """The two scales of a panel."""

    x: Scale
    y: Scale


def make_scale(
    values: Iterable[float],
    start: float,
    stop: float,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    is_log: bool = False,
) -> Scale:
    """Return a scale that holds all values that are finite, with a margin.

    Args:
        values: What must lie on it; NaN is left out.
        start: Units of the drawing.
        stop: Units of the drawing.
        bounds: The margin does not reach beyond these, as nothing can.
        is_log: Whether equal ratios are equally long; values are positive then.
    """
    known = [float(value) for value in values if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if is_log:
        wide = max((high / low) ** MARGIN, 1.05)
        return Scale(low / wide, high * wide, start, stop, is_log=True)
    spread = (high - low) or max(abs(high) * 0.2, 0.1) / MARGIN
    low = max(low - MARGIN * spread, min(bounds[0], low))
    high = min(high + MARGIN * spread, max(bounds[1], high))
    if low == high:
        low, high = low - 0.1, high + 0.1
    return Scale(low, high, start, stop)


def find_ticks(scale: Scale, *, n: int = 5) -> list[float]:
    """Find round numbers on a scale; on a logarithmic one 1, 2 and 5 of each decade."""
    if not scale.is_log:
        return choose_ticks(scale.low, scale.high, n=n)
    powers = range(
        math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1
    )
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [tick for tick in ticks if scale.low <= tick <= scale.high]


def begin_chart(title: str, desc: str, *, note: str = "") -> Drawing:
    """Begin a drawing with its title, and a line of facts beneath such as unit and n.

    Args:
        title: Of the chart.
        desc: What it shows, in words.
        note: Facts beneath the title.
    """
    drawing = Drawing(title=title, desc=desc)
    y = 2.0
    for line in fit_lines(title, size=SIZE * BOLD):
        y += 15
        drawing.text(LEFT, y, line, style=' font-weight="600"')
    for line in fit_lines(note, size=SMALL) if note else ():
        y += 15
        drawing.text(LEFT, y, line, size=SMALL, style=SOFT)
    drawing.height = y + 6
    return drawing


def add_note(drawing: Drawing, note: str) -> None:
    """Write a sentence at the lower end of a drawing."""
    y = drawing.height + 5
    for line in fit_lines(note, size=SMALL) if note else ():
        y += 14
        drawing.text(LEFT, y, line, size=SMALL, style=SOFT)
        drawing.height = y + 5


def fit_lines(
    words: str, *, size: float = SIZE, width: float = RIGHT - LEFT
) -> list[str]:
    """Break a text into lines that fit; words that are too long for one are broken.

    Args:
        words: The text.
        size: Of the letters, units.
        width: Of a line, units.

    Example:
        >>> fit_lines("a long_name", size=10, width=45)
        ['a', 'long_', 'name']
    """
    lines = [""]
    for word in split_words(words):
        before = lines.pop()
        rest = f"{before} {word}".strip()
        if estimate_width(rest, size=size) > width and before:
            lines.append(before)
            rest = word
        while estimate_width(rest, size=size) > width and len(rest) > 1:
            cut = _find_cut(rest, size, width)
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines


def _find_cut(word: str, size: float, width: float) -> int:
    """Return how many letters of a word fit; it is broken behind a mark if there is."""
    n = max(
        (
            i
            for i in range(1, len(word))
            if estimate_width(word[:i], size=size) <= width
        ),
        default=1,
    )
    marks = [i for i in range(n // 2 + 1, n + 1) if word[i - 1] in "_-/+.:@"]
    return marks[-1] if marks else n


def shorten(words: str, *, size: float = SIZE, width: float = RIGHT - LEFT) -> str:
    """Cut a text off where a line ends.

    Example:
        >>> shorten("occipital", size=10, width=30)
        'occi…'
    """
    if estimate_width(words, size=size) <= width:
        return words
    cut = len(words) - 1
    while cut > 1 and estimate_width(words[:cut] + ELLIPSIS, size=size) > width:
        cut -= 1
    return words[:cut].rstrip() + ELLIPSIS


def estimate_width(words: str, *, size: float = SIZE) -> float:
    """Return about how wide a text is, units; capitals and wide letters count more."""
    n_wide = sum(letter.isupper() or letter in "mw%@\u2014" for letter in words)
    return size * (LETTER * len(words) + (WIDE - LETTER) * n_wide)


def raise_first(words: str) -> str:
    """Begin a text with a capital, and leave the others as they are."""
    return words[:1].upper() + words[1:]


def draw_stripes(
    drawing: Drawing,
    places: Iterable[float],
    spans: Sequence[tuple[float, float]],
    style: str,
) -> None:
    """Draw upright lines that spare the names between rows.

    Args:
        drawing: To draw on.
        places: Of the lines.
        spans: Upper and lower end in every row.
        style: Attributes.
    """
    drawing.lines([((x, y), (x, end)) for x in places for y, end in spans], style)


def draw_x_axis(
    drawing: Drawing,
    scale: Scale,
    y: float,
    label: str,
    words: Words,
    *,
    top: float | None = None,
    ticks: Sequence[float] = (),
) -> None:
    """Draw an axis along the bottom of a panel, and set the height of the drawing.

    Args:
        drawing: To draw on.
        scale: Of the axis.
        y: Of its line.
        label: Beneath it.
        words: Of the chart.
        top: Upper end of the lines of the grid; None draws none.
        ticks: Values; found if there are none.
    """
    drawing.line((scale.start, y), (scale.stop, y), RULE)
    shown = list(ticks) or find_ticks(scale)
    places = [scale.place(tick) for tick in shown]
    if top is not None:
        drawing.lines([((x, top), (x, y)) for x in places], GRID)
    last, named = -math.inf, []
    for x, told in zip(places, say_ticks(shown, words), strict=True):
        half = estimate_width(told, size=SMALL) / 2
        middle = min(max(x, half), WIDTH - half)
        if middle - half >= last + 4:
            named.append(x)
            drawing.text(middle, y + 16, told, anchor="middle", size=SMALL)
            last = middle + half
    drawing.lines([((x, y), (x, y + 4)) for x in named], RULE)
    end = y + 16
    for line in fit_lines(label, size=SMALL) if label else ():
        end += 15
        middle = (scale.start + scale.stop) / 2
        half = estimate_width(line, size=SMALL) / 2
        middle = min(max(middle, half + 2), WIDTH - half - 2)
        drawing.text(middle, end, line, anchor="middle", size=SMALL)
    drawing.height = end + 6


def draw_y_axis(
    drawing: Drawing,
    scale: Scale,
    x: float,
    words: Words,
    *,
    right: float = RIGHT,
    n: int = 5,
) -> None:
    """Draw an axis along the left of a panel, with a grid.

    Args:
        drawing: To draw on.
        scale: Of the axis.
        x: Of its line.
        words: Of the chart.
        right: Right end of the grid.
        n: Ticks wanted.
    """
    drawing.line((x, scale.start), (x, scale.stop), RULE)
    ticks = find_ticks(scale, n=n)
    drawing.lines([((x, y), (right, y)) for y in map(scale.place, ticks)], GRID)
    for tick, told in zip(ticks, say_ticks(ticks, words), strict=True):
        y = scale.place(tick) + 4
        drawing.text(x - 5, y, told, anchor="end", size=SMALL)


def begin_panel(drawing: Drawing, label: str, height: float) -> tuple[float, float]:
    """Name the vertical axis of a panel above it; return its upper and lower end.

    Args:
        drawing: To draw on.
        label: Of the vertical axis.
        height: Of the panel, units.
    """
    y = drawing.height + 3
    for line in fit_lines(label, size=SMALL):
        y += 14
        drawing.text(LEFT, y, line, size=SMALL)
    top = y + 12
    drawing.height = top + height
    return top, top + height


def say_ticks(ticks: Sequence[float], words: Words) -> list[str]:
    """Write the numbers of an axis, all with as many decimals as they need."""
    needed = max(
        (
            len(f"{tick:.6g}".partition(".")[2])
            for tick in ticks
            if "e" not in f"{tick:.6g}"
        ),
        default=0,
    )
    return [say_number(tick, words, digits=needed) for tick in ticks]


def say_number(
    value: float, words: Words, *, digits: int = 2, is_signed: bool = False
) -> str:
    """Write a number, with the mark of decimals of the language.

    Args:
        value: To be written.
        words: Of the chart.
        digits: Decimals.
        is_signed: Whether a plus is written.
    """
    text = f"{value:{'+' if is_signed else ''}.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS).replace(".", words["decimal_mark"])


def say_share(share: float, words: Words) -> str:
    """Write a share in per cent; what is not quite all or nothing is not called so."""
    shown = 100 * share if share in (0, 1) else min(max(100 * share, 0.1), 99.9)
    sign = "" if shown == 100 * share else "<" if share < 0.5 else ">"
    digits = int(0 < share < 0.005 or 0.995 <= share < 1)
    return f"{sign}{say_number(shown, words, digits=digits)} %"


def choose_digits(values: Iterable[float]) -> int:
    """Choose decimals: two up to ten, one up to a hundred, else none."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return 2 if largest < 10 else 1 if largest < 100 else 0


def say_interval(
    value: float,
    low: float,
    high: float,
    words: Words,
    *,
    digits: int = 2,
    is_signed: bool = False,
) -> str:
    """Write a value with its interval, or that one of them is not known.

    Args:
        value: NaN where it is not known.
        low: NaN where there is no interval.
        high: NaN where there is no interval.
        words: Of the chart.
        digits: Decimals.
        is_signed: Whether a plus is written.
    """
    if not math.isfinite(value):
        return words["no_value"]
    shown, first, last = (
        say_number(one, words, digits=digits, is_signed=is_signed)
        if math.isfinite(one)
        else ""
        for one in (value, low, high)
    )
    if not (first and last):
        return words["value_alone"].format(value=shown)
    return words["value_interval"].format(value=shown, low=first, high=last)


def list_numbers(rows: pd.DataFrame, column: str) -> list[float]:
    """Return the numbers of a column."""
    return [float(value) for value in rows[column]]


def name_value(value: str, words: Words) -> str:
    """Name a value of a table, as figures do where they know it."""
    return words.get(value, value.replace("_", " "))
