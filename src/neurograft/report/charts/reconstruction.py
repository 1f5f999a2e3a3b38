"""A window of a person left out: its signal, what was hidden, and what predicted."""

import numpy as np

from neurograft.report.charts.axes import (
    LEFT,
    RIGHT,
    Scale,
    begin_chart,
    draw_x_axis,
    find_ticks,
    fit_lines,
)
from neurograft.report.figures.drawing import SMALL, Drawing, number
from neurograft.report.figures.heads import SEQUENTIAL, paint
from neurograft.report.figures.paths import write_path
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import GREY, ORANGE
from neurograft.types import Arrays, BoolArray, FloatArray

N_TRACES, TRACE = 6, 26.0
# Points of a trace. Chosen here: about three on a pixel.
N_POINTS = 1200
PICTURE, GAP = 114.0, 21.0
# Percentiles of values at the ends of colours.
ENDS = (2, 98)


def draw_reconstruction(example: Arrays, *, target: str, words: Words = ENGLISH) -> str:
    """Draw traces with hidden seconds shaded; beneath it original, visible, predicted.

    Args:
        example: `signals` (n_channels, n_times), `hidden` (n_channels, n_patches),
            `original` and `predicted` (n_channels, n_patches, n_outputs).
        target: What is predicted, for example `log-spectrum`.
        words: Of the chart.

    Returns:
        SVG; empty if there is no example.
    """
    if "original" not in example:
        return ""
    hidden = example["hidden"].astype(bool)
    n_channels, n_patches = hidden.shape
    told = {
        "n": n_channels,
        "seconds": n_patches,
        "share": f"{100 * hidden.mean():.0f} %",
    }
    drawing = begin_chart(
        words["reconstruction"],
        words["reconstruction_desc"].format(**told),
        note=words["reconstruction_note"].format(**told),
    )
    _draw_traces(drawing, example["signals"].astype(float), hidden, words)
    key = (
        "reconstruction_spectra" if target == "log-spectrum" else "reconstruction_rows"
    )
    y = drawing.height + 4
    for line in fit_lines(words[key], size=SMALL):
        y += 14
        drawing.text(LEFT, y, line, size=SMALL)
    drawing.height = y
    pictures = (
        ("picture_original", example["original"], False),
        ("picture_visible", example["original"], True),
        ("picture_predicted", example["predicted"], False),
    )
    low, high = np.percentile(example["original"].astype(float), ENDS)
    ends, top = (float(low), float(high)), drawing.height + 18
    for place, (name, values, is_masked) in enumerate(pictures):
        x = LEFT + place * (PICTURE + GAP)
        drawing.text(x + PICTURE / 2, top - 4, words[name], anchor="middle", size=SMALL)
        _draw_picture(drawing, values.astype(float), ends, (x, top))
        if is_masked:
            _hide(drawing, hidden, (x, top))
        scale = Scale(0, n_patches, x, x + PICTURE)
        ticks = find_ticks(scale, n=3)
        draw_x_axis(drawing, scale, top + PICTURE, words["time_s"], words, ticks=ticks)
    return drawing.finish()


def _draw_traces(
    drawing: Drawing, signals: FloatArray, hidden: BoolArray, words: Words
) -> None:
    """Draw some channels, evenly chosen; seconds that were hidden are shaded."""
    n_channels, n_times = signals.shape
    chosen = np.linspace(0, n_channels - 1, min(N_TRACES, n_channels)).astype(int)
    scale = Scale(0, hidden.shape[1], LEFT, RIGHT)
    spread = max(6 * float(np.median(signals.std(1))), 1e-12)
    step = max(-(-n_times // N_POINTS), 1)
    seconds = np.arange(0, n_times, step) / n_times * hidden.shape[1]
    top = drawing.height + 4
    for row, channel in enumerate(chosen):
        middle = top + TRACE * (row + 0.5)
        for patch in np.flatnonzero(hidden[channel]):
            x = scale.place(int(patch))
            width = scale.place(int(patch) + 1) - x
            style = f'data-hidden="" fill="{ORANGE}" fill-opacity="0.25"'
            drawing.rectangle(x, middle - TRACE / 2 + 1, width, TRACE - 2, style)
        centred = signals[channel, ::step] - signals[channel].mean()
        heights = middle - np.clip(centred / spread, -0.75, 0.75) * TRACE
        places = scale.start + (scale.stop - scale.start) * seconds / hidden.shape[1]
        path = write_path(np.stack([places, heights], axis=1))
        line = 'fill="none" stroke="currentColor" stroke-width="0.8"'
        drawing.add(f'<path d="{path}" {line}/>')
    bottom = top + TRACE * len(chosen) + 2
    draw_x_axis(drawing, scale, bottom, words["time_s"], words)


def _draw_picture(
    drawing: Drawing,
    values: FloatArray,
    ends: tuple[float, float],
    place: tuple[float, float],
) -> None:
    """Draw values as a picture: channel below channel, their outputs upside down."""
    stripes = values.transpose(0, 2, 1)[:, ::-1].reshape(-1, values.shape[1])
    x, y = map(number, place)
    drawing.add(
        f'<image href="{paint(stripes, ends, SEQUENTIAL)}" x="{x}" y="{y}" '
        f'width="{number(PICTURE)}" height="{number(PICTURE)}" '
        'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )


def _hide(drawing: Drawing, hidden: BoolArray, place: tuple[float, float]) -> None:
    """Cover the patches of a picture that were hidden."""
    n_channels, n_patches = hidden.shape
    width, height = PICTURE / n_patches, PICTURE / n_channels
    path = "".join(
        f"M{place[0] + width * patch:.2f},{place[1] + height * channel:.2f}"
        f"h{width:.2f}v{height:.2f}h-{width:.2f}z"
        for channel, patch in np.argwhere(hidden)
    )
    if path:
        drawing.add(f'<path data-cover="" d="{path}" fill="{GREY}"/>')
