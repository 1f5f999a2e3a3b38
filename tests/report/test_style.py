"""Style: colours tell what depends on pretraining; figures are the same every time."""

import pytest

from neurograft.config.method_table import DESCRIBED
from neurograft.report.style import (
    BLUE,
    INK,
    ORANGE,
    choose_colour,
    make_figure,
    render,
    sort_methods,
)


@pytest.mark.parametrize(
    ("method", "colour"),
    [
        ("encoder", BLUE),
        ("fine-tuned", BLUE),
        ("stack", BLUE),
        ("band-power+encoder@recentre:svm", BLUE),
        ("random-encoder", ORANGE),
        ("scratch", ORANGE),
        ("riemann@euclid", INK),
        ("dummy", INK),
        ("unheard-of", INK),
    ],
)
def test_colours_tell_what_depends_on_pretraining(method, colour):
    assert choose_colour(method) == colour


def test_methods_stand_in_the_order_of_the_method_table():
    assert sort_methods(list(reversed(DESCRIBED))) == list(DESCRIBED)
    assert sort_methods(["unheard-of", "encoder", "dummy"]) == [
        "dummy",
        "encoder",
        "unheard-of",
    ]


def test_a_figure_is_text_without_date_and_the_same_every_time():
    figure, axes = make_figure(3.0, 2.0)
    axes.plot([0, 1], [0, 1])
    svg = render(figure)
    assert svg.startswith("<svg")
    assert svg == render(figure)
    assert "dc:date" not in svg
    assert tuple(figure.get_size_inches()) == (3.0, 2.0)
