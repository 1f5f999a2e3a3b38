"""Stated probabilities that are true lie on the diagonal."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_calibration

from neurograft.report.charts.calibration import draw_calibration


def test_probabilities_that_are_true_lie_on_the_diagonal(check_chart, list_marks):
    root = check_chart(draw_calibration(make_calibration(("encoder",)), group="ill"))
    line = next(e for e in root.iter() if e.get("data-reference") is not None)
    x1, y1, x2, y2 = (float(line.get(key)) for key in ("x1", "y1", "x2", "y2"))
    marks = list_marks(root)[:5]
    for (_, x, y), stated in zip(marks, (0.1, 0.3, 0.5, 0.7, 0.9), strict=True):
        assert x == pytest.approx(x1 + stated * (x2 - x1), abs=0.1)
        assert y == pytest.approx(y1 + stated * (y2 - y1), abs=0.1)


def test_too_high_probabilities_lie_below_the_diagonal(check_chart, list_marks):
    table = make_calibration(("encoder",), observed=[0.0, 0.0, 0.0, 0.0, 1.0])
    marks = list_marks(check_chart(draw_calibration(table, group="ill")))
    assert len({y for _, _, y in marks[:4]}) == 1
    assert marks[4][2] < marks[3][2]


def test_people_of_marks_are_counted_once(check_chart, list_texts):
    texts = list_texts(check_chart(draw_calibration(make_calibration(), group="ill")))
    assert any(text.startswith("n = 72 people, 14\u201315 in each") for text in texts)


def test_a_fifth_that_is_not_known_is_left_out(check_chart, list_marks):
    table = make_calibration(("encoder",))
    table.loc[2, ["stated", "observed", "ci_low", "ci_high"]] = np.nan
    root = check_chart(draw_calibration(table, group="ill"))
    assert len(list_marks(root)) == 4 + 1
    assert draw_calibration(table[:0], group="ill") == ""
