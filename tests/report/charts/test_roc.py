"""Curves lie in their band, and guessing on the diagonal."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_results, make_roc

from neurograft.report.charts.roc import draw_roc


def test_the_band_encloses_the_curve_of_the_method_it_belongs_to(
    check_chart, list_points
):
    roc = make_roc(("random-encoder", "encoder"))
    root = check_chart(draw_roc(roc, band="encoder"))
    (band,) = list_points(root, "band")
    curve = list_points(root, "curve")[1]
    upper, lower = band[:101], band[101:][::-1]
    assert upper[:, 0] == pytest.approx(curve[:, 0])
    assert lower[:, 0] == pytest.approx(curve[:, 0])
    assert (upper[:, 1] <= curve[:, 1] + 0.1).all()
    assert (curve[:, 1] <= lower[:, 1] + 0.1).all()
    assert (lower[:, 1] - upper[:, 1]).max() > 20


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
    assert (better[1:-1, 1] < guessing[1:-1, 1]).all()
    assert x2 - x1 == pytest.approx(y1 - y2), "a square"


def test_up_to_four_methods_are_drawn_with_their_areas(check_chart, list_texts):
    methods = ("dummy", "riemann", "band-power", "random-encoder", "encoder", "stack")
    root = check_chart(draw_roc(make_roc(methods), results=make_results(methods)))
    texts = list_texts(root)
    named = [text for text in texts if text.partition(":")[0] in methods]
    assert len(named) == 4
    assert any(text.startswith("encoder: 0.") and "[" in text for text in named)
    assert any("n = 30 of the group and 42 others" in text for text in texts)


def test_the_pretrained_method_is_shaded_unless_another_is_named(read_svg):
    roc = make_roc(("band-power", "encoder"))
    assert "95 % band of encoder" in draw_roc(roc)
    assert "95 % band of band-power" in draw_roc(roc, band="band-power")


def test_without_a_band_the_curve_is_drawn_and_without_curves_nothing(
    check_chart, list_points
):
    roc = make_roc(("encoder",))
    bare = roc.assign(ci_low=np.nan, ci_high=np.nan)
    root = check_chart(draw_roc(bare))
    assert list_points(root, "band") == []
    assert len(list_points(root, "curve")) == 1
    assert draw_roc(roc[:0]) == ""
