"""Table of what every method says of every person."""

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import average_repeats, decide_once
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.types import FloatArray


def list_answers(one: EvaluatedTask) -> pd.DataFrame:
    """Tabulate the mean over repeats of what is said of a person out of fold.

    Args:
        one: A task.

    Returns:
        `task`, `method`, `cohort`, `participant_id`, `view` (number in `views` of
        `tasks.tsv`), `group`, `label`, `answer` (probability of a case, predicted
        number, or, of more than two groups, probability of the group decided for),
        `spread` (SD over repeats; missing where one repeat tested the person),
        `decision` (group; missing for numbers) and `is_reference` (whether the person
        counts in the metrics). People whom nothing was predicted of are left out.
    """
    task, subjects = one.task, one.task.subjects
    keys = subjects[["cohort", "participant_id", "view"]]
    groups = subjects["group"].to_numpy(dtype=object)
    if task.is_classification:
        groups = _name(task.labels, task.classes)
    parts = []
    for method, result in one.full.items():
        decided = np.full(len(subjects), np.nan)
        if task.is_classification:
            decided = decide_once(result)
        said = _list_answers(result, decided)
        mean = average_repeats(said)
        table = keys.assign(
            group=groups,
            label=task.labels,
            answer=mean,
            spread=_measure_spread(said),
            decision=_name(decided, task.classes),
            is_reference=subjects["is_reference"].to_numpy(dtype=bool),
        )
        table.insert(0, "task", task.name)
        table.insert(1, "method", method)
        parts.append(table[np.isfinite(mean)])
    return pd.concat(parts, ignore_index=True)


def _name(numbers: FloatArray, classes: tuple[str, ...]) -> np.ndarray:
    """Return the names of groups; None where there is no number."""
    named = [classes[int(number)] if number >= 0 else None for number in numbers]
    return np.array(named, dtype=object)


def _list_answers(result: MethodResult, decided: FloatArray) -> FloatArray:
    """Return one number of every repeat and person, `(n_repeats, n_people)`."""
    scores = result.predictions.scores
    if scores.ndim == 2:
        return scores
    chosen = np.nan_to_num(decided).astype(int)
    return np.asarray(scores[:, np.arange(scores.shape[1]), chosen])


def _measure_spread(values: FloatArray) -> FloatArray:
    """Return the SD over the repeats with a value; NaN for fewer than two."""
    is_known = np.isfinite(values)
    n = is_known.sum(0)
    gap = np.where(is_known, values - average_repeats(values), 0.0)
    freedom = np.where(n > 1, n - 1, np.nan)
    return np.asarray(np.sqrt((gap**2).sum(0) / freedom))
