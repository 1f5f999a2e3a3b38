"""Deal items into folds, and bin numbers so that folds can be balanced."""

from collections.abc import Sequence

import numpy as np

from neurograft.types import FloatArray, IntArray

# Regression targets are balanced over at most so many quantile bins.
MAX_BINS = 5


def deal(
    keys: Sequence[FloatArray], n_splits: int, rng: np.random.Generator
) -> IntArray:
    """Fold of every item: sorted by the keys, ties shuffled, given out in turn.

    Args:
        keys: Most important first; each `(n_items,)`.
        n_splits: Folds.
        rng: Decides ties and which fold begins.
    """
    n_items = len(keys[0])
    order = np.lexsort((rng.permutation(n_items), *reversed(keys)))
    folds = np.empty(n_items, dtype=int)
    folds[order] = rng.permutation(n_splits)[np.arange(n_items) % n_splits]
    return folds


def bin_by_quantile(values: FloatArray, n_splits: int) -> IntArray:
    """Number of the quantile bin of every value; each bin can fill every fold."""
    n_bins = max(1, min(MAX_BINS, len(values) // n_splits))
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(ranks * n_bins // len(values))


def inner_folds(groups: IntArray, *, n_inner: int, seed: int) -> list[IntArray]:
    """Test rows of the inner folds, by group; they depend on no label, on the seed."""
    names, number = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    parts = np.array_split(order, min(n_inner, len(names)))
    return [np.flatnonzero(np.isin(number, part)) for part in parts]
