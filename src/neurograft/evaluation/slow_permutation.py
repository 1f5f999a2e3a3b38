"""Permute the labels of methods that learn from one label vector at a time.

Labels are shuffled inside exchangeability blocks (Winkler 2015): the folds, which were
balanced by label; inside them the sites, so that a device cannot pass for a disease;
and of a contrast or of matched pairs the person or the pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from joblib import Parallel, delayed

from neurograft.config.methods import Method
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.methods.fold import predict_slowly
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.statistics.permutation import permute_sequentially
from neurograft.tasks.splits import Split
from neurograft.types import BoolArray, FloatArray

# Labels to learn from, and the fold whose test rows are predicted.
Job = tuple[FloatArray, Split]
Predict = Callable[[Sequence[Job]], Sequence[FloatArray]]
# Chosen here: label vectors that are learned between two looks at the p-value.
BATCH_SIZE = 10


def permute_slow_methods(
    prepared: PreparedTask,
    evaluated: EvaluatedTask,
    *,
    n_permutations: int,
    n_jobs: int = 1,
) -> EvaluatedTask:
    """Return the task with permutations of its slow learners.

    Args:
        prepared: The task as it was evaluated.
        evaluated: Its results.
        n_permutations: At most; 0 leaves the results as they are.
        n_jobs: Processes.
    """
    slow = [
        method
        for method in prepared.choose_methods(few=False)
        if not method.is_linear and method.name in evaluated.full
        if method.learner != "dummy"
    ]
    if not n_permutations:
        return evaluated
    permuted = {
        method.name: permute_slowly(
            partial(_predict_labels, prepared, method, n_jobs),
            evaluated.full[method.name],
            prepared.permuted[:n_permutations],
            prepared.splits,
            prepared.question,
            prepared.judged,
        )
        for method in slow
    }
    return replace(evaluated, full=evaluated.full | permuted)


def _predict_labels(
    prepared: PreparedTask, method: Method, n_jobs: int, jobs: Sequence[Job]
) -> list[FloatArray]:
    """Predict the test rows of every job with a slow learner."""
    predicted: list[FloatArray] = Parallel(n_jobs=n_jobs)(
        delayed(predict_slowly)(
            method, prepared.features, labels, split, prepared.question
        )
        for labels, split in jobs
    )
    return predicted


def permute_slowly(
    predict: Predict,
    result: MethodResult,
    permuted: FloatArray,
    splits: Sequence[Split],
    question: Question,
    judged: BoolArray,
) -> MethodResult:
    """Add the primary metric under permuted labels, one label vector at a time.

    Stops where there is no effect (`permute_sequentially`), so that the metrics may be
    fewer than the label vectors; the p-value is that of `sequential_p_value`.

    Args:
        predict: Learns and predicts: `(n_test, n_outputs)` of every job.
        result: Of the real labels.
        permuted: Label vectors, `(n_permutations, n_rows)`.
        splits: Folds; those of the first repeat are learned in.
        question: What is asked.
        judged: Rows that count, `(n_rows,)`.
    """
    first = [split for split in splits if split.repeat == 0]

    def permute(start: int, stop: int) -> FloatArray:
        labels = permuted[start:stop]
        outputs = iter(predict([(y, split) for y in labels for split in first]))
        return np.array(
            [
                gather_method(
                    y,
                    np.empty((0, len(y))),
                    first,
                    [next(outputs)[None] for _ in first],
                    question,
                    judged,
                ).observed
                for y in labels
            ]
        )

    test = permute_sequentially(
        result.observed, permute, n_permutations=len(permuted), batch_size=BATCH_SIZE
    )
    return replace(result, permuted=test.permuted)
