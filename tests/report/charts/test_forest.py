"""Rows of values: their places, their order, and what is missing."""

import re

import numpy as np
import pytest
from tests.report.charts.conftest import (
    make_comparisons,
    make_gaps,
    make_results,
)

from neurograft.report.charts.forest import (
    Axis,
    Row,
    draw_age_gaps,
    draw_forest,
    draw_gains,
    draw_intervals,
)


def list_references(root):
    """List the places of upright strokes and their number, panel by panel."""
    paths = [e.get("d") for e in root.iter() if e.get("data-reference") is not None]
    return [
        (float(re.match(r"M([-\d.]+)", path)[1]), path.count("M")) for path in paths
    ]


def test_a_method_twice_as_far_from_chance_lies_twice_as_far(check_chart, list_marks):
    names = ["demographics", "random-encoder", "encoder"]
    table = make_results(names, values=[0.5, 0.6, 0.7])
    root = check_chart(draw_forest(table))
    marks = {shape: x for shape, x, _ in list_marks(root)[:3]}
    ((chance, n_strokes),) = list_references(root)
    assert n_strokes == 3
    assert marks["triangle"] == pytest.approx(chance)
    near, far = marks["diamond"] - chance, marks["circle"] - chance
    assert far == pytest.approx(2 * near, abs=0.2)


def test_methods_stand_in_the_order_of_their_table_with_their_numbers(
    check_chart, list_texts
):
    table = make_results(["encoder", "dummy"], values=[0.9, 0.5])
    texts = list_texts(check_chart(draw_forest(table)))
    first = texts.index("dummy")
    assert texts[first : first + 4] == [
        "dummy", "0.50 [0.42, 0.55]", "encoder", "0.90 [0.82, 0.95]"
    ]  # fmt: skip
    assert "n = 72 people; line: 95 % interval" in texts
    assert "AUROC (larger is better)" in texts


def test_an_error_is_compared_with_the_same_answer_for_everybody(
    check_chart, list_texts, list_marks
):
    values = [14.5, 9.3]
    table = make_results(["dummy", "encoder"], values=values)
    table = table.assign(metric="mean absolute error")
    root = check_chart(draw_forest(table, unit="years"))
    ((dummy, _),) = list_references(root)
    assert list_marks(root)[0][1] == pytest.approx(dummy)
    assert "mean absolute error, years (smaller is better)" in list_texts(root)
    alone = check_chart(draw_forest(table[1:], unit="years"))
    assert list_references(alone) == []


def test_what_is_missing_is_said(check_chart, list_texts, list_marks):
    table = make_results(["dummy", "encoder", "tokens"], values=[0.5, 1.0, np.nan])
    table.loc[1, ["ci_low", "ci_high"]] = np.nan
    root = check_chart(draw_forest(table))
    assert {"1.00, no interval", "not known"} <= set(list_texts(root))
    assert len(list_marks(root)) == 2 + 3
    assert draw_forest(table[:0]) == ""


def test_many_methods_have_an_axis_at_both_ends(check_chart, list_texts):
    names = [f"encoder:{place}" for place in range(40)]
    texts = list_texts(check_chart(draw_forest(make_results(names))))
    assert texts.count("0.8") == 2
    assert set(names) <= set(texts)


def test_people_that_differ_between_methods_are_said_as_a_range(list_texts, read_svg):
    table = make_results(["dummy", "encoder"]).assign(n_subjects=[5, 9])
    texts = list_texts(read_svg(draw_forest(table)))
    assert any("n = 5\u20139 people" in text for text in texts)


def test_gains_of_each_metric_have_their_own_scale_about_zero(
    check_chart, list_texts, list_marks
):
    table = make_comparisons(("one", "two", "three"))
    root = check_chart(draw_gains(table, unit="years", n_subjects={"one": 72}))
    texts = list_texts(root)
    assert {"one (n = 72)", "two", "three", "+0.10 [\u22120.10, +0.30]"} <= set(texts)
    (first, _), (second, _) = list_references(root)
    one, two, three = (x for _, x, _ in list_marks(root))
    assert two - first == pytest.approx(2 * (one - first), abs=0.2)
    assert three > second
    only_others = table[table["question"] != "pretraining"]
    assert draw_gains(only_others) == ""


def test_an_analysis_that_all_corrections_share_is_drawn_once(
    check_chart, list_texts, list_marks
):
    root = check_chart(draw_age_gaps(make_gaps()))
    texts = list_texts(root)
    assert texts.count("adjusted for age, age squared, sex") == 1
    assert {"bias-corrected gap (Cole)", "bias-corrected gap (Beheshti)"} <= set(texts)
    shapes = [shape for shape, _, _ in list_marks(root)]
    assert shapes == ["triangle", "circle", "circle", "circle"]
    impossible = make_gaps().iloc[-1:]
    assert draw_age_gaps(impossible) == ""


def test_any_rows_can_be_drawn_under_headings(check_chart, list_texts):
    rows = [Row("x", 1.0, 0.5, 1.5, heading="first"), Row("y", 2.0, 1.5, 2.5),
            Row("z", 3.0, 2.5, 3.5, heading="second")]  # fmt: skip
    svg = draw_intervals(rows, Axis("unit"), title="Title", note="n = 3")
    texts = list_texts(check_chart(svg))
    assert texts[:2] == ["Title", "n = 3"]
    assert texts.index("first") < texts.index("x") < texts.index("second")
    assert draw_intervals([], Axis("unit"), title="Title") == ""
