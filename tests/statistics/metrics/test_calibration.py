"""Calibration agrees with scikit-learn and statsmodels."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from statsmodels.api import GLM, add_constant, families

from neurograft.statistics.metrics import classification as metrics
from neurograft.statistics.metrics.calibration import (
    decompose_brier,
    draw_calibration_curve,
)
from neurograft.statistics.metrics.predictions import Predictions


def make_probabilities(n=400, seed=0, stretch=1.0, shift=0.0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    labels = (rng.random(n) < expit(truth)).astype(float)
    return labels, expit(stretch * truth + shift)


def measure(metric, labels, p):
    nothing = np.zeros((1, len(p)))
    predictions = Predictions(labels, p[None], nothing, nothing.astype(int))
    return metric(predictions, np.ones((1, len(p))))[0]


def test_curve_is_that_of_scikit_learn():
    labels, p = make_probabilities()
    observed, stated = calibration_curve(labels, p, n_bins=10)
    curve = draw_calibration_curve(labels, p)
    assert curve.observed == pytest.approx(observed)
    assert curve.stated == pytest.approx(stated)
    assert curve.n.sum() == 400


def test_the_calibration_error_is_the_mean_distance_of_the_curve():
    labels, p = make_probabilities(stretch=2.0)
    curve = draw_calibration_curve(labels, p)
    expected = np.average(np.abs(curve.stated - curve.observed), weights=curve.n)
    assert measure(metrics.calibration_error, labels, p) == pytest.approx(expected)


def test_parts_add_up_to_the_brier_score():
    labels, p = make_probabilities(stretch=2.0)
    parts = decompose_brier(labels, p)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert total == pytest.approx(brier_score_loss(labels, p))


def test_overconfidence_costs_reliability_and_lowers_the_slope():
    labels, p = make_probabilities(n=5000)
    _, bold = make_probabilities(n=5000, stretch=3.0)
    assert (
        decompose_brier(labels, bold).reliability
        > decompose_brier(labels, p).reliability
    )
    error, slope = metrics.calibration_error, metrics.calibration_slope
    assert measure(error, labels, bold) > measure(error, labels, p)
    assert measure(slope, labels, p) == pytest.approx(1, abs=0.1)
    assert measure(slope, labels, bold) == pytest.approx(1 / 3, abs=0.05)


def test_line_is_that_of_statsmodels():
    labels, p = make_probabilities(stretch=1.7, shift=0.8)
    z = logit(p)
    glm = GLM(labels, add_constant(z), family=families.Binomial()).fit()
    offset = GLM(labels, np.ones_like(z), family=families.Binomial(), offset=z).fit()
    slope = measure(metrics.calibration_slope, labels, p)
    intercept = measure(metrics.calibration_intercept, labels, p)
    assert slope == pytest.approx(glm.params[1], abs=1e-4)
    assert intercept == pytest.approx(offset.params[0], abs=1e-6)


def test_probabilities_that_are_too_high_have_a_negative_intercept():
    labels, p = make_probabilities(n=3000, shift=1.0)
    found = measure(metrics.calibration_intercept, labels, p)
    assert found == pytest.approx(-1, abs=0.15)


def test_a_constant_guess_has_no_slope_and_certain_ones_stay_finite():
    labels = np.array([0.0, 1.0, 1.0, 0.0])
    assert np.isnan(measure(metrics.calibration_slope, labels, np.full(4, 0.5)))
    certain = np.array([0.0, 1.0, 0.2, 0.6])
    assert np.isfinite(measure(metrics.calibration_intercept, labels, certain))
