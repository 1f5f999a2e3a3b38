"""Metrics within age bands, sexes, sites and devices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.statistics.intervals import percentile_interval
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.types import BoolArray, FloatArray

Metric: TypeAlias = Callable[[Predictions, FloatArray], FloatArray]
# Chosen here: the number of a smaller group is shown with a flag.
FEW = 20
# Chosen here: decades, with open ends where few people are.
AGE_EDGES = (0, 20, 30, 40, 50, 60, 70, 80, 120)
# Factors that make the groups.
GROUPED_BY = ("age", "sex", "site", "device", "cohort", "sfreq_hz", "reference")
# Chosen here: enough for two digits of a 95 % interval.
N_DRAWS = 500
# Chosen here: fewer people than this have no interval.
MIN_PEOPLE = 4


def tabulate_subgroups(evaluated: EvaluatedTask, *, seed: int = 0) -> pd.DataFrame:
    """Tabulate the primary metric of every method among people who are alike.

    Returns:
        Rows with `task`, `method`, `factor`, `level`, `n`, `metric`, `value`, `ci_low`,
        `ci_high` (percentile bootstrap over people), `is_few` (fewer than 20) and
        `is_worst`: of the levels of a factor with enough people. Levels in which the
        metric cannot be computed are left out; nothing is returned for pairs, whose
        members are alike.
    """
    task = evaluated.task
    if task.is_within:
        return pd.DataFrame()
    name, metric = next(iter(choose_metrics(task.kind).items()))
    sign = -1 if name in LOWER_IS_BETTER else 1
    rows = []
    for factor, levels in _list_levels(evaluated.factors):
        shown = [(level, who) for level, who in levels if who.sum() >= MIN_PEOPLE]
        if len(shown) < 2:
            continue
        for method, result in evaluated.full.items():
            start = {"task": task.name, "method": method, "factor": factor}
            found = _measure_levels(result, metric, shown, seed)
            worst = _find_worst(found, sign)
            rows += [
                start | row | {"metric": name, "is_worst": row["level"] == worst}
                for row in (found if len(found) > 1 else [])
            ]
    return pd.DataFrame(rows)


def _measure_levels(
    result: MethodResult,
    metric: Metric,
    levels: Sequence[tuple[str, BoolArray]],
    seed: int,
) -> list[dict[str, Any]]:
    """Measure the levels in which the metric can be computed."""
    tested = result.predictions.is_tested
    rows: list[dict[str, Any]] = []
    for level, who in levels:
        n = int((who & tested).sum())
        row: dict[str, Any] = {"level": level, "n": n, "is_few": n < FEW}
        rows.append(row | _measure(result, metric, who & tested, seed))
    return [row for row in rows if np.isfinite(row["value"])]


def _find_worst(rows: Sequence[dict[str, Any]], sign: int) -> str:
    """Find the level with the worst value among those with enough people."""
    enough = [row for row in rows if not row["is_few"]]
    if len(enough) < 2:
        return ""
    return str(min(enough, key=lambda row: sign * row["value"])["level"])


def _list_levels(
    factors: Mapping[str, Factor],
) -> Iterator[tuple[str, list[tuple[str, BoolArray]]]]:
    for name in GROUPED_BY:
        if name not in factors:
            continue
        values = factors[name].values
        if name == "age":
            names = [f"{low}-{high - 1}" for low, high in pairwise(AGE_EDGES)]
            values = pd.cut(values.astype(float), AGE_EDGES, right=False, labels=names)
        cells = values.astype(object).where(values.notna(), None)
        found = sorted({str(cell) for cell in cells if cell is not None})
        text = np.array([None if cell is None else str(cell) for cell in cells])
        yield name, [(level, np.asarray(text == level)) for level in found]


def _measure(
    result: MethodResult, metric: Metric, who: BoolArray, seed: int
) -> dict[str, float]:
    """Return value and percentile interval over people; NaN if a group is missing."""
    p, rows = result.predictions, np.flatnonzero(who)
    nothing = {"value": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    is_class = result.is_classification
    if len(rows) < MIN_PEOPLE or (is_class and np.unique(p.labels[rows]).size < 2):
        return nothing
    part = p.rows(rows)
    n = len(rows)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), N_DRAWS)
    values = metric(part, np.concatenate([np.ones((1, n)), drawn]))
    known = values[1:][np.isfinite(values[1:])]
    if not len(known):
        return nothing
    low, high = percentile_interval(known)
    return {"value": float(values[0]), "ci_low": low, "ci_high": high}
