"""Drawings are XML that says what it shows, the same each time."""

import re

import pytest

from neurograft.report.charts.axes import fit_lines
from neurograft.report.figures.drawing import Drawing, choose_ticks, number, wrap


def draw(words="5 < 6 & 7"):
    drawing = Drawing(title="A & B", desc="<nothing>")
    drawing.text(10, 20, words)
    drawing.height = 30
    return drawing.finish()


def test_text_is_escaped_and_the_same_figure_has_the_same_bytes(read_svg, list_texts):
    root = read_svg(draw())
    assert list_texts(root) == ["5 < 6 & 7"]
    assert draw() == draw()


def test_figures_that_differ_have_other_ids():
    first, second = (re.findall('id="([^"]+)"', draw(text)) for text in "ab")
    assert not set(first) & set(second)


def test_a_name_with_an_at_sign_survives(list_texts):
    from xml.etree import ElementTree

    assert list_texts(ElementTree.fromstring(draw("a@b"))) == ["a@b"]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 14.5), (3, 300), (-2, 2)])
def test_ticks_are_round_and_lie_between_the_ends(low, high):
    ticks = choose_ticks(low, high)
    assert 3 <= len(ticks) <= 6
    assert low <= ticks[0]
    assert ticks[-1] <= high


def test_numbers_are_short():
    assert [number(x) for x in (1.0, 1.06, -0.04, 12.34)] == ["1", "1.1", "0", "12.3"]


def test_lines_are_no_longer_than_they_may_be():
    lines = wrap("word " * 60, size=12, width=200)
    assert max(map(len, lines)) * 0.57 * 12 <= 200
    assert " ".join(lines).split() == ["word"] * 60
    assert wrap("") == [""]


def test_no_line_ends_inside_a_number_of_people():
    for width in range(70, 200, 7):
        for broken in (wrap, fit_lines):
            lines = broken("the middle person (n = 20), learned from", width=width)
            assert not [one for one in lines if one.endswith(("(n", "="))]
