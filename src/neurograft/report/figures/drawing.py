"""Draw SVG by hand: small, the same bytes each time, readable in light and dark.

Lines and text take the colour of the page's text (`currentColor`), and data colours are
as far from white as from black. A drawing is 400 units wide: on a telephone its text
stays above ten pixels, on a screen it grows no further than `MAX_WIDTH`.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from html import escape

from neurograft.report.style import BLUE, GREY, ORANGE

WIDTH = 400
MAX_WIDTH = "36rem"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
SIZE, SMALL = 12.0, 11.0
# What a drawing needs in a file of its own; inside a page, the page says it once.
ALONE = (
    ' xmlns="http://www.w3.org/2000/svg" '
    f'style="width:100%;max-width:{MAX_WIDTH};height:auto" font-family="{FONT}"'
)
# Width of a letter in its size: that of a wide font, DejaVu Sans, on average.
LETTER = 0.57
GREEN = "#2a8a57"
PURPLE = "#8e5bd0"
# Groups differ by colour, by line and by order.
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
DASHES = ("", "6 3", "2 2.5", "8 3 2 3", "1 4")
# What no line break parts.
WORD = re.compile(r"\(?n = \S+|\S+")
SOFT = ' opacity="0.72"'


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    Example:
        >>> number(3.04), number(-0.26)
        ('3', '-0.3')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Drawing:
    """An SVG that grows downwards.

    Attributes:
        title: Short name, read by screen readers and shown as a tooltip.
        desc: What the figure shows, in words.
        height: Units; may be set until the end.
    """

    def __init__(self, *, title: str, desc: str) -> None:
        self.title, self.desc = title, desc
        self.height = 0.0
        self._parts: list[str] = []

    def add(self, svg: str) -> None:
        """Add SVG as it is; `@` stands for what makes ids of this figure unique."""
        self._parts.append(svg)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: str = "start",
        size: float = SIZE,
        style: str = "",
    ) -> None:
        """Write a line of text.

        Args:
            x: Of its anchor.
            y: Of its base line.
            words: The text.
            anchor: `start`, `middle` or `end`.
            size: Units.
            style: Further attributes, for example `SOFT`.
        """
        place = f'x="{number(x)}" y="{number(y)}"'
        sized = "" if size == SMALL else f' font-size="{number(size)}"'
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.add(f"<text {place}{sized}{anchored}{style}>{_escape(words)}</text>")

    def line(self, start: Sequence[float], stop: Sequence[float], style: str) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = (tuple(map(number, point)) for point in (start, stop))
        self.add(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {style}/>')

    def lines(
        self, ends: Iterable[tuple[Sequence[float], Sequence[float]]], style: str
    ) -> None:
        """Draw straight lines of one style as one path."""
        path = "".join(f"M{_write(start)}L{_write(stop)}" for start, stop in ends)
        if path:
            self.add(f'<path d="{path}" {style}/>')

    def rectangle(
        self, x: float, y: float, width: float, height: float, style: str
    ) -> None:
        """Draw a rectangle.

        Args:
            x: Left.
            y: Top.
            width: Units.
            height: Units.
            style: Attributes.
        """
        place = f'x="{number(x)}" y="{number(y)}"'
        size = f'width="{number(width)}" height="{number(height)}"'
        self.add(f"<rect {place} {size} {style}/>")

    def finish(self) -> str:
        """Return the SVG."""
        body = "".join(self._parts)
        content = f"{self.title}{self.desc}{body}"
        unique = "f" + hashlib.sha256(content.encode()).hexdigest()[:8]
        box = f'viewBox="0 0 {WIDTH} {number(math.ceil(self.height))}"'
        letters = f'font-size="{number(SMALL)}" fill="currentColor"'
        labels = f'aria-labelledby="{unique}-title {unique}-desc"'
        return (
            f'<svg{ALONE} {box} role="img" {labels} {letters}>'
            f'<title id="{unique}-title">{_escape(self.title)}</title>'
            f'<desc id="{unique}-desc">{_escape(self.desc)}</desc>'
            f"{body.replace('@', unique)}</svg>"
        )


def _write(point: Sequence[float]) -> str:
    """Write a point of a path."""
    return ",".join(map(number, point))


def _escape(words: str) -> str:
    """Escape text, also the sign that stands for the figure's name."""
    return escape(words).replace("@", "&#64;")


def wrap(words: str, *, size: float = SIZE, width: float = WIDTH) -> list[str]:
    """Break a text into lines that fit, by an average width of letters.

    Args:
        words: The text.
        size: Of the letters, units.
        width: Of a line, units.

    Example:
        >>> wrap("one two three", size=12, width=50)
        ['one two', 'three']
    """
    limit = max(int(width / (LETTER * size)), 1)
    lines = [""]
    for word in split_words(words):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= limit or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def split_words(words: str) -> list[str]:
    """Split a text where a line may end; a number of people stays in one piece.

    Example:
        >>> split_words("People (n = 20), all")
        ['People', '(n = 20),', 'all']
    """
    return WORD.findall(words)


def choose_ticks(low: float, high: float, *, n: int = 5) -> list[float]:
    """Choose about `n` round numbers between two ends.

    Args:
        low: First end.
        high: Second end, larger.
        n: Numbers wanted.

    Example:
        >>> choose_ticks(0, 9.4)
        [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    rough = (high - low) / n
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]
