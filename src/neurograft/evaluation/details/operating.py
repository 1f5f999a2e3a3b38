"""Table of what a decision at a threshold is worth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import THRESHOLD, decide_once, keep_known
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import Estimate, Resampling
from neurograft.evaluation.results.scores import estimate
from neurograft.statistics.metrics.operating import (
    Rates,
    find_negative_value,
    find_positive_value,
    find_rates,
)
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.perfect_values import limit_share
from neurograft.types import BoolArray, FloatArray

# What is asked of somebody called a case, and of somebody called a control.
PREDICTIVE_VALUES = {"PPV": find_positive_value, "NPV": find_negative_value}


def tabulate_operating(
    one: EvaluatedTask, resampling: Resampling, prevalence: float | None
) -> pd.DataFrame:
    """Tabulate sensitivity and specificity, and at a prevalence the predictive values.

    Args:
        one: A task of two groups.
        resampling: People drawn again.
        prevalence: Share of cases that the author declares; None, not declared.

    Returns:
        `task`, `method`, `threshold`, `measure`, `value`, `ci_low`, `ci_high` (95 %,
        people resampled; of perfect shares the exact interval), `n` (people of the
        group; for PPV and NPV people called cases or controls in the study) and
        `prevalence` (missing where none is used). Nothing of a method that was not
        tested on both groups.
    """
    rows: list[dict[str, Any]] = []
    for method, result in one.full.items():
        p = keep_known(result.predictions)
        counts = [int((p.labels[p.is_tested] == group).sum()) for group in (1, 0)]
        if not min(counts):
            continue
        called = decide_once(result) == 1
        start = {"task": one.task.name, "method": method, "threshold": THRESHOLD}
        limits: dict[str, tuple[float, float]] = {}
        for measure, n in zip(Rates._fields, counts, strict=True):
            found = _measure(p, called, resampling, _choose(measure))
            limits[measure] = _widen_share(found.limit(), n)
            described = _describe(found.value, limits[measure], n)
            rows.append(start | {"measure": measure} | described)
        if prevalence is None:
            continue
        n_called = int((called & p.is_tested).sum())
        for (measure, compute), n in zip(
            PREDICTIVE_VALUES.items(), (n_called, sum(counts) - n_called), strict=True
        ):
            found = _measure(p, called, resampling, _at(compute, prevalence))
            low, high = found.limit()
            if low == high:
                low, high = _limit_by_rates(compute, limits, prevalence)
            row = start | {"measure": measure} | _describe(found.value, (low, high), n)
            rows.append(row | {"prevalence": prevalence})
    columns = ["task", "method", "threshold", "measure", "value", "ci_low", "ci_high",
               "n", "prevalence"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _choose(measure: str) -> Callable[[Rates], FloatArray]:
    return lambda rates: np.asarray(getattr(rates, measure))


def _at(
    compute: Callable[[Rates, float], FloatArray], prevalence: float
) -> Callable[[Rates], FloatArray]:
    return lambda rates: compute(rates, prevalence)


def _measure(
    p: Predictions,
    called: BoolArray,
    resampling: Resampling,
    compute: Callable[[Rates], FloatArray],
) -> Estimate:
    """Measure something of the rates on resampled people.

    Args:
        p: Predictions.
        called: Whether a person is called a case.
        resampling: People drawn again.
        compute: Gives the number of the rates.
    """

    def metric(tested: Predictions, weights: FloatArray) -> FloatArray:
        own = weights * tested.is_tested
        return compute(find_rates(called, tested.labels, own))

    return estimate(p, metric, resampling)


def _widen_share(interval: tuple[float, float], n: int) -> tuple[float, float]:
    """Return the interval of a share, the exact one where every resample is perfect."""
    low, high = interval
    if low != high or low not in (0.0, 1.0):
        return interval
    return (limit_share(n), 1.0) if low == 1 else (0.0, 1 - limit_share(n))


def _limit_by_rates(
    compute: Callable[[Rates, float], FloatArray],
    limits: dict[str, tuple[float, float]],
    prevalence: float,
) -> tuple[float, float]:
    """Return what the limits of both rates make of a value that is the same each time.

    Predictive values rise with either rate, so that these limits are wide enough.
    """
    ends = Rates(*(np.array(limits[measure]) for measure in Rates._fields))
    low, high = compute(ends, prevalence)
    return float(low), float(high)


def _describe(value: float, limits: tuple[float, float], n: int) -> dict[str, Any]:
    return {"value": value, "ci_low": limits[0], "ci_high": limits[1], "n": n}
