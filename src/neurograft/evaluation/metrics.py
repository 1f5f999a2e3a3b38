"""Metrics of repeated cross-validation, for any weights of the subjects.

A bootstrap resample is a vector of counts. All metrics take a matrix of such weights
and give one value per row, so that thousands of resamples are a few matrix products.
Repeats are averaged inside the metric: a subject is one sample however often predicted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray


@dataclass(frozen=True)
class Predictions:
    """One method's predictions of one task.

    Attributes:
        labels: 0 or 1, or numbers.
        scores: Probabilities or values.
        decisions: 0 or 1; equal to the scores in regression.
        folds: Fold in which a subject was tested.
    """

    labels: Float[np.ndarray, " n_subjects"]
    scores: Float[np.ndarray, "n_repeats n_subjects"]
    decisions: Float[np.ndarray, "n_repeats n_subjects"]
    folds: Int[np.ndarray, "n_repeats n_subjects"]


Weights = Float[np.ndarray, "n_resamples n_subjects"]
Metric = Callable[[Predictions, FloatArray], FloatArray]


def auroc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Area under the ROC curve, over pairs of subjects tested in the same fold.

    Pairs across folds would compare scores of different models, which biases the
    pooled area (Airola 2011). Ties count one half.
    """
    cases, controls = np.flatnonzero(p.labels == 1), np.flatnonzero(p.labels == 0)
    ahead = np.zeros((len(cases), len(controls)))
    pairs = np.zeros_like(ahead)
    for scores, folds in zip(p.scores, p.folds, strict=True):
        together = folds[cases, None] == folds[controls]
        difference = scores[cases, None] - scores[controls]
        ahead += together * (0.5 + 0.5 * np.sign(difference))
        pairs += together
    case_weights, control_weights = weights[:, cases], weights[:, controls]
    won = ((case_weights @ ahead) * control_weights).sum(1)
    played = ((case_weights @ pairs) * control_weights).sum(1)
    return np.asarray(won / played)


def balanced_accuracy(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Mean of sensitivity and specificity at the training share as threshold."""
    correct = (p.decisions == p.labels).mean(0)
    rates = [_average(correct, weights * (p.labels == label)) for label in (0, 1)]
    return np.asarray((rates[0] + rates[1]) / 2)


def brier(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Mean squared error of the probabilities (Brier 1950)."""
    return _average(((p.scores - p.labels) ** 2).mean(0), weights)


def mean_absolute_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Mean absolute error, in the unit of the target."""
    return _average(np.abs(p.scores - p.labels).mean(0), weights)


def r2(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """One minus residual over total sum of squares; below 0 if worse than the mean."""
    residual = _average(((p.scores - p.labels) ** 2).mean(0), weights)
    mean = _average(p.labels, weights)
    total = _average(p.labels**2, weights) - mean**2
    return np.asarray(1 - residual / total)


def pearson_r(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Correlation of predictions and labels, averaged over repeats; 0 if constant."""
    values = []
    y_mean = _average(p.labels, weights)
    y_var = _average(p.labels**2, weights) - y_mean**2
    for scores in p.scores:
        mean = _average(scores, weights)
        variance = _average(scores**2, weights) - mean**2
        covariance = _average(scores * p.labels, weights) - mean * y_mean
        is_constant = variance <= 1e-12 * (1 + mean**2)
        spread = np.sqrt(np.where(is_constant, 1, variance) * y_var)
        values.append(np.where(is_constant, 0, covariance / spread))
    return np.asarray(np.mean(values, axis=0))


def _average(values: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(weights @ values / weights.sum(1))


CLASSIFICATION_METRICS: dict[str, Metric] = {
    "AUROC": auroc,
    "balanced accuracy": balanced_accuracy,
    "Brier score": brier,
}
REGRESSION_METRICS: dict[str, Metric] = {
    "mean absolute error": mean_absolute_error,
    "R2": r2,
    "Pearson r": pearson_r,
}
LOWER_IS_BETTER = ("Brier score", "mean absolute error")


def choose_metrics(*, is_classification: bool) -> dict[str, Metric]:
    """The metrics of a kind of task; the first is the primary one."""
    return CLASSIFICATION_METRICS if is_classification else REGRESSION_METRICS
