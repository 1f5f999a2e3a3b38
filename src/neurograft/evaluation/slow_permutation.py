"""Permute labels among people who could have had each other's.

Labels are shuffled inside exchangeability blocks (Winkler 2015): the folds, which were
balanced by label; inside them the sites, so that a device cannot pass for a disease;
and of a contrast or of matched pairs the person or the pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.statistics.permutation import permute_sequentially
from neurograft.tasks.splits import Split
from neurograft.types import BoolArray, FloatArray

# Labels to learn from, and the fold whose test rows are predicted.
Job = tuple[FloatArray, Split]


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
