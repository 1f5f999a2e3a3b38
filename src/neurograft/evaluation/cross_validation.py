"""Run every fold of every task, spread over processes."""

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from neurograft.config.methods import Method
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.evaluation.results.person_tables import tabulate_choices
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, Progress, no_progress


def evaluate_fold(
    methods: Sequence[Method],
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    permuted: FloatArray,
    split: Split,
    question: Question,
) -> dict[str, FloatArray]:
    """Predict one fold's test rows; in the first repeat also for permuted labels.

    One thread, so that results do not depend on the machine's cores.

    Returns:
        By method, shape `(1 or 1 + n_permutations, n_test, n_outputs)`.
    """
    Y = labels[None]
    if split.repeat == 0:
        Y = np.concatenate([Y, permuted])
    with threadpool_limits(1):
        return predict_fold(methods, features, Y, split, question)


class TaskResults(NamedTuple):
    """What was found of one task.

    Attributes:
        full: By method, with all labels.
        few: By budget of labels and method.
        choices: Which adapter was chosen in every fold.
    """

    full: dict[str, MethodResult]
    few: dict[int, dict[str, MethodResult]]
    choices: pd.DataFrame


def cross_validate(
    prepared: Sequence[PreparedTask],
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> list[TaskResults]:
    """Run every fold of every task, spread over processes."""
    jobs: list[tuple[int, int, Split, FloatArray]] = []
    for number, one in enumerate(prepared):
        nothing = np.empty((0, len(one.task.labels)))
        jobs += [(number, 0, split, one.permuted) for split in one.splits]
        for budget, splits in one.few.items():
            jobs += [(number, budget, split, nothing) for split in splits]
    calls = (
        delayed(evaluate_fold)(
            prepared[number].choose_methods(few=bool(budget)),
            prepared[number].features,
            prepared[number].task.labels,
            permuted,
            split,
            prepared[number].question,
        )
        for number, budget, split, permuted in jobs
    )
    outputs: dict[tuple[int, int], list[dict[str, FloatArray]]] = {}
    with warnings.catch_warnings():
        # loky replaces a process that has grown and says so; it changes no result.
        warnings.filterwarnings("ignore", "A worker stopped while", UserWarning)
        found = Parallel(n_jobs=n_jobs, return_as="generator")(calls)
        for done, ((number, budget, _, _), output) in enumerate(
            zip(jobs, found, strict=True), start=1
        ):
            outputs.setdefault((number, budget), []).append(output)
            progress("evaluating folds", done, len(jobs))
    return [
        TaskResults(
            _gather(one, one.splits, one.permuted, outputs[number, 0]),
            {
                budget: _gather(one, splits, one.permuted[:0], outputs[number, budget])
                for budget, splits in one.few.items()
            },
            tabulate_choices(one.task, one.splits, outputs[number, 0]),
        )
        for number, one in enumerate(prepared)
    ]


def _gather(
    one: PreparedTask,
    splits: list[Split],
    permuted: FloatArray,
    outputs: Sequence[Mapping[str, FloatArray]],
) -> dict[str, MethodResult]:
    return {
        method.name: gather_method(
            one.task.labels,
            permuted,
            splits,
            [fold[method.name] for fold in outputs],
            one.question,
            one.judged,
        )
        for method in one.choose_methods(few=False)
        if method.name in outputs[0]
    }
