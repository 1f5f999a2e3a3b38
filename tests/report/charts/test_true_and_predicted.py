"""People as dots: where they lie, and how groups differ."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_answers, make_subjects

from neurograft.report.charts.true_and_predicted import (
    draw_ages,
    draw_answer_gaps,
    draw_true_and_predicted,
)


def test_true_predictions_lie_on_the_line_and_too_large_ones_above(
    check_chart, list_marks
):
    answers = make_answers(20, groups=(), error=0.0)
    answers.loc[0, "answer"] += 10
    root = check_chart(draw_true_and_predicted(answers, method="encoder"))
    line = next(e for e in root.iter() if e.get("data-reference") is not None)
    x1, y1, x2, y2 = (float(line.get(key)) for key in ("x1", "y1", "x2", "y2"))
    assert x2 - x1 == pytest.approx(y1 - y2)
    (_, x, y), *others = list_marks(root)
    assert y < y1 - (x - x1) - 5
    for _, x, y in others:
        assert y == pytest.approx(y1 - (x - x1), abs=0.2)


def test_groups_differ_by_shape_and_are_counted(check_chart, list_marks, list_texts):
    answers = make_answers(30, groups=("a", "b", "c"))
    root = check_chart(draw_true_and_predicted(answers, method="encoder", unit="years"))
    shapes = [shape for shape, _, _ in list_marks(root)]
    assert sorted(shapes.count(shape) for shape in set(shapes)) == [11, 11, 11]
    assert {"a (n = 10)", "true, years", "n = 30 people"} <= set(list_texts(root))


def test_nobody_is_lost_where_there_are_more_groups_than_shapes(
    check_chart, list_marks, list_texts
):
    answers = make_answers(40, groups=tuple("abcdefgh"))
    root = check_chart(draw_true_and_predicted(answers, method="encoder"))
    assert len(list_marks(root)) == 40 + 5
    assert "other groups (n = 20)" in list_texts(root)


def test_only_people_who_were_answered_are_drawn(check_chart, list_marks):
    answers = make_answers(5)
    answers.loc[0, "answer"] = np.nan
    root = check_chart(draw_true_and_predicted(answers, method="encoder"))
    assert len(list_marks(root)) == 4 + 2
    for draw in (draw_true_and_predicted, draw_answer_gaps):
        assert draw(answers, method="another") == ""


def test_ages_stand_in_the_order_of_the_table_of_groups(check_chart, list_texts):
    texts = list_texts(check_chart(draw_ages(make_subjects(6, groups=("b", "a")))))
    named = [text[0] for text in texts if " (n = " in text]
    assert named == ["b", "a"]


def list_means(root):
    lines = [e for e in root.iter() if e.get("data-mean") is not None]
    return [float(line.get("x1")) for line in lines]


def test_the_mean_of_a_group_lies_at_the_mean_of_its_dots(check_chart, list_marks):
    root = check_chart(draw_ages(make_subjects(41, groups=("a", "b"))))
    marks = list_marks(root)
    for shape, mean in zip(("circle", "diamond"), list_means(root), strict=True):
        dots = [x for named, x, _ in marks if named == shape]
        assert mean == pytest.approx(np.mean(dots), abs=0.1)


def test_people_left_out_have_no_dot(check_chart, list_marks):
    subjects = make_subjects(5, groups=("a",))
    subjects["left_out"] = [None, None, None, None, "no usable recording"]
    assert len(list_marks(check_chart(draw_ages(subjects)))) == 4
    assert draw_ages(subjects.assign(age=np.nan)) == ""


def test_gaps_of_people_judged_too_old_lie_right_of_zero(check_chart, list_texts):
    answers = make_answers(20, groups=("a", "b"), error=0.0)
    answers.loc[answers["group"] == "b", "answer"] += 4
    root = check_chart(draw_answer_gaps(answers, method="encoder", unit="years"))
    path = next(e for e in root.iter() if e.get("data-reference") is not None).get("d")
    zero = float(path[1:].partition(",")[0])
    first, second = list_means(root)
    assert first == pytest.approx(zero, abs=0.1)
    assert second > zero + 50
    assert "predicted minus true, years" in list_texts(root)
