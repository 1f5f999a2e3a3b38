"""Draw heads of one person: how far band power is from what is usual."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from neurograft.report.figures.drawing import SMALL, SOFT, WIDTH, Drawing, wrap
from neurograft.report.figures.heads import project
from neurograft.report.figures.topographies import (
    BANDS_HZ,
    RADIUS,
    Head,
    define_heads,
    draw_colours,
    draw_head,
)
from neurograft.report.figures.words import ENGLISH, Words, mark_decimals
from neurograft.types import FloatArray

# Least SD at the ends of the colours. Chosen here: what is usual is pale.
MIN_REACH = 3.0
CENTRES, TOP = (68.0, 200.0, 332.0), 46.0


def draw_deviations(
    z: Float[np.ndarray, "n_bands n_channels"],
    bands: Sequence[str],
    positions: Float[np.ndarray, "n_channels 3"],
    *,
    far: float,
    n: int,
    words: Words = ENGLISH,
) -> str:
    """Draw a head per band, blue below what is usual and orange above.

    Args:
        z: SD above what is usual.
        bands: Their names.
        positions: Of the electrodes, on the unit sphere.
        far: Electrodes beyond so many SD are ringed.
        n: Healthy people who say what is usual.
        words: Of the figure.

    Returns:
        SVG; empty without electrodes.
    """
    if not z.size:
        return ""
    reach = max(MIN_REACH, float(np.ceil(np.abs(z).max())))
    heads = [Head(own, np.abs(own) > far, (-reach, reach), "ratios") for own in z]
    drawing = Drawing(
        title=words["deviations"],
        desc=words["deviations_desc"].format(
            n=n,
            rows="; ".join(
                _tell(band, own, words) for band, own in zip(bands, z, strict=True)
            ),
        ),
    )
    drawing.text(6, 16, words["deviations"], style=' font-weight="600"')
    places = positions / np.linalg.norm(positions, axis=1, keepdims=True)
    define_heads(drawing, heads, places)
    for number, (band, head) in enumerate(zip(bands, heads, strict=True)):
        low, high = BANDS_HZ[band]
        span = words["band_hz"].format(low=low, high=high)
        drawing.text(
            CENTRES[number], 36, f"{words[band]}, {span}", anchor="middle", size=SMALL
        )
        middle = (CENTRES[number], TOP + 6 + RADIUS)
        draw_head(drawing, head, number, project(places), middle)
    y = TOP + 2 * RADIUS + 18
    ends = [
        mark_decimals(f"{end:+g}".replace("-", "\u2212"), words)
        for end in (-reach, reach)
    ]
    told = (ends[0], "0", f"{ends[1]} SD")
    draw_colours(drawing, heads[0], CENTRES[0], CENTRES[-1], y, told)
    y += 38
    note = words["deviations_note"].format(far=f"{far:g}", n=n)
    for line in wrap(note, size=SMALL, width=WIDTH - 12):
        drawing.text(6, y, line, size=SMALL, style=SOFT)
        y += 14
    drawing.height = y - 4
    return drawing.finish()


def _tell(band: str, own: FloatArray, words: Words) -> str:
    """Tell the mean and the ends of a head in words."""
    mean, low, high = (
        mark_decimals(f"{one:+.1f}", words)
        for one in (own.mean(), own.min(), own.max())
    )
    return words["deviations_row"].format(
        band=words[band], mean=mean, low=low, high=high
    )
