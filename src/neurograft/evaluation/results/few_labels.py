"""Judge what pretraining gains with few labelled people, where groups are small."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.method_table import DESCRIBED, TWINS
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.evidence import Verdict, count_tested, find_unit
from neurograft.evaluation.results.label_curves import name_gain
from neurograft.files.sentences import code_verdict
from neurograft.tasks.task import Task

QUESTION = "few labels"
# Chosen here: with fewer people in the smaller group, the answer with few labels comes
# first. A group of 40 is large for a clinical cohort.
SMALL = 40
# Chosen here: the gain is largest at the smallest numbers of labels.
N_JUDGED = 2
# Codes of a gain, a loss and neither: of groups, and of numbers, whose error falls.
OF_GROUPS = ("NG210", "NG211", "NG212")
OF_NUMBERS = ("NG213", "NG214", "NG215")


def judge_few_labels(evaluated: EvaluatedTask, curves: pd.DataFrame) -> list[Verdict]:
    """Judge the gain of pretraining at the smallest numbers of labels of the curve.

    An interval above zero is a gain, one below zero a loss; any other shows neither.

    Args:
        evaluated: The task.
        curves: Its table of low-label curves; empty if it has none.

    Returns:
        Nothing where no group is small: there, all labels answer.
    """
    if curves.empty or count_smallest(evaluated.task) >= SMALL:
        return []
    rows = []
    for method, twin in TWINS.items():
        gains = curves[(curves["method"] == name_gain(method))].dropna(subset=["value"])
        first = gains.sort_values("labels_per_class").head(N_JUDGED)
        rows += [
            _judge(row, method, twin, evaluated) for row in first.to_dict("records")
        ]
    return rows


def count_smallest(task: Task) -> float:
    """Count the people of the smallest group; pairs; of a number, half of the people.

    These are the units in which the low-label curve counts.
    """
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    n_people = len(set(task.clusters[judged]))
    if not task.is_classification:
        return n_people / 2
    if task.is_within:
        return n_people
    return int(np.unique(task.labels[judged], return_counts=True)[1].min())


def _judge(
    row: Mapping[Any, Any], method: str, twin: str, evaluated: EvaluatedTask
) -> Verdict:
    """Judge the gain at one number of labels by its interval alone."""
    task = evaluated.task
    gained, lost, neither = OF_GROUPS if task.is_classification else OF_NUMBERS
    values = {
        "labelled": _describe_labelled(task, int(row["labels_per_class"])),
        "of": "" if method == "encoder" else f" of {method}",
        "twin": DESCRIBED[twin].as_twin,
        "metric": row["metric"],
        "unit": find_unit(task),
        "n": count_tested(evaluated),
    }
    gain = {key: row[key] for key in ("value", "ci_low", "ci_high")}
    if row["ci_low"] > 0:
        return code_verdict(QUESTION, "helped", gained, **values, **gain)
    if row["ci_high"] < 0:
        loss = {
            "value": -row["value"], "ci_low": -row["ci_high"], "ci_high": -row["ci_low"]
        }  # fmt: skip
        return code_verdict(QUESTION, "harmed", lost, **values, **loss)
    return code_verdict(QUESTION, "no evidence", neither, **values, **gain)


def _describe_labelled(task: Task, n_per_class: int) -> Verdict:
    """Describe who is labelled at a number of the curve."""
    if not task.is_classification:
        return {"code": "NG294", "n_labelled": 2 * n_per_class}
    if task.kind == "contrast":
        return {"code": "NG295", "n_labelled": n_per_class}
    if task.is_within:
        return {"code": "NG296", "n_labelled": n_per_class}
    return {"code": "NG293", "n_labelled": n_per_class}
