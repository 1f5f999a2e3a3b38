"""The design of a task: what goes with its label, and what is left within levels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.design import (
    Factor,
    audit_design,
    compare_within,
    cut_levels,
)
from neurograft.adaptation.partition import code_factor
from neurograft.evaluation.crossvalidation import MethodResult
from neurograft.evaluation.roster import CIRCUMSTANCES, PEOPLE
from neurograft.evaluation.tasks import Task
from neurograft.types import FloatArray

# The factors that `duration` and `amplitude` stand for, and what processing found.
OWN_METHODS = tuple(name for name in CIRCUMSTANCES if name != "hour")
MAX_COLUMNS = 20
WITHIN = ("within", "within_low", "within_high", "n_pairs")


def audit_task(task: Task, factors: Mapping[str, Factor]) -> pd.DataFrame:
    """Audit the design of a task that tells people apart; empty for others.

    A contrast compares recordings of the same people, a regression has no groups.
    """
    if task.kind in ("regression", "contrast"):
        return audit_design(task.labels, {})
    return audit_design(task.labels, factors)


def code_acquisition(factors: Mapping[str, Factor]) -> FloatArray | None:
    """How people were recorded, as numbers: a model of this needs no brain.

    Returns:
        One row per person; None if nothing varies.
    """
    columns = [
        code_factor(factor.values)
        for name, factor in factors.items()
        if name not in (*PEOPLE, *OWN_METHODS) and factor.values.nunique() > 1
    ]
    columns = [one for one in columns if one.shape[1] <= MAX_COLUMNS]
    return np.concatenate(columns, axis=1) if columns else None


def tabulate_design(
    task: Task,
    design: pd.DataFrame,
    factors: Mapping[str, Factor],
    results: Mapping[str, MethodResult],
) -> pd.DataFrame:
    """The audit, with the area within levels of every factor that was flagged.

    Of the encoder, or else of the first method that there is; of two groups only.
    """
    method = ""
    if task.kind == "classification" and results:
        method = "encoder" if "encoder" in results else next(iter(results))
    scores = average_scores(results[method]) if method else task.labels
    rows: list[dict[Any, Any]] = design.to_dict("records")
    for row in rows:
        if method and row["severity"] != "none":
            levels = cut_levels(factors[row["factor"]].values)
            levels[np.isnan(scores)] = np.nan
            found = compare_within(task.labels, np.nan_to_num(scores), levels)
            row |= {"method": method} | dict(zip(WITHIN, found, strict=True))
    columns = ["task", *design.columns, "method", *WITHIN]
    return pd.DataFrame(rows).assign(task=task.name).reindex(columns=columns)


def average_scores(result: MethodResult) -> FloatArray:
    """Mean score of every person over repeats; NaN of people never tested."""
    p = result.predictions
    seen = np.where(p.folds >= 0, p.scores, np.nan)
    counts = np.isfinite(seen).sum(0)
    total = np.nansum(seen, axis=0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
