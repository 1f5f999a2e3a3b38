"""From cross-validated predictions to tables: values, intervals, tests, comparisons."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import Method
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.scores import Score, find_tested, resample
from neurograft.statistics.method_tests import (
    corrected_t_test,
    delong_test,
    judge_equivalence,
    mcnemar_test,
)
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.p_values import holm
from neurograft.statistics.permutation import permutation_p_value, sequential_p_value
from neurograft.tasks.task import Task

PRETRAINED = ("encoder", "encoder-covariance", "surrogate")
# What is pretrained, and the same without: their difference is what pretraining bought.
TWINS = {
    "encoder": "random-encoder",
    "attentive": "random-attentive",
    **dict.fromkeys(("fine-tuned", "adversarial", "partial", "lora"), "scratch"),
}


def summarise_task(
    task: Task,
    methods: Mapping[str, Method],
    results: Mapping[str, MethodResult],
    settings: EvaluationConfig,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate a task.

    Args:
        task: Labels.
        methods: By name.
        results: By name; all predicted the same people in the same folds.
        settings: Resamples.
        seed: Of the bootstrap.

    Returns:
        `results`: one row per method and metric with value, 95 % interval, permutation
        p-value (primary metric) and its Holm adjustment over the methods that see the
        brain. `comparisons`: each method against the best baseline, and what is
        pretrained against its untrained twin; positive differences are better.
    """
    tested = find_tested(next(iter(results.values())))
    resampling = resample(task, tested, n_bootstraps=settings.n_bootstraps, seed=seed)
    metrics = choose_metrics(task.kind)
    primary = next(iter(metrics))
    tests = _permutation_tests(methods, results)
    rows: list[dict[str, Any]] = []
    primaries: dict[str, Score] = {}
    for method, result in results.items():
        for name, metric in metrics.items():
            score = Score(result, metric, resampling)
            row: dict[str, Any] = {"task": task.name, "method": method, "metric": name}
            row |= score.describe() | {"n_subjects": int(tested.sum())}
            rows.append(row | (tests[method] if name == primary else {}))
            if name == primary:
                primaries[method] = score
    compared = [
        {"task": task.name, "method": one, "reference": other, "question": question}
        | {"metric": primary}
        | compare(task, primaries[one], primaries[other], primary, settings)
        for one, other, question in choose_pairs(methods, primaries, primary)
    ]
    columns = ["task", "method", "reference", "question", "metric", "difference",
               "ci_low", "ci_high", "p_corrected", "p_equivalence", "probability_equal",
               "p_delong", "p_mcnemar"]  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(compared, columns=columns)


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
    """Whom to compare with whom, and what question that answers."""
    sign = -1 if primary in LOWER_IS_BETTER else 1
    baselines = [m for m in scores if is_baseline(methods[m])]
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


def is_baseline(method: Method) -> bool:
    """Whether a method owes nothing to pretraining nor to our architecture."""
    ours = {*PRETRAINED, *TWINS, *TWINS.values()}
    return not ours & {*method.features, method.learner}


def compare(
    task: Task, one: Score, other: Score, primary: str, settings: EvaluationConfig
) -> dict[str, float]:
    """Difference on the same resamples of the same people; positive is better."""
    n_repeats = min(one.result.n_repeats, other.result.n_repeats)
    one, other = one.first(n_repeats), other.first(n_repeats)
    sign = -1 if primary in LOWER_IS_BETTER else 1
    found = one.compare(other, sign)
    found["difference"] = found.pop("value")
    by_fold = one.result.fold_scores - other.result.fold_scores
    by_fold = by_fold[np.isfinite(by_fold)]
    if len(by_fold) > 1:
        share = one.result.test_share
        margin = settings.equivalence_margin
        if not task.is_classification:
            labels = task.labels[find_tested(one.result)]
            margin *= float(np.abs(labels - np.median(labels)).mean())
        n_splits = int(one.result.predictions.folds.max()) + 1
        equal = judge_equivalence(
            by_fold, test_share=share, margin=margin, n_splits=n_splits
        )
        found |= {
            "p_corrected": corrected_t_test(
                by_fold, test_share=share, n_splits=n_splits
            ),
            "p_equivalence": equal.p,
            "probability_equal": equal.p_equal,
        }
    if task.kind == "classification" and not task.is_within:
        found |= _test_people(task, one.result, other.result)
    return found


def _test_people(
    task: Task, one: MethodResult, other: MethodResult
) -> dict[str, float]:
    """Tests that take people as independent: scores and decisions of the repeats' mean.

    They do not know that folds share training people; the corrected test does.
    """
    tested = find_tested(one)
    labels = task.labels[tested]
    scores = [np.nanmean(r.predictions.scores[:, tested], axis=0) for r in (one, other)]
    right = [
        (np.nanmean(r.predictions.decisions[:, tested], axis=0) > 0.5) == labels
        for r in (one, other)
    ]
    return {
        "p_delong": delong_test(labels, scores[0], scores[1])[1],
        "p_mcnemar": mcnemar_test(right[0], right[1]),
    }
