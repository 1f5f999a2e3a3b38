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

from neurograft.statistics.linear.solvers import solve_logistic
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

# Specificity at which the sensitivity is read. Chosen here: one false alarm in ten
# controls. The name of the metric says so.
SPECIFICITY = 0.9
# Bins of equal width between 0 and 1, as in Naeini 2015.
N_BINS = 10
# Newton steps for the intercept. Chosen here: fourteen of them, each at most 2, cross
# the logits between the most extreme probabilities (EDGE); the others converge.
N_NEWTON = 30


def auroc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the area under the ROC curve, over pairs tested in the same fold.

    Pairs across folds would compare scores of different models, which biases the
    pooled area (Airola 2011). Ties count one half. NaN if no fold holds both groups.
    """
    return compare_pairs(p, p.scores, weights, case=1, control=0)


def compare_pairs(
    p: Predictions,
    scores: Float[np.ndarray, "n_repeats n_subjects"],
    weights: Weights,
    *,
    case: int,
    control: int,
) -> Float[np.ndarray, " n_resamples"]:
    """Return the share of pairs in which the case has the larger score.

    Args:
        p: Predictions, for the labels and folds; pairs are compared within folds.
        scores: Scores to compare.
        weights: How often each subject counts in each resample.
        case: Label of cases.
        control: Label of controls.
    """
    cases = np.flatnonzero(p.labels == case)
    controls = np.flatnonzero(p.labels == control)
    ahead = np.zeros((len(cases), len(controls)))
    pairs = np.zeros_like(ahead)
    for repeat, folds in zip(scores, p.folds, strict=True):
        together = (folds[cases, None] == folds[controls]) & (folds[controls] >= 0)
        difference = np.nan_to_num(repeat[cases, None] - repeat[controls])
        ahead += together * (0.5 + 0.5 * np.sign(difference))
        pairs += together
    case_weights, control_weights = weights[:, cases], weights[:, controls]
    won = ((case_weights @ ahead) * control_weights).sum(1)
    played = ((case_weights @ pairs) * control_weights).sum(1)
    return divide(won, played)


def balanced_accuracy(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the mean over groups of the share that is recognised.

    The decision is made at the share of cases among the training people.
    """
    correct = (p.decisions == p.labels).astype(float)
    rates = [
        average_tested(p, correct, weights * (p.labels == label))
        for label in np.unique(p.labels)
    ]
    return np.asarray(np.mean(rates, axis=0))


def auprc(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the average precision; chance is the share of cases.

    Source: Davis and Goadrich 2006.
    """
    values = []
    for curve in _walk_down(p, weights):
        precision = divide(curve.hits, curve.hits + curve.alarms)
        gained = np.diff(curve.hits, axis=1, prepend=0.0)
        found = (gained * np.nan_to_num(precision)).sum(1)
        values.append(divide(found, curve.n_cases))
    return np.asarray(np.mean(values, axis=0))


def sensitivity(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the share of cases recognised at a specificity of 90 %."""
    values = []
    for curve in _walk_down(p, weights):
        allowed = curve.alarms <= (1 - SPECIFICITY) * curve.n_controls[:, None] + 1e-9
        values.append(divide((curve.hits * allowed).max(1), curve.n_cases))
    return np.asarray(np.mean(values, axis=0))


def matthews(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the correlation of decision and label (Matthews 1975); 0 if constant."""
    values = []
    for decisions, folds in zip(np.nan_to_num(p.decisions), p.folds, strict=True):
        tested = weights * (folds >= 0)
        y_mean, d_mean = average(p.labels, tested), average(decisions, tested)
        covariance = average(p.labels * decisions, tested) - y_mean * d_mean
        spread = np.sqrt(y_mean * (1 - y_mean) * d_mean * (1 - d_mean))
        values.append(np.where(spread > 0, divide(covariance, spread), 0.0))
    return np.asarray(np.mean(values, axis=0))


def brier(p: Predictions, weights: Weights) -> Float[np.ndarray, " n_resamples"]:
    """Return the mean squared error of the probabilities (Brier 1950)."""
    return average_tested(p, (p.scores - p.labels) ** 2, weights)


def calibration_slope(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the slope of labels on the logit of the mean probability.

    1 is calibrated; below 1, probabilities are too extreme (Cox 1958).
    """
    y, z, counted = _find_logits(p, weights)
    if np.ptp(z) < EDGE:
        return np.full(len(weights), np.nan)
    labels = np.broadcast_to(y, counted.shape)
    return solve_logistic(z[:, None], labels, np.array([EDGE]), counted)[0, :, 0]


def calibration_intercept(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the calibration in the large, in log odds (Cox 1958).

    It is the number to add to the logits so that the mean probability is the share of
    cases: below 0 where probabilities are too high.
    """
    y, z, counted = _find_logits(p, weights)
    if np.ptp(z) < EDGE:
        return np.full(len(weights), np.nan)
    shift = np.zeros(len(counted))
    for _ in range(N_NEWTON):
        q = expit(shift[:, None] + z)
        step = (counted * (y - q)).sum(1) / ((counted * q * (1 - q)).sum(1) + 1e-9)
        shift = shift + np.clip(step, -2, 2)
    return shift


def calibration_error(
    p: Predictions, weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the expected calibration error of the mean probability, in ten bins.

    Source: Naeini 2015.
    """
    probability = p.average()
    tested = np.isfinite(probability)
    probability = np.nan_to_num(probability)
    bins = np.minimum((probability * N_BINS).astype(int), N_BINS - 1)
    member = np.eye(N_BINS)[bins] * tested[:, None]
    gap = (probability - p.labels)[:, None] * member
    return np.asarray(np.abs(weights @ gap).sum(1) / (weights @ member).sum(1))


class _Curve(NamedTuple):
    """Cases and controls above each threshold, for each resample."""

    hits: FloatArray
    alarms: FloatArray
    n_cases: FloatArray
    n_controls: FloatArray


def _walk_down(p: Predictions, weights: FloatArray) -> Iterator[_Curve]:
    """Lower the threshold from the largest score; yield the curve of every repeat."""
    for scores, folds in zip(p.scores, p.folds, strict=True):
        tested = np.flatnonzero(folds >= 0)
        order = tested[np.argsort(-scores[tested], kind="stable")]
        ends = np.flatnonzero(np.diff(scores[order], append=np.inf))
        counted = weights[:, order]
        hits = np.cumsum(counted * p.labels[order], axis=1)
        alarms = np.cumsum(counted * (1 - p.labels[order]), axis=1)
        yield _Curve(hits[:, ends], alarms[:, ends], hits[:, -1], alarms[:, -1])


def _find_logits(
    p: Predictions, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return labels, logits of the mean probability, and weights of tested people."""
    probability = p.average()
    tested = np.isfinite(probability)
    z = logit(np.clip(probability[tested], EDGE, 1 - EDGE))
    return p.labels[tested], z, weights[:, tested]


# Metrics by the name in tables; the first is the primary metric.
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
# Metrics that are better when smaller; all others are better when larger.
LOWER_IS_BETTER = ("Brier score", "mean absolute error")
