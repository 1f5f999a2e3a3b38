"""Shuffle the labels of a task among the people who may exchange them."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.statistics.permutation import permute_within_blocks
from neurograft.tasks.splits import Split, number_folds
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, IntArray


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
        find_blocks(task, number_folds(splits, len(task.labels))[0]),
        n_permutations=n_permutations,
        rng=np.random.default_rng([seed, 6]),
    )


def find_blocks(task: Task, folds: IntArray) -> IntArray:
    """Number the exchangeability block of every row, `(n_rows,)`.

    Labels are exchanged among people of one fold and site, so that a difference between
    sites is no difference between groups; among those who are judged, and among the
    others. Where the site is the label itself, sites exchange it.

    Args:
        task: The task.
        folds: Fold of every row in the first repeat, `(n_rows,)`.
    """
    if task.is_within:
        return task.clusters
    sites = pd.factorize(task.subjects["site"])[0]
    if task.target == "site":
        sites = np.zeros(len(folds), dtype=int)
    judged = task.subjects["is_reference"].to_numpy(dtype=int)
    rows = np.stack([folds, sites, judged], axis=1)
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1].ravel())


class Exchangeable(NamedTuple):
    """People whose labels a permutation test can exchange.

    Attributes:
        rows: Mask of the rows in a block with several labels, `(n_rows,)`.
        log_arrangements: Natural logarithm of the number of different shuffles.
    """

    rows: BoolArray
    log_arrangements: float

    @property
    def smallest_p(self) -> float:
        """Return the smallest p-value that all shuffles together could give."""
        return math.exp(-min(self.log_arrangements, 700.0))


def find_exchangeable(task: Task, folds: IntArray) -> Exchangeable:
    """Find whose labels can be exchanged; of those tested and judged.

    Args:
        task: The task.
        folds: Fold of every row in the first repeat; -1 where it was not tested.
    """
    tested = (folds >= 0) & task.subjects["is_reference"].to_numpy(dtype=bool)
    blocks, labels = find_blocks(task, folds), task.labels
    rows, total = np.zeros(len(labels), dtype=bool), 0.0
    for block in np.unique(blocks[tested]):
        members = tested & (blocks == block)
        counts = np.unique(labels[members], return_counts=True)[1]
        if len(counts) > 1:
            rows |= members
            total += math.lgamma(counts.sum() + 1)
            total -= sum(math.lgamma(count + 1) for count in counts)
    return Exchangeable(rows, total)
