"""Tests of two methods on the same people, and of the same methods on several tasks."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from neurograft.types import BoolArray, FloatArray

# Differences of folds that are equal to this share of the largest are the same number,
# computed from other people. Chosen here: far above rounding, far below one rank.
EQUAL = 1e-12


class Equivalence(NamedTuple):
    """Evidence that two methods differ by less than a margin.

    Attributes:
        p: Two one-sided tests: p-value of a difference outside the margin.
        p_equal: Posterior probability that the difference lies within the margin.
        p_better: Posterior probability that it lies above.
        p_worse: Posterior probability that it lies below.
    """

    p: float
    p_equal: float
    p_better: float
    p_worse: float


def corrected_t_test(
    differences: Float[np.ndarray, " n_folds"],
    *,
    test_share: float,
    n_splits: int | None = None,
) -> float:
    """Test fold differences, corrected for shared training subjects.

    Nadeau and Bengio 2003, eq. 9: the variance of the mean is
    `(1 / n + n_test / n_train) s^2`. Repeats bring no new people, so that the degrees
    of freedom are those of one repeat: with `n - 1`, ten folds of two repeats on noise
    were significant in 7 % of runs (docs/statistics.md).

    Args:
        differences: Score of the first method minus that of the second, for every
            fold and repeat.
        test_share: `n_test / n_train`.
        n_splits: Folds of a repeat; None, all folds are of the same repeat.

    Returns:
        Two-sided p-value. Where all folds have the same difference, as where few people
        give the same ranks, its spread is unknown: that of the sign test for the folds
        of one repeat, which is .0625 for five and .5 for two.
    """
    mean, error, freedom = _corrected_mean(differences, test_share, n_splits)
    if error == 0:
        return 1.0 if mean == 0 else float(2 * 0.5 ** (freedom + 1))
    return float(2 * stats.t.sf(abs(mean / error), freedom))


def judge_equivalence(
    differences: Float[np.ndarray, " n_folds"],
    *,
    test_share: float,
    margin: float,
    n_splits: int | None = None,
) -> Equivalence:
    """Judge whether a difference is small enough not to matter.

    Two one-sided tests (Schuirmann 1987) with the corrected variance, and the Bayesian
    correlated t-test (Benavoli 2017, eq. 8), whose posterior is a t distribution with
    the same mean, variance and degrees of freedom.

    Args:
        differences: Score of the first method minus that of the second, for every
            fold and repeat.
        test_share: `n_test / n_train`.
        margin: Largest difference that does not matter, positive.
        n_splits: Folds of a repeat; None, all folds are of the same repeat.

    Returns:
        The evidence. Where all folds have the same difference, as where few people
        give the same ranks, its spread is unknown: p is 1 and the rest is NaN.
    """
    mean, error, freedom = _corrected_mean(differences, test_share, n_splits)
    if error == 0:
        return Equivalence(1.0, np.nan, np.nan, np.nan)
    posterior = stats.t(freedom, loc=mean, scale=error)
    worse, not_better = posterior.cdf(-margin), posterior.cdf(margin)
    return Equivalence(
        p=float(max(worse, 1 - not_better)),
        p_equal=float(not_better - worse),
        p_better=float(1 - not_better),
        p_worse=float(worse),
    )


def _corrected_mean(
    differences: FloatArray, test_share: float, n_splits: int | None
) -> tuple[float, float, int]:
    """Return the mean difference, its corrected error, and the degrees of freedom."""
    n = len(differences)
    freedom = (n if n_splits is None else min(n, n_splits)) - 1
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    # Equal differences that were computed from other people differ by rounding.
    rounding = EQUAL * float(np.abs(differences).max())
    error = np.sqrt(1 / n + test_share) * spread if spread > rounding else 0.0
    return mean, float(error), freedom


def delong_test(
    labels: Float[np.ndarray, " n"],
    scores: Float[np.ndarray, " n"],
    others: Float[np.ndarray, " n"],
) -> tuple[float, float]:
    """Return the difference of two areas under the ROC curve, and its p-value.

    Two-sided (DeLong 1988); placements are computed from ranks (Sun and Xu 2014). It
    takes people as independent, which cross-validated scores are not. The p-value is 1
    where everybody is placed alike, so that the spread is unknown.

    Args:
        labels: 0 and 1.
        scores: Scores of the first method; larger for cases.
        others: Scores of the second method.
    """
    is_case = labels == 1
    placed = [_place(values, is_case) for values in (scores, others)]
    of_cases = placed[0][0] - placed[1][0]
    of_controls = placed[0][1] - placed[1][1]
    difference = float(of_cases.mean())
    variance = of_cases.var(ddof=1) / len(of_cases) + of_controls.var(ddof=1) / len(
        of_controls
    )
    if variance == 0:
        return difference, 1.0
    return difference, float(2 * stats.norm.sf(abs(difference) / np.sqrt(variance)))


def _place(scores: FloatArray, is_case: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of controls below each case, and of cases above each control."""
    ranks = stats.rankdata(scores)
    cases, controls = scores[is_case], scores[~is_case]
    below = (ranks[is_case] - stats.rankdata(cases)) / len(controls)
    above = 1 - (ranks[~is_case] - stats.rankdata(controls)) / len(cases)
    return below, above


def mcnemar_test(
    correct: Bool[np.ndarray, " n"], others: Bool[np.ndarray, " n"]
) -> float:
    """Test whether two methods err equally often, exactly (McNemar 1947).

    Args:
        correct: Whether the first method was right, by person.
        others: Whether the second method was right.

    Returns:
        Two-sided p-value; 1 if the methods are right for the same people.
    """
    n_first, n_apart = int((correct & ~others).sum()), int((correct != others).sum())
    return float(stats.binomtest(n_first, n_apart).pvalue) if n_apart else 1.0
