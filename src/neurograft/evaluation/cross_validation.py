"""Run every fold of every task, spread over processes.

A fold is the unit of work: methods that share features share what is fitted to them,
and the permuted labels are fitted in the same solve as the real ones.
"""

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import ThreadpoolController

from neurograft.config.methods import Method
from neurograft.evaluation.evaluated_task import EvaluatedTask, Learned
from neurograft.evaluation.method_result import (
    MethodResult,
    count_people,
    gather_method,
)
from neurograft.evaluation.methods.fold import FoldOutput, predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.tasks.splits import Split, number_folds
from neurograft.types import FloatArray, Progress, no_progress


def evaluate_fold(
    methods: Sequence[Method],
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    permuted: FloatArray,
    split: Split,
    question: Question,
) -> FoldOutput:
    """Predict one fold's test rows; in the first repeat also for permuted labels.

    One thread, so that results do not depend on the machine's cores.

    Args:
        methods: Methods that learn from features.
        features: By feature set, `(n_rows, ...)`.
        labels: Shape `(n_rows,)`.
        permuted: Shape `(n_permutations, n_rows)`.
        split: The fold.
        question: What is asked.
    """
    Y = labels[None]
    if split.repeat == 0:
        Y = np.concatenate([Y, permuted])
    with _find_pools(len(sys.modules)).limit(limits=1):
        return predict_fold(methods, features, Y, split, question)


@lru_cache(maxsize=1)
def _find_pools(n_modules: int) -> ThreadpoolController:  # noqa: ARG001
    """Find the pools of threads, again only after an import that may bring one more.

    Looking for them takes as long as a small fold.
    """
    return ThreadpoolController()


def cross_validate(
    prepared: Sequence[PreparedTask],
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> list[EvaluatedTask]:
    """Run every fold of every task with the methods that learn from features."""
    jobs = list(_list_jobs(prepared))
    calls = (
        delayed(evaluate_fold)(
            prepared[number].choose_methods(few=bool(n_labelled)),
            prepared[number].features,
            prepared[number].task.labels,
            permuted,
            split,
            prepared[number].question,
        )
        for number, n_labelled, split, permuted in jobs
    )
    outputs: dict[tuple[int, int], list[FoldOutput]] = {}
    with warnings.catch_warnings():
        # loky replaces a process that has grown and says so; it changes no result.
        warnings.filterwarnings("ignore", "A worker stopped while", UserWarning)
        found = Parallel(n_jobs=n_jobs, return_as="generator")(calls)
        for done, ((number, n_labelled, _, _), output) in enumerate(
            zip(jobs, found, strict=True), start=1
        ):
            outputs.setdefault((number, n_labelled), []).append(output)
            progress("evaluating folds", done, len(jobs))
    return [
        _put_together(
            one, {n: output for (own, n), output in outputs.items() if own == number}
        )
        for number, one in enumerate(prepared)
    ]


def _list_jobs(
    prepared: Sequence[PreparedTask],
) -> Iterator[tuple[int, int, Split, FloatArray]]:
    """List the folds of every task: its number, labels of each class (0: all)."""
    for number, one in enumerate(prepared):
        for split in one.splits:
            yield number, 0, split, one.permuted
        for n_labelled, splits in one.few.items():
            for split in splits:
                yield number, n_labelled, split, one.permuted[:0]


def _put_together(
    one: PreparedTask, outputs: Mapping[int, Sequence[FoldOutput]]
) -> EvaluatedTask:
    """Put the folds of a task together; 0 stands for all labels."""
    refused = _collect_refused(outputs)
    return EvaluatedTask(
        task=one.task,
        full=_gather(one, one.splits, one.permuted, outputs[0]),
        few={
            n_labelled: _gather(one, splits, one.permuted[:0], outputs[n_labelled])
            for n_labelled, splits in one.few.items()
        },
        folds=number_folds(one.splits, len(one.task.labels)),
        sizes=count_people(one.splits, one.judged, one.task.clusters),
        factors=one.factors,
        facts=replace(one, not_run=one.not_run | refused).describe(),
        choices=list_choices(one.splits, outputs[0]),
        learned={
            n_labelled: list_learned(splits, len(one.task.labels))
            for n_labelled, splits in one.few.items()
        },
    )


def list_learned(splits: Sequence[Split], n_rows: int) -> Learned:
    """List whom each split learned from.

    Args:
        splits: Draws of few labelled people.
        n_rows: Rows of the task.
    """
    is_learned = np.zeros((len(splits), n_rows), dtype=bool)
    for row, split in zip(is_learned, splits, strict=True):
        row[split.train] = True
    repeats, folds = (
        np.array([getattr(split, name) for split in splits], dtype=int)
        for name in ("repeat", "fold")
    )
    return Learned(repeats, folds, is_learned)


def _collect_refused(outputs: Mapping[int, Sequence[FoldOutput]]) -> dict[str, str]:
    """Collect why methods learned nothing: with all labels, or at a few only."""
    found: dict[str, str] = {}
    for n_labelled, folds in sorted(outputs.items()):
        for name, why in (item for fold in folds for item in fold.refused.items()):
            if name not in found:
                at = f"{name} with {n_labelled} labels" if n_labelled else name
                found.setdefault(at, why)
    return found


def _gather(
    one: PreparedTask,
    splits: list[Split],
    permuted: FloatArray,
    outputs: Sequence[FoldOutput],
) -> dict[str, MethodResult]:
    return {
        method.name: gather_method(
            one.task.labels,
            permuted,
            splits,
            [fold.predicted[method.name] for fold in outputs],
            one.question,
            one.judged,
        )
        for method in one.choose_methods(few=False)
        if all(method.name in fold.predicted for fold in outputs)
    }


def list_choices(
    splits: Sequence[Split], outputs: Sequence[FoldOutput]
) -> pd.DataFrame:
    """List the adapter chosen in every fold, and the shares of every blend's parts."""
    rows = [
        {
            "features": name,
            "repeat": split.repeat,
            "split": split.fold,
            "chosen": chosen or "as it is",
            "share": share,
        }
        for split, output in zip(splits, outputs, strict=True)
        for name, chosen, share in (
            *((block, taken, 1.0) for block, taken in output.chosen.items()),
            *(
                (b, part, s)
                for b, own in output.shares.items()
                for part, s in own.items()
            ),
        )
    ]
    return pd.DataFrame(rows)
