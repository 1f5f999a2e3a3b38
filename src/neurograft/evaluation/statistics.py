"""Resamples, permutations and many tests at once, at the level of people."""

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray

CONFIDENCE = 0.95


def draw_bootstrap_weights(
    strata: Int[np.ndarray, " n_subjects"],
    *,
    n_bootstraps: int,
    rng: np.random.Generator,
) -> Float[np.ndarray, "n_bootstraps n_subjects"]:
    """How often each subject is drawn in each resample, within strata.

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


def percentile_interval(values: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """Central 95 % of resampled values (Efron 1993, ch. 13); NaNs are left out."""
    tail = 50 * (1 - CONFIDENCE)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return float("nan"), float("nan")
    low, high = np.percentile(finite, [tail, 100 - tail])
    return float(low), float(high)


def permute_within_blocks(
    labels: FloatArray,
    blocks: Int[np.ndarray, " n_rows"],
    *,
    n_permutations: int,
    rng: np.random.Generator,
) -> Float[np.ndarray, "n_permutations n_rows"]:
    """Shuffle labels among the rows of each exchangeability block (Winkler 2015)."""
    permuted = np.repeat(labels[None], n_permutations, axis=0)
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block)
        permuted[:, members] = rng.permuted(permuted[:, members], axis=1)
    return permuted


def permutation_p_value(observed: float, permuted: FloatArray) -> float:
    """Share of permutations at least as good, the observed one counted (Phipson 2010).

    Args:
        observed: Statistic of the real labels; larger is better.
        permuted: Statistic of the permuted labels.
    """
    as_good = int((permuted >= observed - 1e-12).sum())
    return (1 + as_good) / (1 + len(permuted))


def holm(p_values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Adjust p-values for the number of tests (Holm 1979).

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    raised = np.maximum.accumulate(p_values[order] * factors)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(raised, 1)
    return adjusted


def say_p(p: float) -> str:
    """A p-value in words; it is never zero.

    Example:
        >>> say_p(0.0123), say_p(0.0001)
        ('p = 0.012', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.0005 else f"p = {p:.3f}"
