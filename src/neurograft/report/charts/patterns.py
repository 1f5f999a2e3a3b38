"""A grid of bands and scalp regions: what goes with the answers of a method."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from neurograft.report.charts.axes import (
    LEFT,
    RIGHT,
    add_note,
    begin_chart,
    name_value,
    say_number,
    shorten,
)
from neurograft.report.figures.drawing import SMALL, SOFT, Drawing, number
from neurograft.report.figures.heads import (
    DIVERGING,
    N_COLOURS,
    SHARP,
    make_colours,
    paint_scale,
)
from neurograft.report.figures.words import ENGLISH, Words

ALPHA = 0.05
# Width of the names of regions, and height of a row.
NAMES, ROW = 104.0, 30.0
# A cell that is not found is mixed with white by this share.
LIGHTER = 0.62
# Least value of the ends of colours. Chosen here: small correlations look like none.
LEAST = 0.2


def draw_patterns(
    patterns: pd.DataFrame, *, method: str, words: Words = ENGLISH
) -> str:
    """Draw how log band power of regions goes with the answers of a method.

    Args:
        patterns: Rows of `summary/patterns.tsv` of one task.
        method: Whose answers they are.
        words: Of the chart.

    Returns:
        SVG; empty if the method has no row.
    """
    own = patterns[patterns["method"] == method]
    if not len(own):
        return ""
    bands = list(dict.fromkeys(own["band"].astype(str)))
    regions = list(dict.fromkeys(own["region"].astype(str)))
    cells = {
        (str(row["region"]), str(row["band"])): row for row in own.to_dict("records")
    }
    found = own[own["p"] < ALPHA]
    told = "; ".join(_tell(row, words) for row in found.to_dict("records"))
    desc = (
        words["patterns_found"].format(cells=told) if told else words["patterns_none"]
    )
    drawing = begin_chart(
        words["patterns"].format(method=method),
        f"{words['patterns_desc'].format(method=method)} {desc}",
        note=words["patterns_note"].format(n=int(own["n"].max())),
    )
    values = [abs(float(value)) for value in own["value"] if math.isfinite(value)]
    reach = max([LEAST, *values])
    width = (RIGHT - LEFT - NAMES) / len(bands)
    y = drawing.height + 16
    for column, band in enumerate(bands):
        x = LEFT + NAMES + width * (column + 0.5)
        named = shorten(name_value(band, words), size=SMALL, width=width)
        drawing.text(x, y, named, anchor="middle", size=SMALL)
    y += 7
    for region in regions:
        named = shorten(name_value(region, words), size=SMALL, width=NAMES - 4)
        drawing.text(LEFT, y + ROW / 2 + 4, named, size=SMALL)
        for column, band in enumerate(bands):
            if (region, band) in cells:
                x = LEFT + NAMES + width * column
                place = (x + 1.5, y + 1.5, width - 3)
                _draw_cell(drawing, cells[region, band], place, reach, words)
        y += ROW
    drawing.height = y
    _draw_colours(drawing, reach, words)
    sentence = "patterns_outlined" if len(found) else "patterns_none"
    add_note(drawing, words[sentence])
    return drawing.finish()


def _draw_cell(
    drawing: Drawing,
    cell: Mapping[Any, Any],
    place: tuple[float, float, float],
    reach: float,
    words: Words,
) -> None:
    """Draw a cell in the colour of its value, lighter where it is not found."""
    x, y, width = place
    value = float(cell["value"])
    if not math.isfinite(value):
        told, colour = words["no_value_short"], "#f7f7f7"
    else:
        told = say_number(value, words, is_signed=True)
        colour = choose_shade(value, reach)
    is_found = float(cell["p"]) < ALPHA
    colour = colour if is_found else mix(colour, LIGHTER)
    line = ' stroke="currentColor" stroke-width="2.4"' if is_found else ""
    named = f'data-cell="{"found" if is_found else ""}"'
    drawing.rectangle(x, y, width, ROW - 3, f'{named} fill="{colour}"{line} rx="2"')
    ink = "#fff" if _is_dark(colour) else "#111"
    weight = ' font-weight="600"' if is_found else ""
    middle, base = x + width / 2, y + (ROW - 3) / 2 + 4
    drawing.text(
        middle, base, told, anchor="middle", size=SMALL, style=f' fill="{ink}"{weight}'
    )


def choose_shade(value: float, reach: float) -> str:
    """Return the colour of a value between minus `reach` and `reach`."""
    share = min(max((value + reach) / (2 * reach), 0.0), 1.0)
    place = min(int(share * N_COLOURS), N_COLOURS - 1)
    return make_colours(DIVERGING)[place]


def mix(colour: str, share: float) -> str:
    """Mix a colour with white by a share.

    Example:
        >>> mix("#000000", 0.5)
        '#808080'
    """
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    mixed = (round(part + (255 - part) * share) for part in parts)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def _draw_colours(drawing: Drawing, reach: float, words: Words) -> None:
    """Draw the colours with the values at their ends and middle."""
    left, right, y = LEFT + NAMES, RIGHT, drawing.height + 10
    place = f'x="{number(left)}" y="{number(y)}" width="{number(right - left)}"'
    picture = f'href="{paint_scale(DIVERGING)}" height="7" {SHARP}'
    drawing.add(f"<image {place} {picture}/>")
    low, high = (say_number(end, words, is_signed=True) for end in (-reach, reach))
    drawing.text(left, y + 19, low, size=SMALL)
    drawing.text((left + right) / 2, y + 19, "0", anchor="middle", size=SMALL)
    drawing.text(right, y + 19, high, anchor="end", size=SMALL)
    named = shorten(words["patterns_unit"], size=SMALL, width=NAMES - 4)
    drawing.text(LEFT, y + 8, named, size=SMALL, style=SOFT)
    drawing.height = y + 22


def _tell(row: Mapping[Any, Any], words: Words) -> str:
    band, region = (name_value(str(row[name]), words) for name in ("band", "region"))
    return f"{band}, {region}: {say_number(float(row['value']), words, is_signed=True)}"
