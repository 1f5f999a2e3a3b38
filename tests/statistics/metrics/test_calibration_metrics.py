"""Calibration agrees with scikit-learn and statsmodels."""

import numpy as np
import pytest
from scipy.special import expit, logit
from statsmodels.api import GLM, add_constant, families

from neurograft.statistics.metrics import classification as metrics
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
