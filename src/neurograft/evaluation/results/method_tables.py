"""Tables about one method at a time: calibration, certainty, people and repeats."""

import importlib.util
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control as benjamini_hochberg

from neurograft.evaluation.method_result import MethodResult
from neurograft.statistics.method_tests import wilcoxon_over_tasks
from neurograft.statistics.metrics.calibration import decompose_brier
from neurograft.statistics.metrics.conformal import (
    draw_intervals,
    draw_sets,
    measure_interval_coverage,
    measure_set_coverage,
)
from neurograft.statistics.mixed_model import fit_mixed_model
from neurograft.tasks.task import Task

# Coverage of the intervals and sets for single people.
CONFIDENCE = 0.9


def tabulate_conformal(task: Task, results: Mapping[str, MethodResult]) -> pd.DataFrame:
    """How wide an answer for one person is, and how often it holds: first repeat.

    Returns:
        Rows with `task`, `method`, `answer` (interval, or set of groups), `aimed` and
        `reached` coverage, the latter with its exact interval, and `size`: width in
        the unit of the target, or groups.
    """
    rows = []
    for method, result in results.items():
        p = result.first(1).predictions
        judged = p.folds[0] >= 0
        if len(np.unique(p.folds[0, judged])) < 2:
            continue
        labels, folds = p.labels[judged], p.folds[0, judged]
        scores = p.scores[0, judged]
        if task.is_classification:
            whole = np.stack([1 - scores, scores], 1) if scores.ndim == 1 else scores
            numbers = labels.astype(int)
            sets = draw_sets(numbers, whole, folds, confidence=CONFIDENCE)
            found = measure_set_coverage(numbers, sets, confidence=CONFIDENCE)
        else:
            intervals = draw_intervals(labels, scores, folds, confidence=CONFIDENCE)
            found = measure_interval_coverage(labels, intervals, confidence=CONFIDENCE)
        answer = "set of groups" if task.is_classification else "interval"
        rows.append(
            {"task": task.name, "method": method, "answer": answer} | found._asdict()
        )
    return pd.DataFrame(rows)


def judge_over_tasks(comparisons: pd.DataFrame) -> pd.DataFrame:
    """What pretraining bought over all tasks of a study.

    Args:
        comparisons: Of all tasks.

    Returns:
        One row per pretrained method and metric: mean and median difference, number of
        tasks and how many are positive, p-value of the signed ranks (NaN below six
        tasks, which cannot reach .05), and the smallest p of the corrected tests after
        Benjamini and Hochberg. Tasks on the same people are not independent.
    """
    asked = comparisons[comparisons["question"] == "pretraining"]
    rows = []
    for (method, metric), own in asked.groupby(["method", "metric"], sort=False):
        differences = own["difference"].to_numpy(dtype=float)
        p = own["p_corrected"].dropna().to_numpy(dtype=float)
        enough = len(differences) >= 6
        rows.append(
            {
                "method": method,
                "metric": metric,
                "n_tasks": len(own),
                "n_better": int((differences > 0).sum()),
                "mean_difference": float(differences.mean()),
                "median_difference": float(np.median(differences)),
                "p_wilcoxon": wilcoxon_over_tasks(differences) if enough else np.nan,
                "smallest_p_bh": float(benjamini_hochberg(p).min())
                if len(p)
                else np.nan,
            }
        )
    return pd.DataFrame(rows)


def tabulate_calibration(
    task: Task, results: Mapping[str, MethodResult]
) -> pd.DataFrame:
    """Parts of the Brier score of every method that tells two groups apart.

    Returns:
        `task`, `method`, `brier` (of the mean probability over repeats), and the parts
        of `BrierParts`; no rows for other tasks.
    """
    rows = []
    for method, result in results.items():
        p = result.predictions
        if not result.question.is_classification or p.scores.ndim > 2:
            continue
        tested = (p.folds >= 0).any(0)
        own = np.where(p.folds >= 0, p.scores, np.nan)[:, tested]
        mean, labels = np.nanmean(own, axis=0), p.labels[tested]
        parts = decompose_brier(labels, mean)._asdict()
        brier = float(((mean - labels) ** 2).mean())
        rows.append({"task": task.name, "method": method, "brier": brier} | parts)
    return pd.DataFrame(rows)


# Probabilities that vary less differ by rounding.
MIN_SPREAD = 1e-6


def tabulate_mixed(task: Task, results: Mapping[str, MethodResult]) -> pd.DataFrame:
    """Score by condition of a contrast, people as random intercepts.

    A second look at what the area under the curve says: how far the two recordings of
    a person lie apart, in units of the score's SD.

    Returns:
        `task`, `method` and the fields of `MixedEffect`; no rows for other tasks, or
        where statsmodels is not installed.
    """
    if task.kind != "contrast" or importlib.util.find_spec("statsmodels") is None:
        return pd.DataFrame()
    rows = []
    for method, result in results.items():
        score = result.first(1).predictions.scores[0]
        spread = float(np.nanstd(score))
        if not spread > MIN_SPREAD:
            continue
        table = pd.DataFrame(
            {"person": task.clusters, "score": score / spread, "condition": task.labels}
        )
        found = fit_mixed_model(
            table, outcome="score", effect="condition", person="person"
        )
        rows.append({"task": task.name, "method": method} | found._asdict())
    return pd.DataFrame(rows)
