"""Weighted metrics of numbers equal those of scikit-learn and scipy."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from neurograft.statistics.metrics import regression as metrics
from neurograft.statistics.metrics.predictions import Predictions

CASES = [
    (
        "mean_absolute_error",
        lambda y, s, w: reference.mean_absolute_error(y, s, sample_weight=w),
    ),
    ("r2", lambda y, s, w: reference.r2_score(y, s, sample_weight=w)),
    (
        "root_mean_square",
        lambda y, s, w: reference.root_mean_squared_error(y, s, sample_weight=w),
    ),
    (
        "pearson_r",
        lambda y, s, w: np.corrcoef(np.repeat([y, s], w.astype(int), axis=1))[0, 1],
    ),
]


def make_predictions(seed=0, n=30, n_repeats=3):
    rng = np.random.default_rng(seed)
    labels = rng.normal(50, 15, n)
    scores = labels + 10 * rng.standard_normal((n_repeats, n))
    return Predictions(labels, scores, scores, np.zeros((n_repeats, n), int))


def draw_weights(p, seed=1, n=4):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, (n, len(p.labels)))
    counts[:, :6] += 1
    return counts.astype(float)


@pytest.mark.parametrize("name", ["r2", "pearson_r", "spearman_r"])
def test_the_unit_of_the_target_does_not_matter(name):
    p = make_predictions()
    in_months = Predictions(12 * p.labels + 3, 12 * p.scores + 3, p.decisions, p.folds)
    metric, weights = getattr(metrics, name), draw_weights(p)
    np.testing.assert_allclose(metric(in_months, weights), metric(p, weights))


@pytest.mark.parametrize(
    "name", ["mean_absolute_error", "root_mean_square", "median_absolute_error"]
)
def test_errors_grow_with_the_unit_and_are_zero_only_without_error(name):
    p = make_predictions()
    in_months = Predictions(12 * p.labels, 12 * p.scores, p.decisions, p.folds)
    metric, weights = getattr(metrics, name), draw_weights(p)
    np.testing.assert_allclose(metric(in_months, weights), 12 * metric(p, weights))
    truth = np.tile(p.labels, (3, 1))
    perfect = Predictions(p.labels, truth, truth, p.folds)
    np.testing.assert_array_equal(metric(perfect, weights), 0)


def test_the_mean_of_the_labels_explains_nothing():
    p = make_predictions()
    flat = np.full_like(p.scores, p.labels.mean())
    guess = Predictions(p.labels, flat, flat, p.folds)
    assert metrics.r2(guess, np.ones((1, 30)))[0] == pytest.approx(0)


def test_a_constant_prediction_correlates_with_nothing():
    p = make_predictions()
    flat = Predictions(p.labels, np.full_like(p.scores, 51.3), p.decisions, p.folds)
    np.testing.assert_array_equal(metrics.pearson_r(flat, draw_weights(p)), 0)


@pytest.mark.parametrize(("name", "expected"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_metrics_equal_a_second_source(name, expected, seed):
    p = make_predictions(seed)
    weights = draw_weights(p)
    values = getattr(metrics, name)(p, weights)
    for value, w in zip(values, weights, strict=True):
        by_repeat = [expected(p.labels, s, w) for s in p.scores]
        assert value == pytest.approx(np.mean(by_repeat))


def test_rank_correlation_and_median_are_those_of_scipy_and_numpy():
    p = make_predictions()
    everybody = np.ones((1, 30))
    expected = [stats.spearmanr(p.labels, s).statistic for s in p.scores]
    assert metrics.spearman_r(p, everybody)[0] == pytest.approx(np.mean(expected))
    errors = np.abs(p.scores - p.labels).mean(0)
    median = metrics.median_absolute_error(p, everybody)[0]
    assert median == pytest.approx(np.median(errors))
