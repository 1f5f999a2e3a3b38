"""Marks, lines and bands: methods differ by shape as well as by colour."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from neurograft.config.method_table import DESCRIBED, TWINS, Role
from neurograft.report.charts.axes import (
    LEFT,
    RIGHT,
    Frame,
    Scale,
    estimate_width,
    fit_lines,
)
from neurograft.report.figures.drawing import (
    DASHES,
    GREEN,
    PURPLE,
    SMALL,
    Drawing,
    number,
)
from neurograft.report.figures.paths import write_path
from neurograft.report.figures.words import Words
from neurograft.report.style import BLUE, GREY, ORANGE, sort_methods, split_method


class Look(NamedTuple):
    """The look of a method or group.

    Attributes:
        shape: `circle`, `diamond`, `triangle`, `square` or `cross`; empty for a line
            without marks.
        colour: Of mark, line and band.
        is_hollow: Whether only the outline is drawn.
        dash: Of its line.
    """

    shape: str
    colour: str
    is_hollow: bool = False
    dash: str = ""


ROLE_LOOKS: dict[Role, Look] = {
    "pretrained": Look("circle", BLUE),
    "untrained": Look("diamond", ORANGE, is_hollow=True),
    "baseline": Look("square", "currentColor"),
    "blind": Look("triangle", GREY),
}
# Groups, cohorts and pairs, in their order; more than these cannot be told apart.
GROUP_LOOKS = (
    Look("circle", BLUE),
    Look("diamond", ORANGE, is_hollow=True, dash=DASHES[1]),
    Look("triangle", GREEN, dash=DASHES[2]),
    Look("square", PURPLE, is_hollow=True, dash=DASHES[3]),
    Look("cross", GREY, dash=DASHES[4]),
)
# From the centre of a mark; `s` is its half size.
OUTLINES = {
    "diamond": "m0,-{s}l{s},{s} -{s},{s} -{s},-{s}z",
    "triangle": "m0,-{s}l{s},{d} -{d},0z",
    "square": "m-{s},-{s}h{d}v{d}h-{d}z",
    "cross": "m-{s},-{s}l{d},{d}m0,-{d}l-{d},{d}",
}
MARK = 4.5
# Pretrained, but on windows without what it may have learned: no claim.
CONTROL = "surrogate"
# Shares of the width of a panel at which a long curve bears its marks.
MARKED = (0.1, 0.3, 0.5, 0.7)
LINE = 22.0


def choose_role(method: str) -> Role:
    """Return the strongest claim among the parts of a method.

    Example:
        >>> choose_role("encoder+band-power:svm"), choose_role("mine")
        ('pretrained', 'baseline')
    """
    parts = split_method(method)
    roles = {DESCRIBED[part].role for part in parts if part in DESCRIBED}
    order: tuple[Role, ...] = ("pretrained", "untrained", "baseline", "blind")
    return next((role for role in order if role in roles), "baseline")


def choose_looks(methods: Sequence[str]) -> dict[str, Look]:
    """Return a look for every method; those of one role differ by their dashes."""
    seen: dict[Role, int] = {}
    looks = {}
    for method in methods:
        role = choose_role(method)
        dash = DASHES[seen.get(role, 0) % len(DASHES)]
        looks[method] = ROLE_LOOKS[role]._replace(dash=dash)
        seen[role] = seen.get(role, 0) + 1
    return looks


def choose_shown(methods: Sequence[str], n: int) -> list[str]:
    """Choose up to `n` methods: a claim, its control, a baseline, what is blind; again.

    The plainest names of a role come first, as variants have longer ones; of untrained
    methods those whose pretrained ones come first.
    """
    names = sort_methods(list(dict.fromkeys(methods)))
    claims = sorted(
        (m for m in names if choose_role(m) == "pretrained"), key=_rank_variant
    )
    twins = [TWINS[claim] for claim in claims if claim in TWINS]

    def rank(name: str) -> tuple[int, tuple[bool, bool]]:
        return twins.index(name) if name in twins else len(twins), _rank_variant(name)

    by_role = [
        sorted((m for m in names if choose_role(m) == role), key=rank)
        for role in ROLE_LOOKS
    ]
    rounds = [
        group[place]
        for place in range(len(names))
        for group in by_role
        if place < len(group)
    ]
    return [method for method in names if method in rounds[:n]]


def choose_claim(methods: Sequence[str]) -> str:
    """Choose the method that a chart is about: the first that was pretrained."""
    claims = [method for method in methods if choose_role(method) == "pretrained"]
    return min(claims or methods[:1], key=_rank_variant)


def _rank_variant(method: str) -> tuple[bool, bool]:
    """Rank plain methods before variants, and both before controls."""
    parts = split_method(method)
    is_variant = len(parts) > 1 or ":" in method or "@" in method
    return CONTROL in parts, is_variant


def draw_mark(
    drawing: Drawing, look: Look, x: float, y: float, *, size: float = MARK
) -> None:
    """Draw a mark about its centre.

    Args:
        drawing: To draw on.
        look: Shape and colour.
        x: Of its centre.
        y: Of its centre.
        size: Half of its width.
    """
    if look.shape:
        drawing.add(_write_mark(look, x, y, size, f" {_style_mark(look)}"))


def draw_marks(
    drawing: Drawing, look: Look, places: Sequence[tuple[float, float]], *, size: float
) -> None:
    """Draw many marks of one look, which a group says once.

    Args:
        drawing: To draw on.
        look: Shape and colour.
        places: Of their centres.
        size: Half of their width.
    """
    marks = "".join(_write_mark(look, x, y, size) for x, y in places)
    drawing.add(f"<g {_style_mark(look)}>{marks}</g>" if marks else "")


def _style_mark(look: Look) -> str:
    is_line = look.is_hollow or look.shape == "cross"
    stroke = f'fill="none" stroke="{look.colour}" stroke-width="1.6"'
    return stroke if is_line else f'fill="{look.colour}"'


def _write_mark(look: Look, x: float, y: float, size: float, style: str = "") -> str:
    named = f'data-mark="{look.shape}"'
    if look.shape == "circle":
        place = f'cx="{number(x)}" cy="{number(y)}" r="{number(size)}"'
        return f"<circle {named} {place}{style}/>"
    # A square and a triangle look larger than a circle as wide.
    half = size * (0.85 if look.shape == "square" else 1.1)
    outline = OUTLINES[look.shape].format(s=number(half), d=number(2 * half))
    return f'<path {named} d="M{number(x)},{number(y)}{outline}"{style}/>'


def draw_whisker(
    drawing: Drawing,
    look: Look,
    scale: Scale,
    across: float,
    *,
    values: tuple[float, float, float],
    is_upright: bool = False,
) -> None:
    """Draw an interval and its value; a hollow mark interrupts the line.

    Args:
        drawing: To draw on.
        look: Of the mark.
        scale: Of the values.
        across: Place on the other axis.
        values: Value, lower and upper end; ends may be NaN.
        is_upright: Whether the scale is the vertical one.
    """
    value, low, high = values
    if not math.isfinite(value):
        return
    middle = scale.clip(value)

    def at(place: float) -> tuple[float, float]:
        return (across, place) if is_upright else (place, across)

    if math.isfinite(low) and math.isfinite(high):
        ends = sorted((scale.clip(low), scale.clip(high)))
        gap = MARK * 1.1 if look.is_hollow else 0.0
        style = f'data-interval="" stroke="{look.colour}" stroke-width="2"'
        if ends[0] < middle - gap:
            drawing.line(at(ends[0]), at(middle - gap), style)
        if ends[1] > middle + gap:
            drawing.line(at(middle + gap), at(ends[1]), style)
    draw_mark(drawing, look, *at(middle))


def draw_curve(
    drawing: Drawing,
    look: Look,
    frame: Frame,
    x: Sequence[float],
    y: Sequence[float],
) -> None:
    """Draw a line through points, interrupted where one is not known.

    Args:
        drawing: To draw on.
        look: Colour and dashes.
        frame: Of the panel.
        x: Values.
        y: Values.
    """
    runs: list[list[tuple[float, float]]] = [[]]
    for one, other in zip(x, y, strict=True):
        if math.isfinite(one) and math.isfinite(other):
            runs[-1].append((frame.x.place(one), frame.y.place(other)))
        elif runs[-1]:
            runs.append([])
    path = write_path(*(run for run in runs if len(run) > 1))
    if path:
        dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
        style = f'fill="none" stroke="{look.colour}" stroke-width="1.8"{dash}'
        drawing.add(f'<path data-curve="" d="{path}" {style}/>')


def mark_curve(
    drawing: Drawing,
    look: Look,
    frame: Frame,
    curve: tuple[Sequence[float], Sequence[float]],
    *,
    order: int = 0,
) -> None:
    """Set marks on a long curve, at other places than those of other curves.

    Args:
        drawing: To draw on.
        look: Of the marks.
        frame: Of the panel.
        curve: Values of both axes.
        order: Of the curve among those of the panel.
    """
    known = [
        point
        for point in zip(*curve, strict=True)
        if frame.y.low <= point[1] <= frame.y.high
    ]
    span = frame.x.high - frame.x.low
    for share in MARKED if known else ():
        wanted = frame.x.low + (share + 0.04 * order) * span
        x, y = min(known, key=lambda point: abs(point[0] - wanted))
        draw_mark(drawing, look, frame.x.place(x), frame.y.place(y), size=3.6)


def draw_swarm(
    drawing: Drawing,
    look: Look,
    scale: Scale,
    values: Sequence[float],
    *,
    middle: float,
    height: float,
) -> None:
    """Draw a dot for every value; equal ones stand above each other.

    Args:
        drawing: To draw on.
        look: Of the dots.
        scale: Horizontal.
        values: NaN is left out.
        middle: Height of the line that dots lie about.
        height: That dots do not leave.
    """
    known = sorted(float(value) for value in values if math.isfinite(value))
    size = 2.8 if len(known) <= 80 else 2.0
    columns: dict[int, list[float]] = {}
    for value in known:
        columns.setdefault(round(scale.place(value) / (2 * size)), []).append(value)
    most = max(map(len, columns.values()), default=1)
    step = min(2 * size + 0.6, (height - 2 * size) / max(most - 1, 1))
    places = [
        (scale.place(value), middle + step * (place - (len(column) - 1) / 2))
        for column in columns.values()
        for place, value in enumerate(column)
    ]
    draw_marks(drawing, look, places, size=size)


def draw_band(
    drawing: Drawing,
    look: Look,
    frame: Frame,
    x: Sequence[float],
    ends: tuple[Sequence[float], Sequence[float]],
) -> None:
    """Shade what lies between two lines.

    Args:
        drawing: To draw on.
        look: Colour.
        frame: Of the panel.
        x: Values.
        ends: Lower and upper values; points without them are left out.
    """
    known = [
        point
        for point in zip(x, *ends, strict=True)
        if all(math.isfinite(value) for value in point)
    ]
    if len(known) < 2:
        return
    places = [(frame.x.place(x), *map(frame.y.clip, ends)) for x, *ends in known]
    upper = [(one, high) for one, _, high in places]
    lower = [(one, low) for one, low, _ in reversed(places)]
    path = write_path(upper, lower, is_closed=True)
    style = f'fill="{look.colour}" fill-opacity="0.16"'
    drawing.add(f'<path data-band="" d="{path}" {style}/>')


def draw_key(
    drawing: Drawing, items: Sequence[tuple[Look, str]], *, with_lines: bool = False
) -> None:
    """Name looks beneath what is drawn, side by side where they fit.

    Args:
        drawing: To draw on.
        items: Looks and their names.
        with_lines: Whether a piece of line is drawn too.
    """
    indent = LINE + 8 if with_lines else 14.0
    x, y = LEFT, drawing.height + 12
    for look, name in items:
        lines = fit_lines(name, size=SMALL, width=RIGHT - LEFT - indent)
        wide = indent + estimate_width(max(lines, key=len), size=SMALL)
        if x > LEFT and x + wide > RIGHT:
            x, y = LEFT, y + 16
        if with_lines:
            dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
            style = f'stroke="{look.colour}" stroke-width="1.8"{dash}'
            drawing.line((x, y - 4), (x + LINE, y - 4), style)
        draw_mark(drawing, look, x + (LINE / 2 if with_lines else 5), y - 4)
        for place, line in enumerate(lines):
            y += 14 if place else 0
            drawing.text(x + indent, y, line, size=SMALL)
        x += wide + 18
    drawing.height = y + 6


def draw_role_key(drawing: Drawing, methods: Sequence[str], words: Words) -> None:
    """Name the roles that occur among methods."""
    roles = {choose_role(method) for method in methods}
    items = [(look, words[f"role_{r}"]) for r, look in ROLE_LOOKS.items() if r in roles]
    draw_key(drawing, items)
