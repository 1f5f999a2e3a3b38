"""Draw people again, and turn what the draws show into intervals."""

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from neurograft.types import FloatArray, IntArray

# Coverage of every interval: the convention of the field.
CONFIDENCE = 0.95


def draw_bootstrap_weights(
    strata: Int[np.ndarray, " n_subjects"],
    *,
    n_bootstraps: int,
    rng: np.random.Generator,
) -> Float[np.ndarray, "n_bootstraps n_subjects"]:
    """Return how often each subject is drawn in each resample, within strata.

    Args:
        strata: Class of every subject (all equal for regression): resamples keep the
            size of each class.
        n_bootstraps: Resamples.
        rng: Source of randomness.
    """
    weights = np.zeros((n_bootstraps, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        share = np.full(len(members), 1 / len(members))
        weights[:, members] = rng.multinomial(len(members), share, size=n_bootstraps)
    return weights


def percentile_interval(
    values: Float[np.ndarray, " n"], *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the central part of resampled values, 95 % (Efron 1993, ch. 13).

    Values that are not finite are left out; without any finite value, both ends are
    NaN.

    Args:
        values: Of the resamples.
        confidence: Share that lies within.
    """
    tail = 50 * (1 - confidence)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return float("nan"), float("nan")
    low, high = np.percentile(finite, [tail, 100 - tail])
    return float(low), float(high)


def percentile_band(
    values: Float[np.ndarray, "n_resamples n_points"], *, confidence: float = CONFIDENCE
) -> Float[np.ndarray, "2 n_points"]:
    """Return the lower and upper end of a percentile interval at every point.

    Args:
        values: Of the resamples; rows that are not finite are left out.
        confidence: Share that lies within, point by point.
    """
    finite = values[np.isfinite(values).all(1)]
    if not len(finite):
        return np.full((2, values.shape[1]), np.nan)
    tail = 50 * (1 - confidence)
    return np.asarray(np.percentile(finite, [tail, 100 - tail], axis=0))


def leave_out_weights(
    clusters: Int[np.ndarray, " n_rows"],
) -> Float[np.ndarray, "n_clusters n_rows"]:
    """Return the weights of the jackknife: everybody once, except one cluster.

    Args:
        clusters: Number of the cluster (person, or matched pair) of every row, from 0.
    """
    n_clusters = int(clusters.max()) + 1
    is_kept = clusters[None] != np.arange(n_clusters)[:, None]
    return np.asarray(is_kept.astype(float))


def bca_interval(
    value: float,
    resampled: Float[np.ndarray, " n_resamples"],
    left_out: Float[np.ndarray, " n_clusters"],
    *,
    strata: Int[np.ndarray, " n_clusters"],
    confidence: float = CONFIDENCE,
) -> tuple[float, float]:
    """Return the BCa interval: bias-corrected and accelerated.

    Source: Efron 1987; DiCiccio 1996, eq. 6.7.

    Where the statistic does not vary or cannot be computed on part of the people, the
    percentile interval is given, which needs neither.

    Args:
        value: The statistic of everybody.
        resampled: The statistic of the resamples.
        left_out: The statistic without one cluster at a time.
        strata: Stratum of every cluster: resamples keep the size of each.
        confidence: Coverage aimed at.
    """
    finite = resampled[np.isfinite(resampled)]
    below = (finite < value).sum() + 0.5 * (finite == value).sum()
    if not np.isfinite(left_out).all() or not 0 < below < len(finite):
        return percentile_interval(resampled, confidence=confidence)
    bias = stats.norm.ppf(below / len(finite))
    acceleration = _accelerate(left_out, strata)
    tail = (1 - confidence) / 2
    z = bias + stats.norm.ppf([tail, 1 - tail])
    levels = stats.norm.cdf(bias + z / (1 - acceleration * z))
    low, high = np.quantile(finite, levels)
    return float(low), float(high)


def _accelerate(left_out: FloatArray, strata: IntArray) -> float:
    """Return the acceleration of several samples.

    Source: Efron and Tibshirani 1993, ch. 14.3 and 22.
    """
    # Divided by the largest, for cubes of very large or small values are no numbers.
    scale = float(np.abs(left_out).max()) or 1.0
    cubes, squares = 0.0, 0.0
    for stratum in np.unique(strata):
        values = left_out[strata == stratum] / scale
        influence = (len(values) - 1) * (values.mean() - values) / len(values)
        cubes += (influence**3).sum()
        squares += (influence**2).sum()
    return float(cubes / (6 * squares**1.5)) if squares > 0 else 0.0
