"""Curves over numbers of labelled people, and the gain beneath."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_curves

from neurograft.report.charts.label_curves import draw_label_curves


def test_doubling_the_people_is_always_equally_far(check_chart, list_marks):
    svg = draw_label_curves(make_curves(("encoder",), counts=(5, 10, 20)))
    marks = list_marks(check_chart(svg), "circle")[:3]
    steps = np.diff([point for _, *point in marks], axis=0)
    assert steps[0] == pytest.approx(steps[1], abs=0.2)
    assert (steps[:, 1] < 0).all(), "more people, a higher value, further up"


def test_every_method_has_its_curve_and_its_shape(check_chart, list_points, list_marks):
    methods = ("dummy", "band-power", "random-encoder", "encoder")
    root = check_chart(draw_label_curves(make_curves(methods)))
    assert len(list_points(root, "curve")) == 4
    shapes = [shape for shape, _, _ in list_marks(root)]
    assert {s: shapes.count(s) for s in ("triangle", "square", "diamond")} == {
        "triangle": 4, "square": 4, "diamond": 4
    }  # fmt: skip
    assert shapes.count("circle") == 4 + 3, "three more are gains"


def test_the_gain_lies_about_a_line_at_zero(check_chart, list_marks, list_texts):
    curves = make_curves(("encoder", "random-encoder"), counts=(5, 10))
    gains = {5: 0.0, 10: 0.1}
    is_gain = curves["method"] == "pretraining gain"
    curves.loc[is_gain, "value"] = curves["labels_per_class"].map(gains)
    root = check_chart(draw_label_curves(curves, n=72))
    line = next(e for e in root.iter() if e.get("data-reference") is not None)
    zero, tenth = [y for s, _, y in list_marks(root) if s == "circle"][-2:]
    assert zero == pytest.approx(float(line.get("y1")), abs=0.1)
    assert tenth < zero
    large = curves.assign(value=0.8, ci_low=0.79, ci_high=0.81)
    root_of_large = check_chart(draw_label_curves(large))
    line = next(e for e in root_of_large.iter() if e.get("data-reference") is not None)
    lowest = max(y for _, _, y in list_marks(root_of_large)[:-2])
    assert lowest < float(line.get("y1")) < float(root.get("viewBox").split()[3])
    axis = max(float(e.get("y2")) for e in root_of_large.iter() if e.get("y2"))
    assert float(line.get("y1")) < axis, "within its panel"
    texts = list_texts(root)
    assert "+0.10" in texts
    assert "Labelled people saved, of 10: 7 [7, 7]." in texts
    assert any(text.startswith("n = 72 people") for text in texts)


def test_more_methods_than_can_be_told_apart_are_counted(check_chart, list_texts):
    methods = [f"encoder:{place}" for place in range(9)]
    texts = list_texts(check_chart(draw_label_curves(make_curves(methods))))
    assert any("5 of 9 methods are drawn" in text for text in texts)
    chosen = draw_label_curves(make_curves(methods), methods=["encoder:8"])
    assert "encoder:8" in list_texts(check_chart(chosen))


def test_a_single_number_of_people_and_missing_intervals_can_be_drawn(check_chart):
    curves = make_curves(("encoder",), counts=(5,))
    check_chart(draw_label_curves(curves.assign(ci_low=np.nan, ci_high=np.nan)))
    only_gains = curves[curves["method"] != "encoder"]
    assert draw_label_curves(only_gains) == ""


def test_of_numbers_all_labelled_people_are_counted(check_chart, list_texts):
    curves = make_curves(("encoder",), metric="mean absolute error")
    texts = list_texts(check_chart(draw_label_curves(curves, unit="years")))
    assert "labelled people" in texts
    doubled = {f"{2 * n:g}" for n in curves["labels_per_class"]}
    assert doubled <= set(texts)
    assert "mean absolute error, years (smaller is better)" in texts


@pytest.mark.parametrize(
    ("labelled", "told"),
    [
        ("class", "labelled people of each group"),
        ("pairs", "labelled pairs of people"),
        ("both", "people whose recordings of both conditions are labelled"),
    ],
)
def test_the_axis_says_what_is_counted(check_chart, list_texts, labelled, told):
    svg = draw_label_curves(make_curves(("encoder",)), labelled=labelled)
    assert told in list_texts(check_chart(svg))
