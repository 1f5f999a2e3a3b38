"""Losses and probes by step, stage by stage."""

import numpy as np
from tests.report.charts.conftest import make_metrics

from neurograft.report.charts.learning import draw_learning


def test_a_loss_falls_and_lines_break_between_stages(check_chart, list_points):
    curves = list_points(check_chart(draw_learning(make_metrics())), "curve")
    assert len(curves) == (3 + 4) * 2
    first, second = curves[:2]
    assert (np.diff(first[:, 1]) > 0).all(), "lower on the page"
    assert second[0, 0] > first[-1, 0]


def test_equal_steps_are_equally_far(check_chart, list_points):
    curve = list_points(check_chart(draw_learning(make_metrics())), "curve")[0]
    assert np.ptp(np.diff(curve[:, 0])) < 0.2


def test_columns_that_were_not_measured_are_not_named(check_chart, list_texts):
    metrics = make_metrics().drop(columns="age_r2").assign(sex_r2=np.nan, stage=0)
    texts = list_texts(check_chart(draw_learning(metrics)))
    assert "band power (R²)" in texts
    assert not [text for text in texts if text.startswith(("age", "sex"))]
    assert not [text for text in texts if "stage" in text]


def test_a_single_step_is_drawn_and_none_is_not(check_chart, list_marks):
    metrics = make_metrics()
    assert list_marks(check_chart(draw_learning(metrics[:1])))
    assert draw_learning(metrics[:0]) == ""
