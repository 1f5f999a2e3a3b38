"""The quality of cohorts at a glance: signal that was kept, channels that failed."""

import math
import re
from collections import Counter

import numpy as np
import pandas as pd

from neurograft.montage.channels import TEN_TWENTY, template_positions
from neurograft.report.charts.axes import (
    LEFT,
    RIGHT,
    Scale,
    add_note,
    begin_chart,
    draw_x_axis,
    fit_lines,
    measure,
    say_number,
    say_share,
)
from neurograft.report.charts.marks import GROUP_LOOKS, draw_swarm
from neurograft.report.figures.drawing import SMALL, SOFT, WIDTH, Drawing, number
from neurograft.report.figures.heads import project
from neurograft.report.figures.words import ENGLISH, Words
from neurograft.report.style import ORANGE

# What `recordings.tsv` says of recordings that are used.
USED = ("kept", "repaired")
STRIP = 46.0
RADIUS = 150.0
# Radius of the dot of a channel that was bad in every recording, and in none.
LARGEST, LEAST = 26.0, 1.6
# Name of a channel, with the reason behind it.
BAD = re.compile(r"([^,()]+?)\s*\([^()]*\)")
# As many of the worst channels are named in words.
N_NAMED = 8


def draw_kept_shares(recordings: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw the share of every recording's signal that is used, by cohort.

    Args:
        recordings: `recordings.tsv` of one or more cohorts.
        words: Of the figure.

    Returns:
        SVG; empty if no length is known.
    """
    known = recordings[recordings["duration_s"] > 0]
    if not len(known):
        return ""
    used = known["usable_s"].fillna(0.0)
    shares = (used / known["duration_s"]).clip(0, 1)
    parts = {
        str(cohort): [float(share) for share in own]
        for cohort, own in shares.groupby(known["cohort"].astype(str), sort=False)
    }
    told = [
        words["kept_cohort"].format(cohort=cohort, n=len(own))
        for cohort, own in parts.items()
    ]
    drawing = begin_chart(
        words["kept_shares"],
        words["kept_shares_desc"].format(cohorts="; ".join(told)),
        note=words["kept_shares_note"].format(n=len(known)),
    )
    scale = Scale(0, 100, LEFT + 6, RIGHT - 6)
    top = y = drawing.height + 2
    for order, (name, own) in enumerate(zip(told, parts.values(), strict=True)):
        for line in fit_lines(name):
            y += 14
            drawing.text(LEFT, y, line)
        look = GROUP_LOOKS[order % len(GROUP_LOOKS)]
        middle, values = y + 6 + STRIP / 2, [100 * share for share in own]
        draw_swarm(drawing, look, scale, values, middle=middle, height=STRIP)
        y += STRIP + 10
    draw_x_axis(drawing, scale, y, words["kept_shares_x"], words, top=top)
    return drawing.finish()


def draw_bad_channels(recordings: pd.DataFrame, *, words: Words = ENGLISH) -> str:
    """Draw in how many recordings every channel was bad, on a head from above.

    Args:
        recordings: `recordings.tsv` of one or more cohorts; recordings that are not
            used are left out.
        words: Of the figure.

    Returns:
        SVG; empty if no recording is used.
    """
    used = recordings[recordings["status"].isin(USED)]
    if not len(used):
        return ""
    counts = count_bad_channels(used)
    shares = {name: n / len(used) for name, n in counts.most_common()}
    worst = ", ".join(
        f"{name} {say_share(share, words)}"
        for name, share in list(shares.items())[:N_NAMED]
    )
    if len(shares) > N_NAMED:
        worst += f" ({words['bad_others'].format(n=len(shares) - N_NAMED)})"
    told = words["bad_worst"].format(worst=worst) if worst else words["bad_none"]
    drawing = begin_chart(
        words["bad_channels"],
        f"{words['bad_channels_desc']} {told}",
        note=words["bad_channels_note"].format(n=len(used)),
    )
    _draw_head(drawing, shares)
    _draw_sizes(drawing, words)
    add_note(drawing, told)
    return drawing.finish()


def count_bad_channels(recordings: pd.DataFrame) -> Counter[str]:
    """Count in how many recordings each channel was bad."""
    counts: Counter[str] = Counter()
    for text in recordings["bads"].dropna().astype(str):
        counts.update({name.strip() for name in BAD.findall(text)})
    return counts


def _draw_head(drawing: Drawing, shares: dict[str, float]) -> None:
    """Draw head, nose and channels; names stand where there is room."""
    x, y = WIDTH / 2, drawing.height + 16 + RADIUS
    outline = 'fill="none" stroke="currentColor" stroke-width="1.3"'
    drawing.add(
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(RADIUS)}" {outline}/>'
    )
    drawing.add(
        f'<path d="M{number(x - 12)},{number(y - RADIUS + 1)}l12,-13 12,13" {outline}/>'
    )
    known = template_positions()
    names = [n for n in dict.fromkeys((*shares, *TEN_TWENTY)) if n in known]
    places = project(np.array([known[name] for name in names]))
    spots = {
        name: (x + RADIUS * float(right), y - RADIUS * float(front))
        for name, (right, front) in zip(names, places, strict=True)
    }
    for name, (at, height) in spots.items():
        size = _size(shares.get(name, 0.0))
        style = f'fill="{ORANGE}" fill-opacity="0.6"' if name in shares else SOFT
        place = f'cx="{number(at)}" cy="{number(height)}" r="{number(size)}"'
        drawing.add(f'<circle data-channel="{name}" {place}{" " + style.strip()}/>')
    _name_channels(drawing, spots, shares, x)
    drawing.height = y + RADIUS + 6


def _name_channels(
    drawing: Drawing,
    spots: dict[str, tuple[float, float]],
    shares: dict[str, float],
    centre: float,
) -> None:
    """Name channels where there is room; those near the edge at their inner side."""
    taken: list[tuple[float, float, float]] = []
    for name, (x, y) in spots.items():
        size, half = _size(shares.get(name, 0.0)), measure(name, size=SMALL) / 2
        inwards = math.copysign(size + half + 3, centre - x)
        is_outer = abs(x - centre) > 0.6 * RADIUS
        at, base = (x + inwards, y + 4) if is_outer else (x, y + size + 11)
        if all(abs(at - a) > half + h + 2 or abs(base - b) > 13 for a, b, h in taken):
            drawing.text(at, base, name, anchor="middle", size=SMALL)
            taken.append((at, base, half))


def _size(share: float) -> float:
    """Return the radius of a dot whose area grows with a share."""
    return max(LARGEST * math.sqrt(share), LEAST)


def _draw_sizes(drawing: Drawing, words: Words) -> None:
    """Draw dots of known shares as a measure."""
    x, y = LEFT + 8, drawing.height + 22
    for share in (0.05, 0.2, 0.5):
        size = _size(share)
        place = f'cx="{number(x + size)}" cy="{number(y)}" r="{number(size)}"'
        drawing.add(f'<circle {place} fill="{ORANGE}" fill-opacity="0.6"/>')
        told = f"{say_number(100 * share, words, digits=0)} %"
        drawing.text(x + 2 * size + 4, y + 4, told, size=SMALL)
        x += 2 * size + 4 + measure(told, size=SMALL) + 16
    lines = fit_lines(words["bad_sizes"], size=SMALL, width=RIGHT - x)
    for order, line in enumerate(lines):
        drawing.text(x, y + 4 + 14 * order, line, size=SMALL, style=SOFT)
    drawing.height = y + 22
