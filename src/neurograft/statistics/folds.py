"""Deal items into folds, and bin numbers so that folds can be balanced."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Num

from neurograft.types import IntArray

# Folds are balanced over at most this many quantile bins of a number. Chosen here:
# quintiles tell young from old, and a cohort of fifty still fills them in ten folds.
MAX_BINS = 5


def deal(
    keys: Sequence[Num[np.ndarray, " n_items"]],
    n_splits: int,
    rng: np.random.Generator,
) -> Int[np.ndarray, " n_items"]:
    """Return the fold of every item: sorted by the keys and given out in turn.

    Items that agree in every key are shuffled. The folds' sizes differ by at most one,
    and so do the numbers of any group of the first key in the folds.

    Args:
        keys: Numbers of the items, the most important key first.
        n_splits: Folds.
        rng: Decides ties, and which fold begins.
    """
    n_items = len(keys[0])
    order = np.lexsort((rng.permutation(n_items), *reversed(keys)))
    folds = np.empty(n_items, dtype=int)
    folds[order] = rng.permutation(n_splits)[np.arange(n_items) % n_splits]
    return folds


def bin_by_quantile(
    values: Float[np.ndarray, " n"], n_splits: int
) -> Int[np.ndarray, " n"]:
    """Return the quantile bin of every value; each bin has members for every fold."""
    n_bins = max(1, min(MAX_BINS, len(values) // n_splits))
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(ranks * n_bins // len(values))


def inner_folds(
    groups: Int[np.ndarray, " n"], *, n_inner: int, seed: int
) -> list[IntArray]:
    """Return the test rows `(n_test,)` of every inner fold; groups stay together.

    The folds depend on the groups and the seed, never on a label, so that permuted
    labels meet the same folds.

    Args:
        groups: Group of every row.
        n_inner: Folds; fewer if there are fewer groups.
        seed: Decides which groups are together.
    """
    names, number = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    parts = np.array_split(order, min(n_inner, len(names)))
    fold_of = np.empty(len(names), dtype=int)
    for fold, part in enumerate(parts):
        fold_of[part] = fold
    return [np.flatnonzero(fold_of[number] == fold) for fold in range(len(parts))]
