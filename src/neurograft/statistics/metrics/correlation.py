"""Correlations of one number with many features, for many sets of weights at once."""

import numpy as np
from jaxtyping import Float, Int

from neurograft.statistics.metrics.predictions import divide

# Variances below this share of the mean square are rounding errors.
TINY = 1e-12


def correlate_features(
    answers: Float[np.ndarray, " n_people"],
    features: Float[np.ndarray, "n_people n_features"],
    weights: Float[np.ndarray, "n_resamples n_people"],
) -> Float[np.ndarray, "n_resamples n_features"]:
    """Return the correlation of answers with every feature; 0 where one is constant.

    Args:
        answers: A number of every person.
        features: Of the same people.
        weights: How often each person counts in each resample.
    """
    total = weights.sum(1, keepdims=True)
    total = np.where(total > 0, total, np.nan)
    # Centred first, so that differences of large sums are not rounded away.
    x, y = answers - answers.mean(), features - features.mean(0)
    x_mean, y_mean = weights @ x[:, None] / total, weights @ y / total
    x_var = weights @ x[:, None] ** 2 / total - x_mean**2
    y_var = weights @ y**2 / total - y_mean**2
    covariance = weights @ (x[:, None] * y) / total - x_mean * y_mean
    varies = (x_var > TINY * (x**2).mean()) & (y_var > TINY * (y**2).mean(0))
    spread = np.sqrt(np.where(varies, x_var * y_var, 1.0))
    return np.asarray(np.where(varies, covariance / spread, 0.0))


def centre_within(
    values: Float[np.ndarray, "n_given n_people ..."],
    folds: Int[np.ndarray, "n_repeats n_people"],
) -> Float[np.ndarray, "n_people ..."]:
    """Take off the mean of every fold, and average over repeats.

    Args:
        values: Of every repeat and person; one row counts for all repeats.
        folds: Fold in which a person was tested; below 0 where in none.

    Returns:
        NaN for a person whom no repeat tested.
    """
    shape = (len(folds), *values.shape[1:])
    total = np.zeros(shape[1:])
    for own, given in zip(folds, np.broadcast_to(values, shape), strict=True):
        for fold in np.unique(own[own >= 0]):
            rows = own == fold
            total[rows] += given[rows] - given[rows].mean(0)
    n_tested = (folds >= 0).sum(0).astype(float)
    n_tested = n_tested.reshape(-1, *(1,) * (total.ndim - 1))
    return divide(total, np.broadcast_to(n_tested, total.shape))
