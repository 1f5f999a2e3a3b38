"""Predictions of people and repeats, and weighted averages over tested people."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Num

from neurograft.types import FloatArray, IntArray

# Probabilities are kept this far from 0 and 1 before logarithms are taken. Chosen here:
# far below any probability that a model of some hundred people can mean.
EDGE = 1e-6


@dataclass(frozen=True)
class Predictions:
    """Predictions of a task by a method, for every repeat and person.

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
        """Return whether each person is tested in any repeat."""
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

    def average(
        self, values: Num[np.ndarray, "n_repeats n_subjects *n_classes"] | None = None
    ) -> Float[np.ndarray, " n_subjects *n_classes"]:
        """Return each person's mean over the repeats that tested the person.

        Args:
            values: Something of every repeat and person; None, the scores.

        Returns:
            NaN for a person whom no repeat tested.
        """
        values = self.scores if values is None else values
        more = (1,) * (values.ndim - 2)
        is_tested = (self.folds >= 0).reshape(*self.folds.shape, *more)
        total = np.where(is_tested, np.nan_to_num(values), 0.0).sum(0)
        return divide(total, np.broadcast_to(is_tested.sum(0), total.shape))


# How often each subject counts in each resample.
Weights = Float[np.ndarray, "n_resamples n_subjects"]
# Gives the value `(n_resamples,)` of predictions under weights.
Metric = Callable[[Predictions, FloatArray], FloatArray]


def average(
    values: Num[np.ndarray, " n"], weights: Num[np.ndarray, "n_resamples n"]
) -> Float[np.ndarray, " n_resamples"]:
    """Return the weighted mean of the values, for each row of weights."""
    return divide(weights @ values, weights.sum(1))


def average_tested(
    p: Predictions, values: Num[np.ndarray, "n_repeats n_subjects"], weights: Weights
) -> Float[np.ndarray, " n_resamples"]:
    """Return the weighted mean over people of their mean over repeats."""
    means = p.average(values)
    return average(np.nan_to_num(means), weights * np.isfinite(means))


def divide(a: Num[np.ndarray, "*shape"], b: Num[np.ndarray, "*shape"]) -> FloatArray:
    """Return the quotient, shape as that of `a`; NaN where the divisor is 0."""
    quotient = np.full(np.shape(a), np.nan)
    np.divide(a, b, out=quotient, where=b != 0)
    return quotient
