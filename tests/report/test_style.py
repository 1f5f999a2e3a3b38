"""Style: colours tell what depends on pretraining."""

import pytest

from neurograft.config.method_table import DESCRIBED
from neurograft.report.style import (
    BLUE,
    INK,
    ORANGE,
    choose_colour,
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
