"""Metrics of predicted numbers, for many sets of weights at once."""

import numpy as np
from jaxtyping import Float
from scipy import stats

from neurograft.statistics.metrics.predictions import (
    Metric,
    Predictions,
    Weights,
    average,
    average_tested,
    divide,
)
from neurograft.types import FloatArray


def mean_absolute_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the mean absolute error, in the unit of the target."""
    return average_tested(p, np.abs(p.scores - p.labels), weights)


def root_mean_square(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the root of the mean squared error, averaged over repeats.

    In the unit of the target.
    """
    values = [
        np.sqrt(average(np.nan_to_num((s - p.labels) ** 2), weights * (folds >= 0)))
        for s, folds in zip(p.scores, p.folds, strict=True)
    ]
    return np.asarray(np.mean(values, axis=0))


def median_absolute_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the median over people of their mean absolute error over repeats."""
    errors = p.average(np.abs(p.scores - p.labels))
    tested = np.isfinite(errors)
    errors = errors[tested]
    order = np.argsort(errors)
    below = np.cumsum(weights[:, tested][:, order], axis=1)
    half = below[:, -1:] / 2
    upper = errors[order][np.argmax(below > half, axis=1)]
    lower = errors[order][np.argmax(below >= half, axis=1)]
    return np.asarray((lower + upper) / 2)


def r2(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the explained share of variance; below 0 if worse than the mean."""
    residual = average_tested(p, (p.scores - p.labels) ** 2, weights)
    tested = weights * (p.folds >= 0).any(0)
    total = average(p.labels**2, tested) - average(p.labels, tested) ** 2
    return np.asarray(1 - divide(residual, np.maximum(total, 0)))


def pearson_r(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the correlation of predictions and labels, averaged over repeats.

    It is 0 where predictions do not vary.
    """
    values = [
        _correlate(np.nan_to_num(scores), p.labels, weights * (folds >= 0))
        for scores, folds in zip(p.scores, p.folds, strict=True)
    ]
    return np.asarray(np.mean(values, axis=0))


def spearman_r(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the correlation of the ranks, averaged over repeats.

    Ranks are those of everybody, not ranked anew in each resample, for speed.
    """
    values = []
    for scores, folds in zip(p.scores, p.folds, strict=True):
        is_tested = folds >= 0
        ranks = np.zeros((2, len(scores)))
        ranks[0, is_tested] = stats.rankdata(scores[is_tested])
        ranks[1, is_tested] = stats.rankdata(p.labels[is_tested])
        values.append(_correlate(ranks[0], ranks[1], weights * is_tested))
    return np.asarray(np.mean(values, axis=0))


def _correlate(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted correlation, for each row of weights."""
    x_mean, y_mean = average(x, weights), average(y, weights)
    x_var = average(x**2, weights) - x_mean**2
    y_var = average(y**2, weights) - y_mean**2
    covariance = average(x * y, weights) - x_mean * y_mean
    is_constant = x_var <= 1e-12 * (1 + x_mean**2)
    spread = np.sqrt(np.where(is_constant, 1, x_var) * y_var)
    return np.where(is_constant, 0, divide(covariance, spread))


# Metrics by the name in tables; the first is the primary metric.
REGRESSION_METRICS: dict[str, Metric] = {
    "mean absolute error": mean_absolute_error,
    "R2": r2,
    "Pearson r": pearson_r,
    "Spearman r": spearman_r,
    "root mean square error": root_mean_square,
    "median absolute error": median_absolute_error,
}
