"""Curves lie in their band, and guessing on the diagonal."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_results, make_roc

from neurograft.report.charts.roc import draw_roc


def test_the_band_encloses_the_curve_of_the_method_it_belongs_to(
    check_chart, list_points, find_ends
):
    roc = make_roc(("random-encoder", "encoder"))
    root = check_chart(draw_roc(roc, band="encoder"))
    (band,) = list_points(root, "band")
    curve = list_points(root, "curve")[1]
    places = np.linspace(*curve[[0, -1], 0], 101)
    middle = np.interp(places, *curve.T)
    upper, lower = find_ends(band, places)
    assert (upper <= middle + 0.5).all()
    assert (middle <= lower + 0.5).all()
    assert (lower - upper).max() > 20


def test_guessing_lies_on_the_diagonal_and_better_methods_above(
    check_chart, list_points
):
    roc = make_roc(("dummy", "encoder"))
    root = check_chart(draw_roc(roc))
    line = next(e for e in root.iter() if e.get("data-reference") is not None)
    x1, y1, x2, y2 = (float(line.get(key)) for key in ("x1", "y1", "x2", "y2"))
    guessing, better = list_points(root, "curve")
    along = (guessing[:, 0] - x1) / (x2 - x1)
    assert guessing[:, 1] == pytest.approx(y1 + along * (y2 - y1), abs=0.1)
    inside = np.linspace(x1, x2, 101)[1:-1]
    assert (np.interp(inside, *better.T) < np.interp(inside, *guessing.T)).all()
    assert x2 - x1 == pytest.approx(y1 - y2), "a square"


def test_up_to_four_methods_are_drawn_with_their_areas(check_chart, list_texts):
    methods = ("dummy", "riemann", "band-power", "random-encoder", "encoder", "stack")
    root = check_chart(draw_roc(make_roc(methods), results=make_results(methods)))
    texts = list_texts(root)
    named = [
        text for text in texts if text.partition(": ")[0] in methods and ":" in text
    ]
    assert len(named) == 4
    assert any(text.startswith("encoder: 0.") and "[" in text for text in named)
    assert any("n = 30 of the group and 42 others" in text for text in texts)


def test_the_pretrained_method_is_shaded_unless_another_is_named(
    check_chart, list_texts
):
    roc = make_roc(("band-power", "encoder"))
    for band, shaded in (("", "encoder"), ("band-power", "band-power")):
        texts = list_texts(check_chart(draw_roc(roc, band=band)))
        assert f"95 % band of {shaded}" in " ".join(texts)


def test_without_a_band_the_curve_is_drawn_and_without_curves_nothing(
    check_chart, list_points
):
    roc = make_roc(("encoder",))
    bare = roc.assign(ci_low=np.nan, ci_high=np.nan)
    root = check_chart(draw_roc(bare))
    assert list_points(root, "band") == []
    assert len(list_points(root, "curve")) == 1
    assert draw_roc(roc[:0]) == ""
