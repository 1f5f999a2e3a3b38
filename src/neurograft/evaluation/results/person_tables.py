"""Tables of an evaluation: who was predicted how, and what was asked of whom."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.methods.adapter_choice import CANDIDATES
from neurograft.evaluation.methods.fold import CHOICE
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.leak_guard import find_order
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task
from neurograft.types import FloatArray


def tabulate_predictions(
    task: Task, results: Mapping[str, MethodResult]
) -> pd.DataFrame:
    """One row per person, method and repeat: every statistic can be redone from it.

    Of more than two groups, `score` is the probability of the group predicted, and
    `score_<group>` that of each.
    """
    parts = []
    for method, result in results.items():
        p: Predictions = result.predictions
        n_repeats, n_rows = p.folds.shape
        flat = p.scores.reshape(n_repeats * n_rows, -1)
        table = pd.DataFrame(
            {
                "task": task.name,
                "method": method,
                "repeat": np.repeat(np.arange(n_repeats), n_rows),
                "split": p.folds.ravel(),
                "cohort": np.tile(task.subjects["cohort"], n_repeats),
                "participant_id": np.tile(task.subjects["participant_id"], n_repeats),
                "view": np.tile(task.subjects["view"], n_repeats),
                "label": np.tile(p.labels, n_repeats),
                "score": flat.max(1) if flat.shape[1] > 1 else flat[:, 0],
                "decision": p.decisions.ravel(),
            }
        )
        if flat.shape[1] > 1:
            for name, column in zip(task.classes, flat.T, strict=True):
                table[f"score_{name}"] = column
        parts.append(table[table["score"].notna()])
    return pd.concat(parts, ignore_index=True)


def tabulate_folds(task: Task, results: Mapping[str, MethodResult]) -> pd.DataFrame:
    """Primary metric (larger is better) of every repeat and fold."""
    parts = []
    for method, result in results.items():
        n_splits = len(result.fold_scores) // result.n_repeats
        parts.append(
            pd.DataFrame(
                {
                    "task": task.name,
                    "method": method,
                    "repeat": np.repeat(np.arange(result.n_repeats), n_splits),
                    "split": np.tile(np.arange(n_splits), result.n_repeats),
                    "score": result.fold_scores,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def tabulate_choices(
    task: Task, splits: Sequence[Split], outputs: Sequence[Mapping[str, FloatArray]]
) -> pd.DataFrame:
    """Which adapter was chosen in every fold, where one was to be chosen.

    Returns:
        `task`, `features` with the rule after the @, `repeat`, `split`, `chosen`; no
        rows where nothing was chosen.
    """
    rows = [
        {
            "task": task.name,
            "features": name.removeprefix(CHOICE),
            "repeat": split.repeat,
            "split": split.fold,
            "chosen": CANDIDATES[int(number[0, 0, 0])] or "as it is",
        }
        for split, output in zip(splits, outputs, strict=True)
        for name, number in output.items()
        if name.startswith(CHOICE)
    ]
    return pd.DataFrame(rows)


def tabulate_subjects(task: Task) -> pd.DataFrame:
    """Who is in the task with which label, and why others are not."""
    columns = [
        "task",
        "cohort",
        "participant_id",
        "group",
        "label",
        "age",
        "sex",
        "site",
        "cluster",
        "left_out",
    ]
    kept = task.subjects.assign(task=task.name, left_out="")
    lost = pd.DataFrame(
        [
            {
                "task": task.name,
                "cohort": cohort,
                "participant_id": who,
                "left_out": why,
            }
            for (cohort, who), why in task.left_out.items()
        ]
    )
    everybody = pd.concat([kept, lost]) if len(lost) else kept
    return everybody[columns].replace("", None)


def describe_task(one: PreparedTask, openings: int) -> pd.DataFrame:
    """What was asked: one row.

    Args:
        one: The task.
        openings: How often a sealed hold-out was opened; 0 if there is none.
    """
    task = one.task
    tested = {row for split in one.splits for row in split.test if one.judged[row]}
    return pd.DataFrame(
        {
            "task": [task.name],
            "kind": task.kind,
            "cohort": task.cohort,
            "classes": ", ".join(task.classes) or None,
            "n_subjects": task.subjects["cluster"].nunique(),
            "n_tested": len(tested),
            "n_left_out": len(task.left_out),
            "transductive": one.is_transductive,
            "adapts_to_tested": one.adapts_to_tested,
            "knows_mean": ", ".join(m.name for m in one.methods if m.knows_mean)
            or None,
            "order_auroc": find_order(
                task.subjects["participant_id"].tolist(), task.labels.tolist()
            ),
            "holdout_openings": openings or None,
            "not_run": "; ".join(f"{m}: {why}" for m, why in one.not_run.items())
            or None,
        }
    )
