"""Smallest effects that a study of a given size would detect."""

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from neurograft.statistics.intervals import CONFIDENCE

# Share of studies in which a true effect is detected (Cohen 1988: .80 by convention).
POWER = 0.8
# Level of the tests: that of the 95 % intervals.
ALPHA = 1 - CONFIDENCE


def find_detectable_auroc(
    n_cases: int, n_controls: int, *, power: float = POWER, alpha: float = ALPHA
) -> float:
    """Return the smallest area under the ROC curve that a two-sided test would detect.

    Variance by Hanley and McNeil 1982, eqs. 1 and 2; test against one half.

    Args:
        n_cases: People with the disease.
        n_controls: People without it.
        power: Share of studies that would detect the area.
        alpha: Level of the test.

    Returns:
        The area; 1 if not even a perfect area would be detected.
    """

    def lack(auroc: float) -> float:
        return power - _auroc_power(auroc, n_cases, n_controls, alpha)

    return _solve(lack, 0.5 + 1e-9, 1 - 1e-9)


def _auroc_power(auroc: float, n_cases: int, n_controls: int, alpha: float) -> float:
    """Return the share of studies that detect a true area."""
    null = _auroc_error(0.5, n_cases, n_controls)
    error = _auroc_error(auroc, n_cases, n_controls)
    critical = stats.norm.isf(alpha / 2) * null
    return float(stats.norm.cdf((auroc - 0.5 - critical) / error))


def _auroc_error(auroc: float, n_cases: int, n_controls: int) -> float:
    """Return the standard error of an area (Hanley and McNeil 1982)."""
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
    """Return the smallest difference of two groups that a t-test would detect, in SDs.

    Two-sided; exact, by the noncentral t distribution (Cohen 1988).

    Args:
        n: People in the first group.
        n_other: People in the second group.
        power: Share of studies that would detect the difference.
        alpha: Level of the test.
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
    """Return the smallest correlation that a two-sided test detects (Fisher 1921)."""
    if n <= 3:
        return 1.0
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return float(np.tanh(z / np.sqrt(n - 3)))


def find_needed_for_auroc(
    auroc: float, *, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return how many people of each of two groups an area under the ROC curve needs.

    Variance as in `find_detectable_auroc`.

    Args:
        auroc: True area, above one half.
        power: Share of studies that would detect it.
        alpha: Level of the test.

    Example:
        >>> find_needed_for_auroc(0.7)
        32
    """
    return _count(lambda n: _auroc_power(auroc, n, n, alpha), power)


def find_needed_for_correlation(
    r: float, *, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return how many people a correlation needs to be detected (Fisher 1921).

    Example:
        >>> find_needed_for_correlation(0.3)
        85
    """
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return int(np.ceil((z / np.arctanh(r)) ** 2 + 3))


def find_needed_pairs(
    effect: float, *, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return how many people a difference within people needs, by a paired t-test.

    Args:
        effect: Mean of the differences in their own SDs (Cohen 1988, d_z).
        power: Share of studies that would detect it.
        alpha: Level of the test.

    Example:
        >>> find_needed_pairs(0.5)
        34
    """

    def detect(n: int) -> float:
        critical = stats.t.isf(alpha / 2, n - 1)
        return float(stats.nct.sf(critical, n - 1, effect * np.sqrt(n)))

    return _count(detect, power)


def _count(detect: Callable[[int], float], power: float) -> int:
    """Return the smallest number of people whose power suffices."""
    n = 2
    while detect(n) < power:
        n += 1
    return n


def _solve(lack: Callable[[float], float], low: float, high: float) -> float:
    """Return where power is no longer lacking; the upper bound if it always is."""
    if lack(high) > 0:
        return float(round(high, 6))
    return float(optimize.brentq(lack, low, high, xtol=1e-6))
