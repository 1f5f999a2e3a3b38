"""Metrics within age bands, sexes, sites and devices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.statistics.intervals import percentile_interval
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.p_values import holm
from neurograft.statistics.perfect_values import widen_perfect
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
# By convention.
ALPHA = 0.05
# Chosen here: fewer people than this have no interval.
MIN_PEOPLE = 4


def tabulate_subgroups(evaluated: EvaluatedTask, *, seed: int = 0) -> pd.DataFrame:
    """Tabulate the primary metric of every method among people who are alike.

    Returns:
        Rows with `task`, `method`, `factor`, `level`, `n`, `metric`, `value`, `ci_low`,
        `ci_high` (percentile bootstrap over people), `is_few` (fewer than 20),
        `p_differs` (against the other levels with enough people, after Holm) and
        `is_worst`: of the levels of a factor with enough people the one that is worse
        than the others by that test. Levels in which the metric cannot be computed are
        left out; nothing is returned for pairs, whose members are alike.
    """
    task = evaluated.task
    if task.is_within:
        return pd.DataFrame()
    name, metric = next(iter(choose_metrics(task.kind).items()))
    sign = -1 if name in LOWER_IS_BETTER else 1
    rows = []
    for factor, levels in _list_levels(evaluated.factors):
        if factor == task.target:
            # Of ages that are predicted, `brain_age_bands` shows the corrected gap.
            continue
        shown = [(level, who) for level, who in levels if who.sum() >= MIN_PEOPLE]
        if len(shown) < 2:
            continue
        for method, result in evaluated.full.items():
            start = {"task": task.name, "method": method, "factor": factor}
            found = _measure_levels(result, name, metric, shown, seed)
            worst = _find_worst(found, sign)
            rows += [
                start | row | {"metric": name, "is_worst": row["level"] == worst}
                for row in (found if len(found) > 1 else [])
            ]
    return pd.DataFrame(rows)


def _measure_levels(
    result: MethodResult,
    name: str,
    metric: Metric,
    levels: Sequence[tuple[str, BoolArray]],
    seed: int,
) -> list[dict[str, Any]]:
    """Measure the levels in which the metric can be computed.

    Args:
        result: Of a method.
        name: Name of the metric.
        metric: Computes it.
        levels: Who is of each.
        seed: Of resamples.
    """
    tested = result.predictions.is_tested
    rows: list[dict[str, Any]] = []
    large = [(one, who) for one, who in levels if (who & tested).sum() >= FEW]
    for level, who in levels:
        n = int((who & tested).sum())
        row: dict[str, Any] = {"level": level, "n": n, "is_few": n < FEW}
        own = _draw(result, metric, who & tested, seed)
        rest = np.any([w for name_of, w in large if name_of != level], axis=0)
        others = _draw(result, metric, tested & ~who & rest, seed + 1)
        row |= _limit(result, name, own, who & tested)
        rows.append(row | _compare(own, others))
    found = [row for row in rows if np.isfinite(row["value"])]
    adjusted = holm(np.array([row["p_differs"] for row in found]))
    for row, p in zip(found, adjusted, strict=True):
        row["p_differs"] = float(p)
    return found


def _find_worst(rows: Sequence[dict[str, Any]], sign: int) -> str:
    """Find the level that is worse than all others by a test, with enough people."""
    enough = [row for row in rows if not row["is_few"]]
    if len(enough) < 2:
        return ""
    worst = min(enough, key=lambda row: sign * row["value"])
    is_shown = worst["p_differs"] < ALPHA and sign * worst["difference"] < 0
    return str(worst["level"]) if is_shown else ""


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


def _draw(
    result: MethodResult, metric: Metric, who: BoolArray, seed: int
) -> FloatArray:
    """Return the metric of some people, then of resamples; empty without a group."""
    p, rows = result.predictions, np.flatnonzero(who)
    is_class = result.is_classification
    if len(rows) < MIN_PEOPLE or (is_class and np.unique(p.labels[rows]).size < 2):
        return np.empty(0)
    n = len(rows)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), N_DRAWS)
    return metric(p.rows(rows), np.concatenate([np.ones((1, n)), drawn]))


def _limit(
    result: MethodResult, name: str, drawn: FloatArray, who: BoolArray
) -> dict[str, float]:
    """Return value and percentile interval over people; NaN if a group is missing."""
    known = drawn[1:][np.isfinite(drawn[1:])]
    if not len(known):
        return {"value": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    interval = percentile_interval(known)
    if result.is_classification:
        labels = result.predictions.labels[who]
        counts = np.unique(labels, return_counts=True)[1].tolist()
        interval = widen_perfect(name, interval, counts)
    return dict(zip(("value", "ci_low", "ci_high"), (drawn[0], *interval), strict=True))


def _compare(own: FloatArray, others: FloatArray) -> dict[str, float]:
    """Return the difference to everybody else, and its p-value by bootstrap z-test.

    Source: Efron and Tibshirani 1993, ch. 16.
    """
    if not all(np.isfinite(values).any() for values in (own[1:], others[1:])):
        return {"difference": np.nan, "p_differs": 1.0}
    difference = float(own[0] - others[0])
    spread = float(np.sqrt(np.nanvar(own[1:]) + np.nanvar(others[1:])))
    with np.errstate(divide="ignore"):
        z = np.abs(np.divide(difference, spread)) if difference else 0.0
    p = 2 * stats.norm.sf(z)
    return {"difference": difference, "p_differs": float(p)}
