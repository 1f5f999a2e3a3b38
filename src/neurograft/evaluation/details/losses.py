"""Table of what the answers of an encoder lose if a part of the EEG is hidden.

Without a part, the answers of everybody may move by the same amount; that tells nothing
about who is who. The loss is therefore one of separation: of the area under the ROC
curve, which pairs of one fold make, or of accuracy after the shift that the people of a
fold share is taken off.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import resample_tested
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import Estimate
from neurograft.evaluation.results.scores import estimate
from neurograft.statistics.intervals import CONFIDENCE
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.types import FloatArray


def tabulate_losses(
    one: EvaluatedTask, *, n_bootstraps: int, seed: int
) -> pd.DataFrame:
    """Tabulate the primary metric with everything minus that without a part.

    Args:
        one: The task.
        n_bootstraps: Number of resamples of people.
        seed: Seed of the resamples.

    Returns:
        `task`, `method`, `kind` and `part` (what is hidden), `metric`, `n` (people),
        `intact` and `occluded` (the metric), `loss` (positive: worse without the part)
        with its 95 % interval on equal resamples of people, and an interval that
        covers the losses of all parts of the method at once (`family_low`,
        `family_high`). Nothing where no part was hidden.
    """
    if not one.occluded:
        return pd.DataFrame()
    drawn = resample_tested(one, n_bootstraps=n_bootstraps, seed=seed)
    name, metric = next(iter(choose_metrics(one.task.kind).items()))
    sign = -1 if name in LOWER_IS_BETTER else 1
    parts = list(one.occluded)
    rows: list[dict[str, Any]] = []
    for method in next(iter(one.occluded.values())):
        intact = one.full[method].predictions
        with_all = estimate(intact, metric, drawn)
        people = one.task.subjects.loc[intact.is_tested, ["cohort", "participant_id"]]
        for part in parts:
            hidden = one.occluded[part][method].predictions
            if one.task.kind == "regression":
                hidden = take_off_shift(hidden, intact)
            without = estimate(hidden, metric, drawn)
            loss = with_all.subtract(without).flip(sign)
            start = {"task": one.task.name, "method": method}
            rows.append(
                start
                | part._asdict()
                | {
                    "metric": name,
                    "n": len(people.drop_duplicates()),
                    "intact": with_all.value,
                    "occluded": without.value,
                }
                | _limit(loss, len(parts))
            )
    return pd.DataFrame(rows)


def _limit(loss: Estimate, n_parts: int) -> dict[str, float]:
    """Return a loss with its interval, and with the one for all parts (Bonferroni)."""
    low, high = loss.limit()
    all_low, all_high = loss.limit(confidence=1 - (1 - CONFIDENCE) / n_parts)
    return {
        "loss": loss.value,
        "ci_low": low,
        "ci_high": high,
        "family_low": all_low,
        "family_high": all_high,
    }


def take_off_shift(hidden: Predictions, intact: Predictions) -> Predictions:
    """Move predictions by the mean change of the people tested in the same fold.

    Args:
        hidden: Numbers predicted without a part.
        intact: The same with everything.
    """
    scores: FloatArray = hidden.scores.copy()
    for shifted, whole, folds in zip(scores, intact.scores, hidden.folds, strict=True):
        for fold in np.unique(folds[folds >= 0]):
            own = folds == fold
            shifted[own] -= (shifted[own] - whole[own]).mean()
    return replace(hidden, scores=scores, decisions=scores)
