"""Permutation tests: exchange labels within blocks, and stop when enough is known."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

# A sequential test stops after this many permutations that were as good as the real
# labels. Chosen here: the standard error of p is then about p / sqrt(20), a fifth of p.
ENOUGH = 20
# Statistics that differ by less than this count as equal: rounding errors of sums in
# another order are of the size of 1e-15.
TIE = 1e-12


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
