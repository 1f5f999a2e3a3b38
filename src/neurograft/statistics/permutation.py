"""Permutation tests: exchange labels within blocks, and stop when enough is known."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from neurograft.types import FloatArray

# A sequential test stops after this many permutations that were as good as the real
# labels. Chosen here: the standard error of p is then about p / sqrt(20), a fifth of p.
ENOUGH = 20
# Statistics that differ by less than this count as equal: rounding errors of sums in
# another order are of the size of 1e-15.
TIE = 1e-12


class MaxTest(NamedTuple):
    """A test of many features at once, corrected for their number.

    Attributes:
        t: Statistic by feature; 0 where a feature does not vary, NaN where a group has
            fewer than two members.
        p: P-value by feature, corrected over all features; NaN with `t`.
    """

    t: Float[np.ndarray, " n_features"]
    p: Float[np.ndarray, " n_features"]


class SequentialTest(NamedTuple):
    """P-value of a permutation test that may have stopped early.

    Attributes:
        p: P-value.
        n_permutations: Permutations that were tried.
        permuted: The statistics of these, `(n_permutations,)`.
    """

    p: float
    n_permutations: int
    permuted: Float[np.ndarray, " n_permutations"]


def permute_sequentially(
    observed: float,
    permute: Callable[[int, int], Float[np.ndarray, " n_asked"]],
    *,
    n_permutations: int,
    batch_size: int = 100,
    enough: int = ENOUGH,
) -> SequentialTest:
    """Permute until `enough` permutations were as good as the real labels.

    Besag and Clifford 1991: if the h-th permutation that is as good is the m-th tried,
    the p-value is `h / m`; if g < h of all n are as good, it is `(1 + g) / (1 + n)`.
    Both are exact. A method without an effect costs some tens of permutations, a method
    with an effect all of them.

    Args:
        observed: Statistic of the real labels; larger is better.
        permute: Gives the statistics of permutations `first` to `last`, without `last`;
            they must not depend on how they are cut into batches.
        n_permutations: Permutations at most.
        batch_size: Permutations asked for at once.
        enough: The h above.
    """
    tried = np.empty(0)
    while len(tried) < n_permutations and _count(observed, tried) < enough:
        last = min(len(tried) + batch_size, n_permutations)
        tried = np.concatenate([tried, permute(len(tried), last)])
    return sequential_p_value(observed, tried, enough=enough)


def sequential_p_value(
    observed: float, permuted: Float[np.ndarray, " n"], *, enough: int = ENOUGH
) -> SequentialTest:
    """Return the p-value of permutations in the order in which they were tried.

    Source: Besag and Clifford 1991, as in `permute_sequentially`.

    Args:
        observed: Statistic of the real labels; larger is better.
        permuted: Statistics of the permutations, the first tried first.
        enough: Permutations as good as the real labels after which the test stops.
    """
    counted = np.cumsum(permuted >= observed - TIE)
    if len(counted) and counted[-1] >= enough:
        last = int(np.argmax(counted >= enough)) + 1
        return SequentialTest(enough / last, last, permuted[:last])
    p = permutation_p_value(observed, permuted)
    return SequentialTest(p, len(permuted), permuted)


def permute_within_blocks(
    labels: Shaped[np.ndarray, " n_rows"],
    blocks: Int[np.ndarray, " n_rows"] | None = None,
    *,
    n_permutations: int,
    rng: np.random.Generator,
) -> Shaped[np.ndarray, "n_permutations n_rows"]:
    """Shuffle labels among the rows of each exchangeability block (Winkler 2015).

    Args:
        labels: Label of every row, of any type.
        blocks: Block of every row; None, all rows may be exchanged.
        n_permutations: Shuffled copies.
        rng: Source of randomness.
    """
    permuted = np.repeat(labels[None], n_permutations, axis=0)
    blocks = np.zeros(len(labels), dtype=int) if blocks is None else blocks
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block)
        permuted[:, members] = rng.permuted(permuted[:, members], axis=1)
    return permuted


def permutation_p_value(observed: float, permuted: Float[np.ndarray, " n"]) -> float:
    """Return the share of permutations at least as good as the real labels.

    The real labels count among the permutations, so that p is never 0 (Phipson 2010).

    Args:
        observed: Statistic of the real labels; larger is better.
        permuted: Statistic of the permuted labels.
    """
    return (1 + _count(observed, permuted)) / (1 + len(permuted))


def _count(observed: float, permuted: Float[np.ndarray, " n"]) -> int:
    """Return how many permutations are at least as good as the real labels."""
    return int((permuted >= observed - TIE).sum())


def shuffle_groups(
    values: Float[np.ndarray, "n_rows n_features"],
    is_second: Shaped[np.ndarray, " n_rows"],
    blocks: Int[np.ndarray, " n_rows"] | None = None,
    *,
    n_permutations: int,
    rng: np.random.Generator,
) -> MaxTest:
    """Compare two groups in many features by the largest Welch t of shuffled labels.

    The largest absolute t over all features of each shuffle is the scale of every
    feature, which bounds the chance of any false finding (Westfall and Young 1993;
    Nichols and Holmes 2002).

    Args:
        values: Of people.
        is_second: Whether a person is of the second group; t is above 0 where it has
            the larger mean.
        blocks: Labels are exchanged within these only; None, among all.
        n_permutations: Shuffles.
        rng: Source of randomness.
    """
    labels = is_second.astype(float)
    shuffled = permute_within_blocks(
        labels, blocks, n_permutations=n_permutations, rng=rng
    )
    centred = values - values.mean(0)
    observed = _find_welch_t(labels[None], centred)[0]
    return _correct(observed, np.abs(_find_welch_t(shuffled, centred)).max(1))


def flip_signs(
    differences: Float[np.ndarray, "n_pairs n_features"],
    *,
    n_permutations: int,
    rng: np.random.Generator,
) -> MaxTest:
    """Test whether many differences of pairs are 0, by the largest t of other signs.

    Args:
        differences: Second minus first of every pair.
        n_permutations: Draws of signs.
        rng: Source of randomness.
    """
    n = len(differences)
    signs = rng.choice([-1.0, 1.0], size=(n_permutations, n))
    squares = (differences**2).sum(0)

    def find_t(drawn: Float[np.ndarray, "n_draws n_pairs"]) -> FloatArray:
        means = drawn @ differences / n
        return _divide(means, (squares / n - means**2) / max(n - 1, 0.5))

    observed = find_t(np.ones((1, n)))[0]
    if n < 2:
        observed = np.full(len(observed), np.nan)
    return _correct(observed, np.abs(find_t(signs)).max(1))


def shuffle_answers(
    answers: Float[np.ndarray, " n_rows"],
    values: Float[np.ndarray, "n_rows n_features"],
    blocks: Int[np.ndarray, " n_rows"] | None = None,
    *,
    centring: Float[np.ndarray, "n_rows n_rows"] | None = None,
    n_permutations: int,
    rng: np.random.Generator,
) -> MaxTest:
    """Correlate answers with many features by the largest r of shuffled answers.

    Where something was taken off answers and features, such as the means of folds, it
    is taken off the shuffled answers once more: else they vary in more directions than
    the real ones, and too much is found (Freedman and Lane 1983; Winkler 2014).

    Args:
        answers: A number of every row.
        values: Features of the same rows.
        blocks: Answers are exchanged within these only; None, among all.
        centring: Matrix that took it off both; None, nothing was taken off.
        n_permutations: Shuffles.
        rng: Source of randomness.

    Returns:
        `t` holds the correlations.
    """
    shuffled = permute_within_blocks(
        answers, blocks, n_permutations=n_permutations, rng=rng
    )
    centred = values - values.mean(0)
    square = (centred**2).sum(0)

    def find_r(drawn: Float[np.ndarray, "n_draws n_rows"]) -> FloatArray:
        drawn = drawn - drawn.mean(1, keepdims=True)
        return _divide(drawn @ centred, (drawn**2).sum(1, keepdims=True) * square)

    if centring is not None:
        shuffled = shuffled @ centring.T
    observed = find_r(answers[None])[0]
    return _correct(observed, np.abs(find_r(shuffled)).max(1))


def _find_welch_t(
    labels: Float[np.ndarray, "n_draws n_rows"],
    values: Float[np.ndarray, "n_rows n_features"],
) -> FloatArray:
    """Return Welch's t, `(n_draws, n_features)`; NaN where a group has below two."""
    n = labels.sum(1, keepdims=True)
    n_other = labels.shape[1] - n
    if min(n.min(), n_other.min()) < 2:
        return np.full((len(labels), values.shape[1]), np.nan)
    sums, squares = labels @ values, labels @ values**2
    mean, mean_other = sums / n, (values.sum(0) - sums) / n_other
    variance = (squares - n * mean**2) / (n - 1)
    rest = (values**2).sum(0) - squares
    variance_other = (rest - n_other * mean_other**2) / (n_other - 1)
    return _divide(mean - mean_other, variance / n + variance_other / n_other)


def _divide(difference: FloatArray, variance: FloatArray) -> FloatArray:
    """Return differences over their standard errors; 0 where nothing varies."""
    scale = np.sqrt(np.maximum(variance, 0))
    varies = scale > TIE * (1 + np.abs(difference).max(initial=0))
    return np.where(varies, difference / np.where(varies, scale, 1), 0.0)


def _correct(
    observed: Float[np.ndarray, " n_features"],
    largest: Float[np.ndarray, " n_permutations"],
) -> MaxTest:
    """Return p-values against the largest statistics of the shuffles."""
    known = ~np.isnan(observed)
    p = np.full(len(observed), np.nan)
    p[known] = [permutation_p_value(t, largest) for t in np.abs(observed[known])]
    return MaxTest(observed, p)
