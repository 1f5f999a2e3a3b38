"""Shuffle the labels of a task among the people who may exchange them."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.statistics.permutation import permute_within_blocks
from neurograft.tasks.splits import Split, number_folds
from neurograft.tasks.task import Task
from neurograft.types import IntArray


def permute_labels(
    task: Task, splits: list[Split], *, n_permutations: int, seed: int
) -> Float[np.ndarray, "n_permutations n_rows"]:
    """Return shuffled labels of a task, for its first repeat.

    Args:
        task: The task.
        splits: Its folds.
        n_permutations: Number of shuffles.
        seed: Seed of the shuffles.
    """
    return permute_within_blocks(
        task.labels,
        find_blocks(task, splits),
        n_permutations=n_permutations,
        rng=np.random.default_rng([seed, 6]),
    )


def find_blocks(task: Task, splits: list[Split]) -> IntArray:
    """Number the exchangeability block of every row, `(n_rows,)`."""
    if task.is_within:
        return task.clusters
    folds = number_folds(splits, len(task.labels))[0]
    sites = pd.factorize(task.subjects["site"])[0]
    return np.asarray(
        np.unique(np.stack([folds, sites], 1), axis=0, return_inverse=True)[1].ravel()
    )
