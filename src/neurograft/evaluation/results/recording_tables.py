"""Table of single recordings: their metrics, and how visits agree."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import logit

from neurograft.evaluation.evaluated_task import RecordingResults
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.estimates import Resampling, resample
from neurograft.evaluation.results.scores import Score
from neurograft.statistics.intervals import bca_interval
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.predictions import EDGE
from neurograft.statistics.metrics.reliability import measure_reliability
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray, IntArray

# Metrics that are looked at recording by recording: the first ones of a kind of task.
N_METRICS = 2
# Chosen here: the reliability of fewer people is not reported.
MIN_PEOPLE = 5
ALL = "all"
RELIABILITY = {"metric": "reliability"}


def tabulate_recordings(
    task: Task, singles: RecordingResults, *, n_bootstraps: int, seed: int
) -> pd.DataFrame:
    """Tabulate metrics over recordings, people resampled whole, and agreement.

    Args:
        task: The task.
        singles: Predictions of its single recordings.
        n_bootstraps: Number of resamples of people.
        seed: Seed of the resamples.

    Returns:
        `task`, `method`, `condition`, `metric`, `value`, `ci_low`, `ci_high`,
        `n_recordings`, `n_people`. Conditions are `all` and, where there are several,
        every BIDS task. The metric `reliability` is the intraclass correlation of the
        log odds of a case, or of the gap between prediction and truth, over people with
        two recordings of one condition.
    """
    rows = []
    names = tuple(dict.fromkeys(singles.condition))
    conditions = (ALL, *names) if len(names) > 1 else (ALL,)
    for method, result in singles.results.items():
        for condition in conditions:
            chosen = np.isin(
                singles.condition, names if condition == ALL else condition
            )
            own = _keep(result, chosen)
            is_tested = own.predictions.is_tested
            if not is_tested.any():
                continue
            tested = np.isin(np.arange(len(task.labels)), singles.row[is_tested])
            drawn = resample(task, tested, n_bootstraps=n_bootstraps, seed=seed)
            named = {"task": task.name, "method": method, "condition": condition}
            counts = {
                "n_recordings": int(is_tested.sum()),
                "n_people": int(tested.sum()),
            }
            for metric, described in _measure(own, singles, drawn).items():
                rows.append(named | {"metric": metric} | counts | described)
            if condition == ALL:
                agreement = describe_reliability(own, singles, drawn)
                rows += [named | RELIABILITY | agreement] if agreement else []
    return pd.DataFrame(rows)


def _keep(result: MethodResult, chosen: BoolArray) -> MethodResult:
    """Return the same results; rows outside the mask get fold -1."""
    p = result.predictions
    return replace(result, predictions=replace(p, folds=np.where(chosen, p.folds, -1)))


def _measure(
    result: MethodResult, singles: RecordingResults, drawn: Resampling
) -> dict[str, dict[str, float]]:
    """Measure the first metrics of the kind of task, with intervals."""
    of_recordings = Resampling(
        drawn.weights[:, singles.row], drawn.left_out[:, singles.row], drawn.strata
    )
    metrics = list(choose_metrics(result.kind).items())[:N_METRICS]
    return {
        name: Score(result, metric, of_recordings).describe(name)
        for name, metric in metrics
    }


def describe_reliability(
    result: MethodResult, singles: RecordingResults, drawn: Resampling
) -> dict[str, float]:
    """Return the agreement of two recordings of a person, with its interval.

    Returns:
        Nothing where fewer than five people have two, of more than two groups, or
        where everybody is predicted the same.
    """
    if result.predictions.scores.ndim > 2:
        return {}
    said = _say_one_number(result)
    pairs = find_pairs(singles.row, singles.condition)
    pairs = pairs[np.isfinite(said[pairs]).all(1)]
    if len(pairs) < MIN_PEOPLE or np.ptp(said[pairs]) < EDGE:
        return {}
    first, second = said[pairs].T
    rows = singles.row[pairs[:, 0]]
    resampled, left_out = drawn.weights[:, rows], drawn.left_out[:, rows]
    value = float(measure_reliability(first, second)[0])
    low, high = bca_interval(
        value,
        measure_reliability(first, second, resampled),
        measure_reliability(first, second, left_out),
        strata=drawn.strata,
    )
    counts = {"n_recordings": 2 * len(pairs), "n_people": len(pairs)}
    return {"value": value, "ci_low": low, "ci_high": high} | counts


def find_pairs(row: IntArray, condition: Sequence[str]) -> IntArray:
    """Find the first two recordings of everybody's first repeated condition: `(n, 2)`.

    Example:
        >>> find_pairs(np.array([0, 1, 0, 1]), ["rest", "rest", "rest", "count"])
        array([[0, 2]])
    """
    seen: dict[tuple[int, str], int] = {}
    pairs: dict[int, tuple[int, int]] = {}
    for place, key in enumerate(zip(row.tolist(), condition, strict=True)):
        first = seen.setdefault(key, place)
        if first != place:
            pairs.setdefault(key[0], (first, place))
    return np.array(list(pairs.values()), dtype=int).reshape(-1, 2)


def _say_one_number(result: MethodResult) -> FloatArray:
    """Return log odds of a case, or gap to the truth; NaN where never tested."""
    p = result.predictions
    mean = p.average()
    if not result.is_classification:
        return np.asarray(mean - p.labels)
    return np.asarray(logit(np.clip(mean, EDGE, 1 - EDGE)))
