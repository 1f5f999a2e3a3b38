"""Probabilities, sets and intervals that hold for people whom nobody has seen.

All of them follow from answers of cross-validation: models said them of people who were
left out. The predictor itself was fitted to everybody, so that what is promised is a
close approximation and no theorem (cross-conformal prediction with a refit, Vovk 2015).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from neurograft.prediction.learned.held_out import HeldOut, take_log
from neurograft.types import FloatArray

# Coverage that sets and intervals aim at: of ten people, nine.
COVERAGE = 0.9
# Smallest slope of log odds. Chosen here: answers that turned out worse than chance
# must not be turned round.
MIN_SLOPE = 0.05
# Penalty on the logarithm of the slope. Chosen here: next to nothing, but groups that
# are told apart perfectly get no infinite certainty.
PENALTY = 0.05


@dataclass(frozen=True)
class GroupCalibration:
    """Probabilities that come true as often as they say, and sets of groups.

    Attributes:
        slope: Factor of the logarithms of probabilities.
        offsets: Added to them, one per group.
        limits: Largest misfit (1 minus the probability) that a person of the group has
            with `COVERAGE`; infinite if there are too few people.
        shares: Share of every group among those learned from.
    """

    slope: float
    offsets: Float[np.ndarray, " n_classes"]
    limits: Float[np.ndarray, " n_classes"]
    shares: Float[np.ndarray, " n_classes"]

    def calibrate(
        self, probabilities: Float[np.ndarray, "n n_classes"]
    ) -> Float[np.ndarray, "n n_classes"]:
        """Return calibrated probabilities, at the shares of those learned from."""
        logs = take_log(probabilities)
        return np.asarray(softmax(self.slope * logs + self.offsets, axis=1))

    def find_sets(
        self, calibrated: Float[np.ndarray, "n n_classes"]
    ) -> Bool[np.ndarray, "n n_classes"]:
        """Return the groups that cannot be ruled out (Mondrian sets, Vovk 2005)."""
        return np.asarray(1 - calibrated <= self.limits)


@dataclass(frozen=True)
class NumberCalibration:
    """Intervals of a number, and the line along which its error goes with its truth.

    Attributes:
        width: Error that a new person stays below with `COVERAGE`, in the unit of the
            number; infinite if there are too few people.
        bias_slope: Of the error on the true value.
        bias_intercept: Error at a true value of 0.
    """

    width: float
    bias_slope: float
    bias_intercept: float

    def remove_bias(self, value: FloatArray, truth: FloatArray) -> FloatArray:
        """Return values without the error usual at that truth (Beheshti 2019)."""
        return np.asarray(value - (self.bias_slope * truth + self.bias_intercept))


def fit_group_calibration(
    held_out: HeldOut, shares: FloatArray | None = None
) -> GroupCalibration:
    """Fit slope, offsets and limits to the answers of cross-validation.

    Slope and offsets follow from the mean of every person's logarithms over repeats:
    single answers are less steady than those of the predictor, which learned from
    everybody, and would make its probabilities too cautious. Limits follow from single
    answers, as the misfit of one model is asked for.

    Source: Platt 1999 for two groups, with his targets; for more, one slope and an
    offset per group (temperature scaling with bias, Guo 2017).

    Args:
        held_out: With logarithms of probabilities.
        shares: Of every group among those learned from, for which probabilities shall
            hold; None takes those of the people held out, who may be others.
    """
    shares = held_out.shares if shares is None else shares
    labels, answers = held_out.average()
    n_classes = answers.shape[1]
    targets = _soften(labels, n_classes)

    def lose(theta: FloatArray) -> float:
        slope, offsets = np.exp(theta[0]), np.append(0.0, theta[1:])
        logs = log_softmax(slope * answers + offsets, axis=1)
        loss = -(targets * logs).sum()
        return float(loss + PENALTY * theta[0] ** 2 / 2)

    found = minimize(lose, np.zeros(n_classes), method="BFGS")
    slope = max(float(np.exp(found.x[0])), MIN_SLOPE)
    # By Bayes' rule from the shares of those held out to those learned from.
    offsets = np.append(0.0, found.x[1:]) + np.log(shares / held_out.shares)
    whole = GroupCalibration(slope, offsets, np.full(n_classes, np.inf), shares)
    calibrated = whole.calibrate(np.exp(held_out.answers))
    limits = [
        _find_limit(1 - calibrated[own, label], held_out.weights[own])
        for label in range(n_classes)
        for own in [held_out.labels == label]
    ]
    return GroupCalibration(slope, offsets, np.array(limits), shares)


def fit_number_calibration(held_out: HeldOut) -> NumberCalibration:
    """Fit the width of intervals, and the line of errors on true values.

    Args:
        held_out: With numbers.
    """
    error = held_out.answers[:, 0] - held_out.labels
    root = np.sqrt(held_out.weights)
    slope, intercept = np.polyfit(held_out.labels, error, 1, w=root)
    width = _find_limit(np.abs(error), held_out.weights)
    return NumberCalibration(width, float(slope), float(intercept))


def move_to_prevalence(
    calibrated: Float[np.ndarray, "n 2"],
    shares: Float[np.ndarray, " 2"],
    prevalence: float,
) -> Float[np.ndarray, "n 2"]:
    """Return probabilities where a group is rarer or more common, by Bayes' rule.

    Args:
        calibrated: Probabilities at the shares of those learned from.
        shares: Of both groups there.
        prevalence: Of the second group where the predictor is used.
    """
    wanted = np.array([1 - prevalence, prevalence])
    moved = calibrated * (wanted / shares)
    return np.asarray(moved / moved.sum(1, keepdims=True))


def expect_coverage(n: int) -> float:
    """Return the coverage to expect where the limit comes from `n` exchangeable people.

    It is `ceil((n + 1) * COVERAGE) / (n + 1)`, and 1 if the limit is infinite.

    Example:
        >>> expect_coverage(5), round(expect_coverage(36), 3)
        (1.0, 0.919)
    """
    rank = int(np.ceil((n + 1) * COVERAGE))
    return rank / (n + 1) if rank <= n else 1.0


def _soften(labels: FloatArray, n_classes: int) -> Float[np.ndarray, "n n_classes"]:
    """Return Platt's targets: less than certain, the more so for few people."""
    counts = np.bincount(labels.astype(int), minlength=n_classes)
    true = (counts + 1) / (counts + n_classes)
    own = true[labels.astype(int)][:, None]
    rest = (1 - own) / (n_classes - 1)
    is_own = labels[:, None] == np.arange(n_classes)
    return np.asarray(np.where(is_own, own, rest))


def _find_limit(misfits: FloatArray, weights: FloatArray) -> float:
    """Find the conformal limit of misfits, where everybody has one per repeat.

    The rank is that of so many people; their weights say where it lies.
    """
    n = round(float(weights.sum()))
    rank = int(np.ceil((n + 1) * COVERAGE))
    if rank > n:
        return float("inf")
    order = np.argsort(misfits)
    below = np.cumsum(weights[order])
    place = int(np.searchsorted(below, rank - 1e-6))
    return float(misfits[order][place])
