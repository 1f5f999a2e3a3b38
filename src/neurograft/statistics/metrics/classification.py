"""Metrics of repeated cross-validation, for any weights of the subjects.

A bootstrap resample is a vector of counts. All metrics take a matrix of such weights
and give one value per row, so that thousands of resamples are a few matrix products.
Repeats are averaged inside the metric: a subject is one sample however often predicted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import expit, logit

from neurograft.statistics.linear_solvers import solve_logistic
from neurograft.statistics.metrics.predictions import (
    EDGE,
    Metric,
    Predictions,
    Weights,
    average,
    average_tested,
    divide,
)
from neurograft.types import FloatArray

SPECIFICITY = 0.9
N_BINS = 10
N_NEWTON = 30


def auroc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Area under the ROC curve, over pairs of subjects tested in the same fold.

    Pairs across folds would compare scores of different models, which biases the
    pooled area (Airola 2011). Ties count one half. NaN if no fold holds both groups.
    """
    return compare_pairs(p, p.scores, weights, case=1, control=0)


def compare_pairs(
    p: Predictions, scores: FloatArray, weights: FloatArray, *, case: int, control: int
) -> FloatArray:
    """Share of pairs in which the case has the larger score, by resample."""
    cases = np.flatnonzero(p.labels == case)
    controls = np.flatnonzero(p.labels == control)
    ahead = np.zeros((len(cases), len(controls)))
    pairs = np.zeros_like(ahead)
    for own, folds in zip(scores, p.folds, strict=True):
        together = (folds[cases, None] == folds[controls]) & (folds[controls] >= 0)
        difference = np.nan_to_num(own[cases, None] - own[controls])
        ahead += together * (0.5 + 0.5 * np.sign(difference))
        pairs += together
    case_weights, control_weights = weights[:, cases], weights[:, controls]
    won = ((case_weights @ ahead) * control_weights).sum(1)
    played = ((case_weights @ pairs) * control_weights).sum(1)
    return divide(won, played)


def balanced_accuracy(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Mean over groups of the share that is recognised, at the training shares."""
    correct = (p.decisions == p.labels).astype(float)
    rates = [
        average_tested(p, correct, weights * (p.labels == label))
        for label in np.unique(p.labels)
    ]
    return np.asarray(np.mean(rates, axis=0))


def auprc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Average precision (Davis and Goadrich 2006); chance is the share of cases."""
    values = []
    for curve in _walk_down(p, weights):
        precision = divide(curve.hits, curve.hits + curve.alarms)
        gained = np.diff(curve.hits, axis=1, prepend=0.0)
        values.append((gained * np.nan_to_num(precision)).sum(1) / curve.n_cases)
    return np.asarray(np.mean(values, axis=0))


def sensitivity(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Share of cases found where nine of ten controls are left in peace."""
    values = []
    for curve in _walk_down(p, weights):
        allowed = curve.alarms <= (1 - SPECIFICITY) * curve.n_controls[:, None] + 1e-9
        values.append((curve.hits * allowed).max(1) / curve.n_cases)
    return np.asarray(np.mean(values, axis=0))


def matthews(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Correlation of decision and label (Matthews 1975); 0 if one is constant."""
    values = []
    for decisions, folds in zip(p.decisions, p.folds, strict=True):
        own, decisions = weights * (folds >= 0), np.nan_to_num(decisions)
        y_mean, d_mean = average(p.labels, own), average(decisions, own)
        covariance = average(p.labels * decisions, own) - y_mean * d_mean
        spread = np.sqrt(y_mean * (1 - y_mean) * d_mean * (1 - d_mean))
        values.append(np.where(spread > 0, divide(covariance, spread), 0.0))
    return np.asarray(np.mean(values, axis=0))


def brier(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Mean squared error of the probabilities (Brier 1950)."""
    return average_tested(p, (p.scores - p.labels) ** 2, weights)


def calibration_slope(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Slope of labels on the logit of the mean probability; 1 is calibrated."""
    return _fit_slope(p, weights)


def calibration_intercept(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Calibration in the large, in log odds; below 0 where probabilities are high."""
    return _fit_intercept(p, weights)


def calibration_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Expected calibration error of the mean probability, ten bins (Naeini 2015)."""
    y, probability = p.labels, p.average()
    tested = np.isfinite(probability)
    bins = np.minimum((np.nan_to_num(probability) * N_BINS).astype(int), N_BINS - 1)
    member = np.eye(N_BINS)[bins] * tested[:, None]
    gap = (np.nan_to_num(probability) - y)[:, None] * member
    return np.asarray(np.abs(weights @ gap).sum(1) / (weights @ member).sum(1))


class _Curve(NamedTuple):
    """Cases and controls above each threshold, by resample."""

    hits: FloatArray
    alarms: FloatArray
    n_cases: FloatArray
    n_controls: FloatArray


def _walk_down(p: Predictions, weights: FloatArray) -> Iterator[_Curve]:
    """Lower the threshold from the largest score, one curve per repeat."""
    for scores, folds in zip(p.scores, p.folds, strict=True):
        tested = np.flatnonzero(folds >= 0)
        order = tested[np.argsort(-scores[tested], kind="stable")]
        ends = np.flatnonzero(np.diff(scores[order], append=np.inf))
        own = weights[:, order]
        hits = np.cumsum(own * p.labels[order], axis=1)
        alarms = np.cumsum(own * (1 - p.labels[order]), axis=1)
        yield _Curve(hits[:, ends], alarms[:, ends], hits[:, -1], alarms[:, -1])


def _fit_slope(p: Predictions, weights: FloatArray) -> FloatArray:
    """Slope of labels on the logit of the mean probability, of every resample."""
    y, z, own = _find_logits(p, weights)
    if np.ptp(z) < EDGE:
        return np.full(len(weights), np.nan)
    labels = np.broadcast_to(y, own.shape)
    return solve_logistic(z[:, None], labels, np.array([EDGE]), own)[0, :, 0]


def _fit_intercept(p: Predictions, weights: FloatArray) -> FloatArray:
    """Number to add to the logits so that their mean probability is the share."""
    y, z, own = _find_logits(p, weights)
    if np.ptp(z) < EDGE:
        return np.full(len(weights), np.nan)
    shift = np.zeros(len(own))
    for _ in range(N_NEWTON):
        q = expit(shift[:, None] + z)
        step = (own * (y - q)).sum(1) / ((own * q * (1 - q)).sum(1) + 1e-9)
        shift = shift + np.clip(step, -2, 2)
    return shift


def _find_logits(
    p: Predictions, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Labels, logits of the mean probability, and weights of those who were tested."""
    y, probability = p.labels, p.average()
    tested = np.isfinite(probability)
    z = logit(np.clip(probability[tested], EDGE, 1 - EDGE))
    return y[tested], z, weights[:, tested]


CLASSIFICATION_METRICS: dict[str, Metric] = {
    "AUROC": auroc,
    "balanced accuracy": balanced_accuracy,
    "Brier score": brier,
    "AUPRC": auprc,
    "MCC": matthews,
    "sensitivity at 90 % specificity": sensitivity,
    "calibration slope": calibration_slope,
    "calibration intercept": calibration_intercept,
    "expected calibration error": calibration_error,
}
LOWER_IS_BETTER = ("Brier score", "mean absolute error")
