"""Calibration of probabilities: the curve, and the parts of the Brier score."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray, IntArray

# Bins of equal width between 0 and 1, as in Naeini 2015.
N_BINS = 10


class BrierParts(NamedTuple):
    """Parts of the Brier score: `reliability - resolution + uncertainty + within`.

    Source: Murphy 1973; within bins, Stephenson 2008.

    Attributes:
        reliability: Mean squared distance of stated and observed shares; 0 is best.
        resolution: Variance of the observed shares; large is best.
        uncertainty: Variance of the labels.
        within: What the spread of probabilities inside bins adds.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


class CalibrationCurve(NamedTuple):
    """Stated probabilities and observed shares, by bin.

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
    """Bin predicted probabilities into intervals of equal width.

    Args:
        labels: 0 or 1.
        probabilities: Of being a case.
        n_bins: Bins between 0 and 1.
    """
    bins = find_bins(probabilities, n_bins)
    n = np.bincount(bins, minlength=n_bins)
    used = n > 0
    stated = np.bincount(bins, probabilities, minlength=n_bins)[used] / n[used]
    observed = np.bincount(bins, labels, minlength=n_bins)[used] / n[used]
    return CalibrationCurve(stated, observed, n[used])


def decompose_brier(
    labels: Float[np.ndarray, " n"],
    probabilities: Float[np.ndarray, " n"],
    *,
    n_bins: int = N_BINS,
) -> BrierParts:
    """Split the Brier score into the costs of calibration and of discrimination.

    Args:
        labels: 0 or 1.
        probabilities: Of being a case.
        n_bins: Bins between 0 and 1.
    """
    bins = find_bins(probabilities, n_bins)
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


def find_bins(
    probabilities: Float[np.ndarray, " n"], n_bins: int = N_BINS
) -> Int[np.ndarray, " n"]:
    """Return the number of the bin of equal width that holds each probability."""
    return np.asarray(np.minimum((probabilities * n_bins).astype(int), n_bins - 1))
