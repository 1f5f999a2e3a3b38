"""What a study of this size could have found."""

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from neurograft.statistics.intervals import CONFIDENCE

POWER = 0.8
ALPHA = 1 - CONFIDENCE


def find_detectable_auroc(
    n_cases: int, n_controls: int, *, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Smallest area under the ROC curve that a two-sided test would find.

    Variance by Hanley and McNeil 1982, eqs. 1 and 2; test against one half.

    Returns:
        The area; 1 if not even a perfect one would be found.
    """

    def lack(auroc: float) -> float:
        return power - _auroc_power(auroc, n_cases, n_controls, alpha)

    return _solve(lack, 0.5 + 1e-9, 1 - 1e-9)


def _auroc_power(auroc: float, n_cases: int, n_controls: int, alpha: float) -> float:
    null = _auroc_error(0.5, n_cases, n_controls)
    error = _auroc_error(auroc, n_cases, n_controls)
    critical = stats.norm.isf(alpha / 2) * null
    return float(stats.norm.cdf((auroc - 0.5 - critical) / error))


def _auroc_error(auroc: float, n_cases: int, n_controls: int) -> float:
    """Standard error of an area (Hanley and McNeil 1982)."""
    q1 = auroc / (2 - auroc)
    q2 = 2 * auroc**2 / (1 + auroc)
    variance = (
        auroc * (1 - auroc)
        + (n_cases - 1) * (q1 - auroc**2)
        + (n_controls - 1) * (q2 - auroc**2)
    ) / (n_cases * n_controls)
    return float(np.sqrt(variance))


def find_detectable_effect(
    n: int, n_other: int, *, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Smallest difference of two groups, in SDs, that a two-sided t-test would find.

    Exact, by the noncentral t distribution (Cohen 1988).
    """
    freedom = n + n_other - 2
    critical = stats.t.isf(alpha / 2, freedom)
    size = np.sqrt(n * n_other / (n + n_other))

    def lack(effect: float) -> float:
        # Significance in the wrong direction has next to no probability.
        return float(power - stats.nct.sf(critical, freedom, effect * size))

    return _solve(lack, 1e-9, (critical + 8) / size)


def find_detectable_correlation(
    n: int, *, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Smallest correlation that a two-sided test would find (Fisher 1921)."""
    if n <= 3:
        return 1.0
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return float(np.tanh(z / np.sqrt(n - 3)))


def _solve(lack: Callable[[float], float], low: float, high: float) -> float:
    """Where power is no longer lacking; the upper bound if it always is."""
    if lack(high) > 0:
        return float(round(high, 6))
    return float(optimize.brentq(lack, low, high, xtol=1e-6))
