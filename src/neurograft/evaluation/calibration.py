"""Do probabilities mean what they say?

All measures take one probability per person, the mean over repeats.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.evaluation.crossvalidation import MethodResult
from neurograft.evaluation.tasks import Task
from neurograft.types import FloatArray, IntArray

N_BINS = 10


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


def tabulate_calibration(
    task: Task, results: Mapping[str, MethodResult]
) -> pd.DataFrame:
    """Parts of the Brier score of every method that tells two groups apart.

    Returns:
        `task`, `method`, `brier` (of the mean probability over repeats), and the parts
        of `BrierParts`; no rows for other tasks.
    """
    rows = []
    for method, result in results.items():
        p = result.predictions
        if not result.question.is_classification or p.scores.ndim > 2:
            continue
        tested = (p.folds >= 0).any(0)
        own = np.where(p.folds >= 0, p.scores, np.nan)[:, tested]
        mean, labels = np.nanmean(own, axis=0), p.labels[tested]
        parts = decompose_brier(labels, mean)._asdict()
        brier = float(((mean - labels) ** 2).mean())
        rows.append({"task": task.name, "method": method, "brier": brier} | parts)
    return pd.DataFrame(rows)


def _find_bins(probabilities: FloatArray, n_bins: int) -> IntArray:
    return np.asarray(np.minimum((probabilities * n_bins).astype(int), n_bins - 1))
