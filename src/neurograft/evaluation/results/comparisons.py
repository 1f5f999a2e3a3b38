"""Tabulate predictions: values, intervals, tests, comparisons of methods."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.method_table import TWINS
from neurograft.config.methods import Method
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.estimates import resample
from neurograft.evaluation.results.scores import Score
from neurograft.statistics.intervals import CONFIDENCE
from neurograft.statistics.method_tests import (
    corrected_t_test,
    judge_equivalence,
)
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.p_values import holm
from neurograft.statistics.permutation import permutation_p_value, sequential_p_value


def tabulate_comparisons(
    one: EvaluatedTask, *, n_bootstraps: int, equivalence_margin: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate the metrics of every method, and the differences between methods.

    Args:
        one: The task; all methods predicted the same people in the same folds.
        n_bootstraps: Resamples of people.
        equivalence_margin: Difference that does not matter (see `EvaluationConfig`).
        seed: Of the bootstrap.

    Returns:
        `results`: one row per method and metric with value, 95 % interval, permutation
        p-value (primary metric), its Holm adjustment over the methods that see the
        brain, and an interval that covers all of these at once (`family_low`,
        `family_high`), whichever is chosen. `comparisons`: each method against the best
        baseline, and what is pretrained against its untrained twin; positive
        differences are better.
    """
    task, methods = one.task, one.methods
    tested = next(iter(one.full.values())).predictions.is_tested
    resampling = resample(task, tested, n_bootstraps=n_bootstraps, seed=seed)
    metrics = choose_metrics(task.kind)
    primary = next(iter(metrics))
    tests = _permutation_tests(methods, one.full)
    n_people = task.count_people(tested)
    rows: list[dict[str, Any]] = []
    primaries: dict[str, Score] = {}
    for method, result in one.full.items():
        for name, metric in metrics.items():
            score = Score(result, metric, resampling)
            row: dict[str, Any] = {"task": task.name, "method": method, "metric": name}
            row |= score.describe(name) | {"n_subjects": n_people}
            if name == primary:
                primaries[method] = score
                row |= tests[method] | _limit_choice(score, primary, tests)
            rows.append(row)
    margin = equivalence_margin
    if not task.is_classification:
        labels = task.labels[tested]
        margin *= float(np.abs(labels - np.median(labels)).mean())
    compared = [
        {"task": task.name, "method": method, "reference": other, "question": question}
        | {"metric": primary}
        | compare(primaries[method], primaries[other], primary, margin=margin)
        for method, other, question in choose_pairs(methods, primaries, primary)
    ]
    columns = ["task", "method", "reference", "question", "metric", "difference",
               "ci_low", "ci_high", "p_corrected", "p_equivalence",
               "probability_equal"]  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(compared, columns=columns)


def _limit_choice(
    score: Score, primary: str, tests: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Return the interval that holds for the best of the methods, too (Bonferroni)."""
    n_methods = sum(bool(np.isfinite(test["p_holm"])) for test in tests.values())
    confidence = 1 - (1 - CONFIDENCE) / max(n_methods, 1)
    low, high = score.limit(primary, confidence=confidence)
    return {"family_low": low, "family_high": high}


def _permutation_tests(
    methods: Mapping[str, Method], results: Mapping[str, MethodResult]
) -> dict[str, dict[str, float]]:
    p = {
        name: _permutation_p(methods[name], result) for name, result in results.items()
    }
    tests = {m: {"p_permutation": value, "p_holm": np.nan} for m, value in p.items()}
    counted = [
        name
        for name in results
        if np.isfinite(p[name])
        and not (methods[name].is_blind or methods[name].knows_mean)
    ]
    adjusted = holm(np.array([p[name] for name in counted]))
    for name, value in zip(counted, adjusted, strict=True):
        tests[name]["p_holm"] = float(value)
    return tests


def _permutation_p(method: Method, result: MethodResult) -> float:
    if not len(result.permuted) or not np.isfinite(result.observed):
        return float("nan")
    if method.is_linear or method.learner == "dummy":
        return permutation_p_value(result.observed, result.permuted)
    return sequential_p_value(result.observed, result.permuted).p


def choose_pairs(
    methods: Mapping[str, Method], scores: Mapping[str, Score], primary: str
) -> list[tuple[str, str, str]]:
    """List the pairs of methods to compare, each with the question it answers."""
    sign = -1 if primary in LOWER_IS_BETTER else 1
    baselines = [m for m in scores if methods[m].is_baseline]
    pairs = []
    if baselines:
        best = max(baselines, key=lambda m: sign * scores[m].value)
        pairs = [(m, best, "best baseline") for m in scores if m != best]
    pairs += [
        (name, twin, "pretraining")
        for name, twin in TWINS.items()
        if {name, twin} <= set(scores)
    ]
    return pairs + [
        (name, method.plain, "adapter")
        for name, method in methods.items()
        if name in scores and "@" in name and method.plain in scores
    ]


def compare(
    one: Score, other: Score, primary: str, *, margin: float
) -> dict[str, float]:
    """Compare two methods on the same resamples of the same people.

    Args:
        one: Score of a method.
        other: Score of the reference.
        primary: Name of the metric.
        margin: Difference that does not matter, in the unit of the metric.

    Returns:
        `difference` with its BCa interval, positive is better; p-values of the
        corrected resampled t-test and of equivalence, where there are several folds.
    """
    n_repeats = min(one.result.n_repeats, other.result.n_repeats)
    one, other = one.first(n_repeats), other.first(n_repeats)
    found = one.subtract(other, -1 if primary in LOWER_IS_BETTER else 1)
    found["difference"] = found.pop("value")
    by_fold = one.result.fold_scores - other.result.fold_scores
    by_fold = by_fold[np.isfinite(by_fold)]
    if len(by_fold) < 2:
        return found
    share = one.result.test_share
    n_splits = int(one.result.predictions.folds.max()) + 1
    equal = judge_equivalence(
        by_fold, test_share=share, margin=margin, n_splits=n_splits
    )
    return found | {
        "p_corrected": corrected_t_test(by_fold, test_share=share, n_splits=n_splits),
        "p_equivalence": equal.p,
        "probability_equal": equal.p_equal,
    }
