"""Intervals and sets of answers that hold the truth as often as they say.

Predictions of people who were not learned from are the calibration set, fold by fold:
each person's interval comes from the errors on the other folds' people (cross-conformal
prediction, Vovk 2015). It needs people to be exchangeable: it does not survive a shift
of population.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neurograft.statistics.intervals import CONFIDENCE, exact_binomial_interval
from neurograft.types import BoolArray, FloatArray


class Coverage(NamedTuple):
    """How often intervals or sets held the truth, and how wide they were.

    Attributes:
        aimed: Coverage asked for.
        reached: Share of people whose truth was inside.
        reached_low: Lower bound of its exact 95 % interval.
        reached_high: Upper bound.
        size: Mean width of intervals, or mean number of classes of sets.
    """

    aimed: float
    reached: float
    reached_low: float
    reached_high: float
    size: float


def find_quantile(
    misfits: Float[np.ndarray, " n"], *, confidence: float = CONFIDENCE
) -> float:
    """Misfit that a new person stays below with the confidence (Vovk 2005; Lei 2018).

    The `ceil((n + 1) * confidence)`-th smallest; infinite if there are too few people.
    """
    n = len(misfits)
    rank = int(np.ceil((n + 1) * confidence))
    return float(np.sort(misfits)[rank - 1]) if rank <= n else float("inf")


def draw_intervals(
    labels: Float[np.ndarray, " n"],
    predicted: Float[np.ndarray, " n"],
    folds: Int[np.ndarray, " n"],
    *,
    confidence: float = CONFIDENCE,
) -> Float[np.ndarray, "n 2"]:
    """Interval of every person's value, from the errors of the other folds.

    Args:
        labels: True values.
        predicted: By models that did not see the person.
        folds: In which each person was tested.
        confidence: Coverage aimed at.
    """
    width = np.empty(len(labels))
    for fold in np.unique(folds):
        own = folds == fold
        errors = np.abs(labels[~own] - predicted[~own])
        width[own] = find_quantile(errors, confidence=confidence)
    return np.stack([predicted - width, predicted + width], axis=1)


def draw_sets(
    labels: Int[np.ndarray, " n"],
    probabilities: Float[np.ndarray, "n n_classes"],
    folds: Int[np.ndarray, " n"],
    *,
    confidence: float = CONFIDENCE,
) -> Bool[np.ndarray, "n n_classes"]:
    """Classes that cannot be ruled out for each person, class by class.

    A class is kept if its probability is not lower than is usual for people of that
    class (Mondrian conformal prediction, Vovk 2005, ch. 4.5), so that the coverage
    holds in the small class too.
    """
    kept = np.zeros(probabilities.shape, dtype=bool)
    for fold in np.unique(folds):
        own = folds == fold
        for label in range(probabilities.shape[1]):
            of_class = ~own & (labels == label)
            misfits = 1 - probabilities[of_class, label]
            limit = find_quantile(misfits, confidence=confidence)
            kept[own, label] = 1 - probabilities[own, label] <= limit
    return kept


def measure_interval_coverage(
    labels: FloatArray, intervals: FloatArray, *, confidence: float = CONFIDENCE
) -> Coverage:
    """How often intervals held the value."""
    is_inside = (intervals[:, 0] <= labels) & (labels <= intervals[:, 1])
    width = float(np.mean(intervals[:, 1] - intervals[:, 0]))
    return _count(is_inside, confidence, width)


def measure_set_coverage(
    labels: Int[np.ndarray, " n"],
    sets: Bool[np.ndarray, "n n_classes"],
    *,
    confidence: float = CONFIDENCE,
) -> Coverage:
    """How often sets held the class."""
    is_inside = sets[np.arange(len(labels)), labels]
    return _count(is_inside, confidence, float(sets.sum(1).mean()))


def _count(is_inside: BoolArray, aimed: float, size: float) -> Coverage:
    low, high = exact_binomial_interval(int(is_inside.sum()), len(is_inside))
    return Coverage(aimed, float(is_inside.mean()), low, high, size)
