"""Predictions of people and repeats, and weighted averages over tested people."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from neurograft.types import FloatArray, IntArray

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

    @property
    def is_tested(self) -> Bool[np.ndarray, " n_subjects"]:
        """Whether each person is tested in any repeat."""
        return np.asarray((self.folds >= 0).any(axis=0))

    def rows(self, rows: IntArray) -> "Predictions":
        """Return the predictions of some people, by their row numbers."""
        return Predictions(
            self.labels[rows],
            self.scores[:, rows],
            self.decisions[:, rows],
            self.folds[:, rows],
        )

    def repeats(self, chosen: slice) -> "Predictions":
        """Return the predictions of some repeats."""
        return Predictions(
            self.labels,
            self.scores[chosen],
            self.decisions[chosen],
            self.folds[chosen],
        )

    def average(self) -> Float[np.ndarray, " n_subjects *n_classes"]:
        """Return everybody's mean score over the repeats that tested them, else NaN."""
        tested = self.folds >= 0
        tested = tested.reshape(tested.shape + (1,) * (self.scores.ndim - 2))
        total = np.where(tested, np.nan_to_num(self.scores), 0.0).sum(0)
        return divide(total, np.broadcast_to(tested.sum(0), total.shape).astype(float))


Weights = Float[np.ndarray, "n_resamples n_subjects"]
Metric = Callable[[Predictions, FloatArray], FloatArray]


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
