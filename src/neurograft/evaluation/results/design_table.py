"""The design of a task: what goes with its label, and what is left within levels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.evaluation.method_result import MethodResult
from neurograft.tasks.design_audit import Factor, compare_within, cut_levels
from neurograft.tasks.task import Task
from neurograft.types import FloatArray

WITHIN = ("within", "within_low", "within_high", "n_pairs")


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
