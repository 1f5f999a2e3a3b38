"""Spectra by scalp region: of groups with their uncertainty, and of one recording."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.montage.regions import REGIONS, find_uncovered, weigh_regions
from neurograft.report.figures.drawing import (
    COLOURS,
    DASHES,
    SMALL,
    SOFT,
    WIDTH,
    Drawing,
    number,
    wrap,
)
from neurograft.report.figures.paths import write_path
from neurograft.report.figures.quality_strip import sum_seconds
from neurograft.report.figures.words import ENGLISH, Words, mark_decimals
from neurograft.store.inspection import FIRST_CUT, SECOND_WORDS, Inspection
from neurograft.types import FloatArray

# Lowest frequency that is drawn; edges of the bands and their letters.
LOWEST_HZ = 1.0
EDGES_HZ = (4.0, 8.0, 13.0, 30.0)
LETTERS = ((1.0, "\u03b4"), (4.0, "\u03b8"), (8.0, "\u03b1"), (13.0, "\u03b2"))
# People of a task without groups.
EVERYBODY = "everybody"
TICKS_HZ = (1, 4, 8, 13, 30)
# Frequencies whose places share a step are drawn as their mean, units. Chosen here: two
# pixels, so that fast frequencies are not a hedge of points.
STEP = 2
# Larger powers are written whole, not as 1e+04.
WHOLE_FROM = 1000.0
# Two columns of panels. Every panel is this large.
LEFTS, PANEL, ROW, GAP = (40.0, 232.0), (160.0, 96.0), 132.0, 26.0


class Line(NamedTuple):
    """A line of a panel.

    Attributes:
        name: As the legend says.
        frequencies: Hz.
        values: Logarithm to base 10 by region, `(n_regions, n_bins)`.
        low: Lower end of the interval; NaN if there is none.
        high: Upper end.
    """

    name: str
    frequencies: FloatArray
    values: FloatArray
    low: FloatArray
    high: FloatArray


def draw_group_spectra(
    spectra: pd.DataFrame, task: str, *, words: Words = ENGLISH
) -> str:
    """Draw the groups of a task by region, with the 95 % interval over people.

    Args:
        spectra: `summary/spectra.tsv`.
        task: Its name.
        words: Of the figure.
    """
    own = spectra[spectra["task"] == task]
    lines = [
        _make_line(_name_group(str(group), int(table["n"].iloc[0]), words), table)
        for group, table in own.groupby("group", sort=False)
    ]
    unit = str(own["unit"].iloc[0])
    return _draw(lines, words["spectra"], unit, words["group_band"], words)


def _name_group(group: str, n: int, words: Words) -> str:
    """Name a group with its size; all people together are called so."""
    named = words["everybody"] if group == EVERYBODY else group
    return words["group_n"].format(group=named, n=n)


def _make_line(name: str, table: pd.DataFrame) -> Line:
    regions = table.groupby("region", sort=False)
    assert [str(region) for region, _ in regions] == list(REGIONS)
    columns = ("log10_power", "ci_low", "ci_high")
    values, low, high = (
        np.stack([part[column].to_numpy(dtype=float) for _, part in regions])
        for column in columns
    )
    frequencies = next(iter(regions))[1]["frequency_hz"].to_numpy(dtype=float)
    return Line(name, frequencies, values, low, high)


def draw_person_spectrum(
    inspection: Inspection,
    *,
    alpha_hz: float = float("nan"),
    reference: pd.DataFrame | None = None,
    words: Words = ENGLISH,
) -> str:
    """Draw the spectrum of a recording by region.

    Args:
        inspection: Of the recording.
        alpha_hz: Frequency of the posterior alpha peak, marked if there is one.
        reference: Rows of `summary/spectra.tsv` of one task and group, in microvolts,
            that are drawn behind.
        words: Of the figure.
    """
    kept = ~inspection.is_left_out
    weights = weigh_regions(inspection.positions[kept])
    power = weights @ 10 ** inspection.log_power[kept].astype(float)
    power[find_uncovered(inspection.positions[kept])] = np.nan
    blank = np.full_like(power, np.nan)
    totals = sum_seconds(inspection)
    used = sum(totals[name] for name in SECOND_WORDS[:FIRST_CUT])
    name = words["person_line"].format(n=f"{used:.0f}")
    own = Line(name, inspection.frequencies_hz, np.log10(power), blank, blank)
    lines, note = [own], ""
    if reference is not None and inspection.unit == "microvolts":
        group, n = reference["group"].iloc[0], reference["n"].iloc[0]
        lines.append(_make_line(_name_group(str(group), int(n), words), reference))
        note = words["group_band"]
    unit = "uV^2/Hz" if inspection.unit == "microvolts" else "arbitrary^2/Hz"
    return _draw(lines, words["person"], unit, note, words, mark_hz=alpha_hz)


def draw_compared_spectrum(
    own: Line, usual: Line, *, unit: str, words: Words = ENGLISH
) -> str:
    """Draw the spectrum of a person above the interval of healthy people.

    Args:
        own: Of the person.
        usual: Expected of healthy people, with the ends of a prediction interval.
        unit: Of power.
        words: Of the figure.
    """
    return _draw([own, usual], words["person"], unit, words["usual_band"], words)


def _draw(
    lines: Sequence[Line],
    title: str,
    unit: str,
    note: str,
    words: Words,
    mark_hz: float = float("nan"),
) -> str:
    shown = np.concatenate([one.frequencies for one in lines])
    low_hz, high_hz = max(LOWEST_HZ, float(shown.min())), float(shown.max())
    who = ", ".join(one.name for one in lines)
    drawing = Drawing(
        title=title,
        desc=words["spectra_desc"].format(
            low=mark_decimals(f"{low_hz:g}", words),
            high=mark_decimals(f"{high_hz:g}", words),
            who=who,
        ),
    )
    drawing.text(6, 16, f"{title} ({words[unit]})", style=' font-weight="600"')
    y = _draw_legend(drawing, lines, note, 32)
    axis = _Axis(low_hz, high_hz, *_find_range(lines, low_hz))
    for place, region in enumerate(REGIONS):
        left, top = LEFTS[place % 2], y + GAP + ROW * (place // 2)
        drawing.text(left, top - 6, words[region])
        if place:
            aside, below = number(left - LEFTS[0]), number(top - y - GAP)
            drawing.add(f'<use href="#@-axes" x="{aside}" y="{below}"/>')
        else:
            _draw_axes(drawing, axis, left, top, words)
        for order, one in enumerate(lines):
            if np.isfinite(one.values[place]).any():
                _draw_line(drawing, axis, one, place, order, left, top)
            elif not order:
                x, middle = left + PANEL[0] / 2, top + PANEL[1] / 2
                told = words["no_electrode"]
                drawing.text(x, middle, told, anchor="middle", size=SMALL, style=SOFT)
        if np.isfinite(mark_hz) and region == "occipital":
            _mark(drawing, axis, mark_hz, left, top, words)
    bottom = y + GAP + 3 * ROW
    middle = WIDTH / 2
    drawing.text(middle, bottom, words["frequency"], anchor="middle", size=SMALL)
    drawing.height = bottom + 8
    return drawing.finish()


def _find_range(lines: Sequence[Line], low_hz: float) -> tuple[float, float]:
    """Find the ends of the vertical axis, in logarithms, over all that is drawn."""
    found = []
    for one in lines:
        used = one.frequencies >= low_hz
        found += [values[:, used] for values in (one.values, one.low, one.high)]
    everything = np.concatenate([values.ravel() for values in found])
    low, high = np.nanmin(everything), np.nanmax(everything)
    room = 0.05 * max(high - low, 0.1)
    return float(low - room), float(high + room)


class _Axis(NamedTuple):
    """Ends of both axes of all panels: Hz, and logarithms of power."""

    low_hz: float
    high_hz: float
    low: float
    high: float

    def x(self, hz: FloatArray | float) -> FloatArray:
        """Return places along a logarithmic axis of frequency."""
        share = np.log(np.asarray(hz) / self.low_hz) / np.log(
            self.high_hz / self.low_hz
        )
        return np.asarray(PANEL[0] * share)

    def find(self, hz: float) -> float:
        """Return the place of one frequency."""
        return float(self.x(hz))

    def y(self, value: FloatArray | float) -> FloatArray:
        """Return places from the top."""
        share = (np.asarray(value) - self.low) / (self.high - self.low)
        return np.asarray(PANEL[1] * (1 - share))


def _draw_axes(
    drawing: Drawing, axis: _Axis, left: float, top: float, words: Words
) -> None:
    """Draw the axes of the first panel; the others use them."""
    width, height = PANEL
    bottom = top + height
    drawing.add('<g id="@-axes">')
    edges = [hz for hz in EDGES_HZ if axis.low_hz < hz < axis.high_hz]
    faint = 'stroke="currentColor" stroke-width="0.6" opacity="0.25"'
    upright = [((left + x, top), (left + x, bottom)) for x in map(axis.find, edges)]
    drawing.lines(upright, faint)
    for hz, letter in LETTERS:
        if axis.low_hz <= hz < axis.high_hz:
            x = left + axis.find(hz) + 3
            drawing.text(x, bottom - 5, letter, size=SMALL, style=SOFT)
    for tick in TICKS_HZ:
        if axis.low_hz <= tick <= axis.high_hz:
            x = left + axis.find(tick)
            drawing.text(x, bottom + 13, f"{tick}", anchor="middle", size=SMALL)
    rules = [((left + width, bottom), (left, bottom)), ((left, bottom), (left, top))]
    for power in _choose_decades(axis):
        y = top + float(axis.y(power))
        rules.append(((left - 3, y), (left, y)))
        value = 10.0**power
        told = f"{value:.3g}" if value < WHOLE_FROM else f"{value:.0f}"
        label = mark_decimals(told, words)
        drawing.text(left - 5, y + 4, label, anchor="end", size=SMALL)
    drawing.lines(rules, 'stroke="currentColor" stroke-width="0.8" opacity="0.6"')
    drawing.add("</g>")


def _choose_decades(axis: _Axis) -> list[float]:
    """Choose whole powers of ten; where fewer than two are seen, 1, 2 and 5 of each."""
    first, last = int(np.ceil(axis.low)), int(np.floor(axis.high))
    if last > first:
        step = -(-(last - first) // 4)
        return [float(power) for power in range(first, last + 1, step)]
    parts = [
        power + np.log10(digit)
        for power in range(first - 1, last + 2)
        for digit in (1, 2, 5)
    ]
    return [float(one) for one in parts if axis.low <= one <= axis.high]


def _draw_line(
    drawing: Drawing,
    axis: _Axis,
    one: Line,
    region: int,
    order: int,
    left: float,
    top: float,
) -> None:
    used = one.frequencies >= axis.low_hz
    x = axis.x(one.frequencies[used])
    _, steps = np.unique(np.floor(x / STEP), return_inverse=True)

    def place(values: FloatArray) -> FloatArray:
        """Return places of the means of steps."""
        points = np.stack([left + x, top + axis.y(values[region][used])], axis=1)
        sums = np.stack([np.bincount(steps, column) for column in points.T], axis=1)
        return np.asarray(sums / np.bincount(steps)[:, None])

    colour = COLOURS[order % len(COLOURS)]
    if np.isfinite(one.low[region][used]).all():
        path = write_path(place(one.high), place(one.low)[::-1], is_closed=True)
        drawing.add(f'<path d="{path}" fill="{colour}" fill-opacity="0.2"/>')
    dash = DASHES[order % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    path = write_path(place(one.values))
    style = f'fill="none" stroke="{colour}" stroke-width="1.8"{dashed}'
    drawing.add(f'<path d="{path}" {style}/>')


def _mark(
    drawing: Drawing, axis: _Axis, hz: float, left: float, top: float, words: Words
) -> None:
    """Mark a frequency, and name it at the right."""
    x = left + float(axis.x(hz))
    style = 'stroke="currentColor" stroke-width="1.2"'
    drawing.add(f'<path d="M{number(x - 4)},{number(top + 14)}h8l-4,7z"/>')
    drawing.line((x, top + 14), (x, top + PANEL[1]), style + ' stroke-dasharray="1 3"')
    told = words["alpha_peak"].format(hz=mark_decimals(f"{hz:.1f}", words))
    drawing.text(left + PANEL[0], top - 6, told, anchor="end", size=SMALL)


def _draw_legend(drawing: Drawing, lines: Sequence[Line], note: str, y: float) -> float:
    """Name every line; returns the lower end."""
    for order, one in enumerate(lines):
        colour, dash = COLOURS[order % len(COLOURS)], DASHES[order % len(DASHES)]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        style = f'stroke="{colour}" stroke-width="2.4"{dashed}'
        drawing.line((8, y - 4), (36, y - 4), style)
        for part in wrap(one.name, width=WIDTH - 50):
            drawing.text(42, y, part)
            y += 16
    for part in wrap(note, size=SMALL, width=WIDTH - 12) if note else ():
        drawing.text(6, y, part, size=SMALL, style=SOFT)
        y += 14
    return y
