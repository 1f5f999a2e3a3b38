"""Conformal prediction: intervals and sets that hold the truth as often as they say.

The calibration set are the predictions of people whom the model had not seen. Each
person's interval comes from the errors on the people of the other folds
(cross-conformal prediction, Vovk 2015). People must be exchangeable: the promise does
not survive a shift of population.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import stats

from neurograft.statistics.intervals import CONFIDENCE
from neurograft.types import BoolArray


class Coverage(NamedTuple):
    """Share of intervals or sets that held the truth, and their size.

    Attributes:
        aimed: Coverage asked for.
        reached: Share of people whose truth was inside.
        reached_low: Lower bound of the exact 95 % interval of that share (Clopper and
            Pearson 1934).
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
    """Return the error that a new person's error stays below with the confidence.

    It is the `ceil((n + 1) * confidence)`-th smallest (Vovk 2005; Lei 2018).

    Args:
        misfits: Error of every person of the calibration set.
        confidence: Probability with which a new person's error stays below.

    Returns:
        The error; infinite if there are too few people.
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
    """Return the interval of every person's value, from the errors of other folds.

    Args:
        labels: True values.
        predicted: By models that did not see the person.
        folds: Fold in which each person was tested.
        confidence: Coverage aimed at.

    Returns:
        Lower and upper end, in the unit of the labels.
    """
    width = np.empty(len(labels))
    for fold in np.unique(folds):
        inside = folds == fold
        errors = np.abs(labels[~inside] - predicted[~inside])
        width[inside] = find_quantile(errors, confidence=confidence)
    return np.stack([predicted - width, predicted + width], axis=1)


def draw_sets(
    labels: Int[np.ndarray, " n"],
    probabilities: Float[np.ndarray, "n n_classes"],
    folds: Int[np.ndarray, " n"],
    *,
    confidence: float = CONFIDENCE,
) -> Bool[np.ndarray, "n n_classes"]:
    """Return the classes that cannot be ruled out for each person.

    A class is kept if its probability is not lower than is usual for people of that
    class (Mondrian conformal prediction, Vovk 2005, ch. 4.5), so that the coverage
    holds in the small class too.

    Args:
        labels: True classes, 0, 1, ...
        probabilities: By models that did not see the person.
        folds: Fold in which each person was tested.
        confidence: Coverage aimed at.

    Returns:
        True where a class is kept.
    """
    kept = np.zeros(probabilities.shape, dtype=bool)
    for fold in np.unique(folds):
        inside = folds == fold
        for label in range(probabilities.shape[1]):
            of_class = ~inside & (labels == label)
            misfits = 1 - probabilities[of_class, label]
            limit = find_quantile(misfits, confidence=confidence)
            kept[inside, label] = 1 - probabilities[inside, label] <= limit
    return kept


def measure_interval_coverage(
    labels: Float[np.ndarray, " n"],
    intervals: Float[np.ndarray, "n 2"],
    *,
    confidence: float = CONFIDENCE,
) -> Coverage:
    """Measure how often intervals held the value, for which `confidence` was aimed."""
    is_inside = (intervals[:, 0] <= labels) & (labels <= intervals[:, 1])
    width = float(np.mean(intervals[:, 1] - intervals[:, 0]))
    return _count(is_inside, confidence, width)


def measure_set_coverage(
    labels: Int[np.ndarray, " n"],
    sets: Bool[np.ndarray, "n n_classes"],
    *,
    confidence: float = CONFIDENCE,
) -> Coverage:
    """Measure how often sets held the class, for which `confidence` was aimed."""
    is_inside = sets[np.arange(len(labels)), labels]
    return _count(is_inside, confidence, float(sets.sum(1).mean()))


def _count(is_inside: BoolArray, aimed: float, size: float) -> Coverage:
    """Return the coverage with its exact interval."""
    test = stats.binomtest(int(is_inside.sum()), len(is_inside))
    exact = test.proportion_ci(CONFIDENCE)
    reached = float(is_inside.mean())
    return Coverage(aimed, reached, float(exact.low), float(exact.high), size)
