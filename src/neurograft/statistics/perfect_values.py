"""Intervals of perfect values, which look the same in every resample of people.

A bootstrap of an AUROC of 1.00 gives [1.00, 1.00], as if the next person could not be
misjudged.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import optimize, stats

from neurograft.statistics.intervals import CONFIDENCE


def limit_auroc(n: int, m: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the lower limit of an AUROC of 1 of two groups.

    Source: Newcombe 2006, method 5: the limit is the area from which 1 lies as far as
    its own standard error allows.

    Args:
        n: People in one group.
        m: People in the other.
        confidence: Coverage aimed at.

    Example:
        >>> round(limit_auroc(10, 10), 2)
        0.8
    """
    z = float(stats.norm.isf((1 - confidence) / 2))
    half = (n + m) / 2 - 1

    def lack(area: float) -> float:
        spread = 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
        return (1 - area) - z * float(np.sqrt(area * (1 - area) * spread / (n * m)))

    return float(optimize.brentq(lack, 0.0, 1 - 1e-12))


def limit_share(n: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the lower limit of `n` of `n` (Clopper and Pearson 1934).

    Example:
        >>> round(limit_share(10), 2)
        0.69
    """
    return float(((1 - confidence) / 2) ** (1 / n))


def _limit_smaller_share(n: int, m: int, *, confidence: float) -> float:
    return limit_share(min(n, m), confidence=confidence)


LIMITS: dict[str, Callable[..., float]] = {
    "AUROC": limit_auroc,
    "balanced accuracy": _limit_smaller_share,
    "sensitivity at 90 % specificity": _limit_smaller_share,
}


def widen_perfect(
    metric: str,
    interval: tuple[float, float],
    counts: Sequence[int],
    *,
    confidence: float = CONFIDENCE,
) -> tuple[float, float]:
    """Return the interval of a metric, widened where every resample was perfect.

    Args:
        metric: Its name; only those in `LIMITS` are bounded by 1 and widened.
        interval: As resamples gave it.
        counts: People in each group; the two smallest decide.
        confidence: Coverage aimed at.
    """
    low, high = interval
    if metric not in LIMITS or low != high or low not in (0.0, 1.0):
        return interval
    n, m = sorted(counts)[:2]
    limit = LIMITS[metric](n, m, confidence=confidence)
    return (limit, 1.0) if low == 1 else (0.0, 1 - limit)
