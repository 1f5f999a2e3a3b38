"""Permute labels among people who could have had each other's.

Labels are shuffled inside exchangeability blocks (Winkler 2015): the folds, which were
balanced by label; inside them the sites, so that a device cannot pass for a disease;
and of a contrast or of matched pairs the person or the pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from jaxtyping import Float

from neurograft.evaluation.crossvalidation import (
    MethodResult,
    gather_method,
    number_folds,
)
from neurograft.evaluation.sequential import permute_sequentially
from neurograft.evaluation.splits import Split
from neurograft.evaluation.statistics import permute_within_blocks
from neurograft.evaluation.tasks import Task
from neurograft.types import BoolArray, FloatArray, IntArray

# Labels to learn from, and the fold whose test rows are predicted.
Job = tuple[FloatArray, Split]


def permute_labels(
    task: Task, splits: list[Split], *, n_permutations: int, seed: int
) -> Float[np.ndarray, "n_permutations n_rows"]:
    """Shuffled labels of a task, for its first repeat."""
    return permute_within_blocks(
        task.labels,
        find_blocks(task, splits),
        n_permutations=n_permutations,
        rng=np.random.default_rng([seed, 6]),
    )


def find_blocks(task: Task, splits: list[Split]) -> IntArray:
    """Number of the exchangeability block of every row."""
    if task.is_within:
        return task.clusters
    folds = number_folds(splits, len(task.labels))[0]
    sites = pd.factorize(task.subjects["site"])[0]
    return np.asarray(np.unique(np.stack([folds, sites], 1), axis=0,
                                return_inverse=True)[1].ravel())  # fmt: skip


def permute_slowly(
    predict: Callable[[Sequence[Job]], Sequence[FloatArray]],
    result: MethodResult,
    permuted: FloatArray,
    splits: Sequence[Split],
    judged: BoolArray,
) -> MethodResult:
    """Add the primary metric under permuted labels, learned one label vector at a time.

    Stops where there is no effect (`permute_sequentially`), so that the metrics may be
    fewer than the label vectors; the p-value is that of `sequential_p_value`.

    Args:
        predict: Learns and predicts: `(n_test, n_outputs)` of every job.
        result: Of the real labels.
        permuted: Label vectors.
        splits: Folds; those of the first repeat are learned in.
        judged: Rows that count.
    """
    first = [split for split in splits if split.repeat == 0]
    found: list[float] = []

    def permute(start: int, stop: int) -> FloatArray:
        rows = range(start, stop)
        outputs = predict([(permuted[row], split) for row in rows for split in first])
        values = []
        for number, row in enumerate(rows):
            own = outputs[number * len(first) : (number + 1) * len(first)]
            gathered = gather_method(
                permuted[row],
                np.empty((0, permuted.shape[1])),
                first,
                [o[None] for o in own],
                result.question,
                judged,
            )
            values.append(gathered.observed)
        found.extend(values)
        return np.array(values)

    permute_sequentially(
        result.observed, permute, n_permutations=len(permuted), batch_size=10
    )
    return replace(result, permuted=np.array(found))
