"""Do probabilities mean what they say?

All measures take one probability per person, the mean over repeats.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import expit, logit

from neurograft.transfer.linear import solve_logistic
from neurograft.types import FloatArray, IntArray

N_BINS = 10
# Probabilities are kept this far from 0 and 1 before logarithms are taken.
EDGE = 1e-6


class BrierParts(NamedTuple):
    """Murphy 1973: `brier = reliability - resolution + uncertainty` (+ within bins).

    Attributes:
        reliability: Mean squared distance of stated and observed shares; 0 is best.
        resolution: Variance of the observed shares; large is best.
        uncertainty: Variance of the labels.
        within: What the spread of probabilities inside bins adds (Stephenson 2008).
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


class CalibrationCurve(NamedTuple):
    """Stated probabilities against observed shares, by bin.

    Attributes:
        stated: Mean probability of each bin that holds anybody.
        observed: Share of cases in it.
        n: People in it.
    """

    stated: FloatArray
    observed: FloatArray
    n: IntArray


def draw_calibration_curve(
    labels: Float[np.ndarray, " n"],
    probabilities: Float[np.ndarray, " n"],
    *,
    n_bins: int = N_BINS,
) -> CalibrationCurve:
    """Cut people into bins of equal width by their probability.

    Args:
        labels: 0 or 1.
        probabilities: Of being a case.
        n_bins: Bins between 0 and 1.
    """
    bins = _find_bins(probabilities, n_bins)
    n = np.bincount(bins, minlength=n_bins)
    used = n > 0
    stated = np.bincount(bins, probabilities, minlength=n_bins)[used] / n[used]
    observed = np.bincount(bins, labels, minlength=n_bins)[used] / n[used]
    return CalibrationCurve(stated, observed, n[used])


def find_calibration_error(
    labels: Float[np.ndarray, " n"],
    probabilities: Float[np.ndarray, " n"],
    *,
    n_bins: int = N_BINS,
) -> float:
    """Expected calibration error: mean distance of the curve (Naeini 2015).

    It is biased upwards in small samples: bins of few people stray by chance.
    """
    curve = draw_calibration_curve(labels, probabilities, n_bins=n_bins)
    distance = np.abs(curve.stated - curve.observed)
    return float((distance * curve.n).sum() / curve.n.sum())


def decompose_brier(
    labels: Float[np.ndarray, " n"],
    probabilities: Float[np.ndarray, " n"],
    *,
    n_bins: int = N_BINS,
) -> BrierParts:
    """Split the Brier score into what calibration and what discrimination cost."""
    bins = _find_bins(probabilities, n_bins)
    curve = draw_calibration_curve(labels, probabilities, n_bins=n_bins)
    share = curve.n / len(labels)
    base = labels.mean()
    position = np.searchsorted(np.unique(bins), bins)
    spread = probabilities - curve.stated[position]
    residual = labels - curve.observed[position]
    return BrierParts(
        reliability=float((share * (curve.stated - curve.observed) ** 2).sum()),
        resolution=float((share * (curve.observed - base) ** 2).sum()),
        uncertainty=float(base * (1 - base)),
        within=float((spread**2).mean() - 2 * (spread * residual).mean()),
    )


def fit_calibration_line(
    labels: Float[np.ndarray, " n"], probabilities: Float[np.ndarray, " n"]
) -> tuple[float, float]:
    """Slope and intercept of labels on the logit of the probabilities (Cox 1958).

    The slope is below 1 where probabilities are too extreme. The intercept is that of
    calibration in the large: with the slope held at 1 (Steyerberg 2019, ch. 15); it is
    below 0 where probabilities are too high. Not defined (NaN) where all probabilities
    are equal or there is one class.
    """
    if len(np.unique(labels)) < 2 or np.ptp(probabilities) < EDGE:
        return float("nan"), float("nan")
    logits = logit(np.clip(probabilities, EDGE, 1 - EDGE))
    slope = solve_logistic(logits[:, None], labels[None], np.array([EDGE]))[0, 0, 0]
    return float(slope), _find_shift(labels, logits)


def _find_shift(labels: FloatArray, logits: FloatArray) -> float:
    """Number to add to the logits so that their mean probability is the share."""
    shift = 0.0
    for _ in range(100):
        p = expit(logits + shift)
        step = float((labels - p).sum() / max((p * (1 - p)).sum(), EDGE))
        shift += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    return shift


def _find_bins(probabilities: FloatArray, n_bins: int) -> IntArray:
    return np.asarray(np.minimum((probabilities * n_bins).astype(int), n_bins - 1))
