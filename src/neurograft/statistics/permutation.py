"""Permutation tests: exchange labels within blocks, and stop when enough is known."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray

# Permutations as good as the real labels after which nothing more can be learned.
ENOUGH = 20


class SequentialTest(NamedTuple):
    """A permutation test and how far it went.

    Attributes:
        p: P-value.
        n_permutations: Permutations that were tried.
        permuted: The statistics of these, `(n_permutations,)`.
    """

    p: float
    n_permutations: int
    permuted: FloatArray


def permute_sequentially(
    observed: float,
    permute: Callable[[int, int], FloatArray],
    *,
    n_permutations: int,
    batch_size: int = 100,
    enough: int = ENOUGH,
) -> SequentialTest:
    """Permute until `enough` permutations were as good as the real labels.

    Besag and Clifford 1991: if the h-th one as good comes at permutation m, the p-value
    is `h / m`; if it never comes in n, `(1 + g) / (1 + n)`. Both are exact. A method
    without an effect costs some tens of permutations, one with an effect all of them.

    Args:
        observed: Statistic of the real labels; larger is better.
        permute: Gives the statistics of permutations `first` to `last`, without `last`;
            they must not depend on how they are cut into batches.
        n_permutations: At most.
        batch_size: Permutations asked for at once.
        enough: See above.
    """
    found = np.empty(0)
    while len(found) < n_permutations:
        first = len(found)
        last = min(first + batch_size, n_permutations)
        found = np.concatenate([found, permute(first, last)])
        p = sequential_p_value(observed, found, enough=enough)
        if p.n_permutations < len(found) or (found >= observed).sum() >= enough:
            return p
    return sequential_p_value(observed, found, enough=enough)


def sequential_p_value(
    observed: float, permuted: FloatArray, *, enough: int = ENOUGH
) -> SequentialTest:
    """P-value of permutations in the order in which they came, as in Besag 1991."""
    is_as_good = permuted >= observed - 1e-12
    counted = np.cumsum(is_as_good)
    if len(counted) and counted[-1] >= enough:
        last = int(np.argmax(counted >= enough)) + 1
        return SequentialTest(enough / last, last, permuted[:last])
    n = len(permuted)
    return SequentialTest((1 + int(is_as_good.sum())) / (1 + n), n, permuted)


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
