"""Outer folds: by subject, stratified, repeated."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from neurograft.evaluation.leakage import check_no_leakage
from neurograft.types import FloatArray, IntArray

# Regression targets are stratified by quantile bins of about this many folds' worth.
MAX_BINS = 5


class Split(NamedTuple):
    """One fold of one repeat: rows to learn from, rows to predict."""

    repeat: int
    fold: int
    train: IntArray
    test: IntArray


def make_splits(
    labels: FloatArray,
    groups: Sequence[str],
    *,
    is_classification: bool,
    n_splits: int,
    n_repeats: int,
    seed: int,
) -> list[Split]:
    """Cut subjects into folds, anew for every repeat.

    Args:
        labels: Classes, or numbers that are stratified by quantile.
        groups: Subject of every row; rows of one subject stay together.
        is_classification: Whether labels are classes.
        n_splits: Folds.
        n_repeats: Repeats.
        seed: Decides the folds.

    Raises:
        LeakageError: If a subject would be on both sides.
    """
    strata = (
        labels.astype(int) if is_classification else bin_by_quantile(labels, n_splits)
    )
    names = np.asarray(groups)
    splits = []
    for repeat in range(n_repeats):
        state = int(np.random.default_rng([seed, repeat]).integers(2**31))
        cutter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=state)
        folds = cutter.split(np.zeros(len(labels)), strata, names)
        for fold, (train, test) in enumerate(folds):
            check_no_leakage(names[train], names[test])
            splits.append(Split(repeat, fold, train, test))
    return splits


def bin_by_quantile(values: FloatArray, n_splits: int) -> IntArray:
    """Number of the quantile bin of every value; each bin can fill every fold."""
    n_bins = max(1, min(MAX_BINS, len(values) // n_splits))
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(ranks * n_bins // len(values))
