"""Bayes factors: evidence for a difference and, unlike a p-value, evidence for none."""

import numpy as np
from scipy import integrate, special

# Scale of the Cauchy prior on the effect size: "medium" (Morey 2015).
PRIOR_SCALE = np.sqrt(2) / 2


def t_test_bayes_factor(
    t: float, n: int, n_other: int | None = None, *, scale: float = float(PRIOR_SCALE)
) -> float:
    """Return how much likelier the data are under a difference than under none.

    Jeffreys-Zellner-Siow prior (Rouder 2009, eq. 1 and its two-sample form).

    Args:
        t: The t statistic.
        n: People in the first group, or pairs.
        n_other: People in the second group; None for pairs.
        scale: Scale of the Cauchy prior on the standardised effect.

    Returns:
        The factor; infinite where groups are so far apart that no number holds it.

    Example:
        >>> round(t_test_bayes_factor(3.5, 20, 20), 2)
        26.74
    """
    size = float(n) if n_other is None else n * n_other / (n + n_other)
    freedom = n - 1 if n_other is None else n + n_other - 2

    def weigh(g: float) -> float:
        spread = 1 + size * g * scale**2
        return float(
            spread**-0.5
            * (1 + t**2 / (spread * freedom)) ** (-(freedom + 1) / 2)
            * (2 * np.pi) ** -0.5
            * g**-1.5
            * np.exp(-1 / (2 * g))
        )

    under_effect = integrate.quad(weigh, 0, np.inf)[0]
    under_none = (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
    return float(under_effect / under_none) if under_none > 0 else float("inf")


def correlation_bayes_factor(r: float, n: int) -> float:
    """Return how much likelier the data are under a correlation than under none.

    The prior on the correlation is flat. Exact (Ly 2016, eq. 25, with kappa = 1).

    Args:
        r: Pearson's correlation.
        n: People.

    Example:
        >>> round(correlation_bayes_factor(0.6, 20), 2)
        10.63
    """
    log_ratio = (
        0.5 * np.log(np.pi)
        - np.log(2)
        + special.gammaln((n + 1) / 2)
        - special.gammaln((n + 2) / 2)
    )
    shape = special.hyp2f1((n - 1) / 2, (n - 1) / 2, (n + 2) / 2, r**2)
    return float(np.exp(log_ratio) * shape)
