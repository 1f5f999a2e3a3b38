"""Predictions of people and repeats, and weighted averages over tested people."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray

# Probabilities are kept this far from 0 and 1 before logarithms are taken.
EDGE = 1e-6


@dataclass(frozen=True)
class Predictions:
    """One method's predictions of one task.

    Attributes:
        labels: 0, 1, ..., or numbers.
        scores: Values, probabilities of being a case, or, of more than two groups, of
            each group; NaN where nobody was tested.
        decisions: Groups; equal to the scores in regression.
        folds: Fold in which a subject was tested; below 0 where in none.
    """

    labels: Float[np.ndarray, " n_subjects"]
    scores: Float[np.ndarray, "n_repeats n_subjects *n_classes"]
    decisions: Float[np.ndarray, "n_repeats n_subjects"]
    folds: Int[np.ndarray, "n_repeats n_subjects"]


Weights = Float[np.ndarray, "n_resamples n_subjects"]
Metric = Callable[[Predictions, FloatArray], FloatArray]


def average_repeats(p: Predictions) -> tuple[FloatArray, FloatArray]:
    """Labels, and the mean probability of every person; NaN if never tested."""
    counts = (p.folds >= 0).sum(0)
    total = np.where(p.folds >= 0, np.nan_to_num(p.scores), 0.0).sum(0)
    return p.labels, divide(total, counts.astype(float))


def average(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted means of values `(n,)`, one for each row of weights."""
    return divide(weights @ values, weights.sum(1))


def average_tested(
    p: Predictions, values: FloatArray, weights: FloatArray
) -> FloatArray:
    """Mean over people of their mean over the repeats that tested them."""
    tested = p.folds >= 0
    counts = tested.sum(0)
    means = np.where(tested, np.nan_to_num(values), 0.0).sum(0) / np.maximum(counts, 1)
    return average(means, weights * (counts > 0))


def divide(a: FloatArray, b: FloatArray) -> FloatArray:
    """Quotient; NaN where the divisor is 0."""
    quotient = np.full(np.shape(a), np.nan)
    np.divide(a, b, out=quotient, where=b != 0)
    return quotient
