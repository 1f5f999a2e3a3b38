"""Metrics of more than two groups, and the metrics of every kind of task."""

from itertools import permutations

import numpy as np
from jaxtyping import Float

from neurograft.kinds import Kind
from neurograft.statistics.metrics.classification import (
    CLASSIFICATION_METRICS,
    balanced_accuracy,
    compare_pairs,
)
from neurograft.statistics.metrics.predictions import (
    Metric,
    Predictions,
    Weights,
    average,
    average_tested,
)
from neurograft.statistics.metrics.regression import REGRESSION_METRICS


def mean_auroc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the mean area over pairs of groups, within folds.

    Source: Hand and Till 2001, eq. 7.
    """
    areas = []
    for case, control in permutations(range(p.scores.shape[2]), 2):
        scores = p.scores[..., case]
        areas.append(compare_pairs(p, scores, weights, case=case, control=control))
    return np.asarray(np.mean(areas, axis=0))


def brier_of_classes(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the squared distance of probabilities from the truth (Brier 1950)."""
    truth = np.eye(p.scores.shape[2])[p.labels.astype(int)]
    distance = ((p.scores - truth) ** 2).sum(-1)
    return average_tested(p, distance, weights)


def quadratic_kappa(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the agreement beyond chance; distant errors count more (Cohen 1968)."""
    values = []
    for decisions, folds in zip(np.nan_to_num(p.decisions), p.folds, strict=True):
        tested = weights * (folds >= 0)
        observed = average((decisions - p.labels) ** 2, tested)
        squares = average(decisions**2, tested) + average(p.labels**2, tested)
        expected = squares - 2 * average(decisions, tested) * average(p.labels, tested)
        values.append(1 - observed / np.where(expected > 0, expected, np.nan))
    return np.asarray(np.mean(values, axis=0))


def mean_step(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the mean distance of decisions from the truth, in steps of the order."""
    return average_tested(p, np.abs(p.decisions - p.labels), weights)


# Metrics by the name in tables; the first is the primary metric.
MULTICLASS_METRICS: dict[str, Metric] = {
    "AUROC": mean_auroc,
    "balanced accuracy": balanced_accuracy,
    "Brier score": brier_of_classes,
}
# Metrics of ordered groups: those of groups, and two that know the order.
ORDINAL_METRICS: dict[str, Metric] = MULTICLASS_METRICS | {
    "quadratic kappa": quadratic_kappa,
    "mean error in steps": mean_step,
}


# Least and largest value of metrics that have such; others end nowhere.
RANGES = {
    "AUROC": (0.0, 1.0), "AUPRC": (0.0, 1.0), "balanced accuracy": (0.0, 1.0),
    # Of more than two groups the Brier score goes up to 2.
    "Brier score": (0.0, 2.0), "MCC": (-1.0, 1.0), "Pearson r": (-1.0, 1.0),
    "Spearman r": (-1.0, 1.0), "quadratic kappa": (-1.0, 1.0),
    "mean absolute error": (0.0, np.inf), "R2": (-np.inf, 1.0),
}  # fmt: skip


def cut_interval(metric: str, interval: tuple[float, float]) -> tuple[float, float]:
    """Cut an interval where the metric ends; NaN stays NaN.

    Example:
        >>> cut_interval("AUROC", (0.58, 1.11)), cut_interval("slope", (0.58, 1.11))
        ((0.58, 1.0), (0.58, 1.11))
    """
    least, largest = RANGES.get(metric, (-np.inf, np.inf))
    low, high = np.clip(interval, least, largest)
    return float(low), float(high)


def choose_metrics(kind: Kind) -> dict[str, Metric]:
    """Return the metrics of a kind of task; the first is the primary metric."""
    return {
        "classification": CLASSIFICATION_METRICS,
        "contrast": CLASSIFICATION_METRICS,
        "multiclass": MULTICLASS_METRICS,
        "ordinal": ORDINAL_METRICS,
        "regression": REGRESSION_METRICS,
    }[kind]
