"""Table of a task's design: factors that go with its label, and AUROC within levels."""

from typing import Any

import numpy as np
import pandas as pd

from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.tasks.design_audit import list_who_is_known
from neurograft.tasks.within_levels import compare_within, cut_levels

WITHIN = ("within", "within_low", "within_high", "n_pairs")


def tabulate_design(evaluated: EvaluatedTask, *, seed: int) -> pd.DataFrame:
    """Tabulate the audit, with the AUROC within levels of every factor that is flagged.

    Of the encoder, or else of the first method that there is; of two groups only.
    """
    task, results = evaluated.task, evaluated.full
    method = ""
    if task.kind == "classification" and results:
        method = "encoder" if "encoder" in results else next(iter(results))
    scores = results[method].predictions.average() if method else task.labels
    factors = {**evaluated.factors, **list_who_is_known(evaluated.factors)}
    rows: list[dict[Any, Any]] = evaluated.design.to_dict("records")
    for row in rows:
        if method and row["severity"] != "none" and row["factor"] in factors:
            levels = cut_levels(factors[row["factor"]].values)
            levels[np.isnan(scores)] = np.nan
            found = compare_within(
                task.labels, np.nan_to_num(scores), levels, seed=seed
            )
            row |= {"method": method} | dict(zip(WITHIN, found, strict=True))
    columns = ["task", *evaluated.design.columns, "method", *WITHIN]
    return pd.DataFrame(rows).assign(task=task.name).reindex(columns=columns)
