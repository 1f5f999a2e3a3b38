"""Metrics of more than two groups, and which metrics a kind of task has."""

from itertools import combinations

import numpy as np
from jaxtyping import Float

from neurograft.statistics.metrics.classification import (
    CLASSIFICATION_METRICS,
    balanced_accuracy,
    compare_pairs,
)
from neurograft.statistics.metrics.predictions import (
    Metric,
    Predictions,
    Weights,
    average_tested,
)
from neurograft.statistics.metrics.regression import REGRESSION_METRICS
from neurograft.types import Kind


def mean_auroc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Mean area over pairs of groups, within folds (Hand and Till 2001, eq. 7)."""
    areas = []
    for one, other in combinations(range(p.scores.shape[2]), 2):
        for case, control in ((one, other), (other, one)):
            scores = p.scores[..., case]
            areas.append(compare_pairs(p, scores, weights, case=case, control=control))
    return np.asarray(np.mean(areas, axis=0))


def brier_of_classes(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Squared distance of the probabilities from the truth (Brier 1950)."""
    truth = np.eye(p.scores.shape[2])[p.labels.astype(int)]
    distance = ((p.scores - truth) ** 2).sum(-1)
    return average_tested(p, distance, weights)


def quadratic_kappa(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Agreement beyond chance, distant errors count more (Cohen 1968)."""
    values = []
    for decisions, folds in zip(p.decisions, p.folds, strict=True):
        own = weights * (folds >= 0)
        total = own.sum(1)
        observed = own @ (np.nan_to_num(decisions) - p.labels) ** 2 / total
        d_mean, y_mean = own @ np.nan_to_num(decisions) / total, own @ p.labels / total
        d_square = own @ np.nan_to_num(decisions) ** 2 / total
        y_square = own @ p.labels**2 / total
        expected = d_square + y_square - 2 * d_mean * y_mean
        values.append(1 - observed / np.where(expected > 0, expected, np.nan))
    return np.asarray(np.mean(values, axis=0))


def mean_step(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Mean distance of the decision from the truth, in steps of the order."""
    return average_tested(p, np.abs(p.decisions - p.labels), weights)


MULTICLASS_METRICS: dict[str, Metric] = {
    "AUROC": mean_auroc,
    "balanced accuracy": balanced_accuracy,
    "Brier score": brier_of_classes,
}
ORDINAL_METRICS: dict[str, Metric] = MULTICLASS_METRICS | {
    "quadratic kappa": quadratic_kappa,
    "mean error in steps": mean_step,
}


def choose_metrics(kind: Kind) -> dict[str, Metric]:
    """The metrics of a kind of task; the first is the primary one."""
    return {
        "classification": CLASSIFICATION_METRICS,
        "contrast": CLASSIFICATION_METRICS,
        "multiclass": MULTICLASS_METRICS,
        "ordinal": ORDINAL_METRICS,
        "regression": REGRESSION_METRICS,
    }[kind]
