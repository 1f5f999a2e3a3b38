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
    """Mean absolute error, in the unit of the target."""
    return average_tested(p, np.abs(p.scores - p.labels), weights)


def root_mean_square(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Root of the mean squared error, in the unit of the target, mean over repeats."""
    values = [
        np.sqrt(average(np.nan_to_num((s - p.labels) ** 2), weights * (folds >= 0)))
        for s, folds in zip(p.scores, p.folds, strict=True)
    ]
    return np.asarray(np.mean(values, axis=0))


def median_absolute_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Median over people of the absolute error, averaged over repeats."""
    tested = (p.folds >= 0).any(0)
    errors = np.nanmean(np.abs(p.scores - p.labels)[:, tested], axis=0)
    order = np.argsort(errors)
    below = np.cumsum(weights[:, tested][:, order], axis=1)
    half = below[:, -1:] / 2
    upper = errors[order][np.argmax(below > half, axis=1)]
    lower = errors[order][np.argmax(below >= half, axis=1)]
    return np.asarray((lower + upper) / 2)


def r2(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """One minus residual over total sum of squares; below 0 if worse than the mean."""
    residual = average_tested(p, (p.scores - p.labels) ** 2, weights)
    own = weights * (p.folds >= 0).any(0)
    mean = average(p.labels, own)
    total = average(p.labels**2, own) - mean**2
    return np.asarray(1 - residual / total)


def pearson_r(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Correlation of predictions and labels, averaged over repeats; 0 if constant."""
    values = [
        _correlate(np.nan_to_num(scores), p.labels, weights * (folds >= 0))
        for scores, folds in zip(p.scores, p.folds, strict=True)
    ]
    return np.asarray(np.mean(values, axis=0))


def spearman_r(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Correlation of the ranks, averaged over repeats; ranks are those of everybody."""
    values = []
    for scores, folds in zip(p.scores, p.folds, strict=True):
        is_tested = folds >= 0
        ranks = np.zeros((2, len(scores)))
        ranks[0, is_tested] = stats.rankdata(scores[is_tested])
        ranks[1, is_tested] = stats.rankdata(p.labels[is_tested])
        values.append(_correlate(ranks[0], ranks[1], weights * is_tested))
    return np.asarray(np.mean(values, axis=0))


def _correlate(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    x_mean, y_mean = average(x, weights), average(y, weights)
    x_var = average(x**2, weights) - x_mean**2
    y_var = average(y**2, weights) - y_mean**2
    covariance = average(x * y, weights) - x_mean * y_mean
    is_constant = x_var <= 1e-12 * (1 + x_mean**2)
    spread = np.sqrt(np.where(is_constant, 1, x_var) * y_var)
    return np.where(is_constant, 0, divide(covariance, spread))


REGRESSION_METRICS: dict[str, Metric] = {
    "mean absolute error": mean_absolute_error,
    "R2": r2,
    "Pearson r": pearson_r,
    "Spearman r": spearman_r,
    "root mean square error": root_mean_square,
    "median absolute error": median_absolute_error,
}
