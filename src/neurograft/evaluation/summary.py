"""From cross-validated predictions to tables: values, intervals, tests, comparisons."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config import EvaluationConfig
from neurograft.evaluation.comparing import corrected_t_test
from neurograft.evaluation.crossvalidation import MethodResult
from neurograft.evaluation.methods import BASELINES, NO_EEG
from neurograft.evaluation.metrics import LOWER_IS_BETTER, Metric, choose_metrics
from neurograft.evaluation.statistics import (
    draw_bootstrap_weights,
    holm,
    percentile_interval,
    permutation_p_value,
    say_p,
)
from neurograft.evaluation.tasks import Task
from neurograft.types import FloatArray

RANDOM = "random-encoder"


def summarise_task(
    task: Task,
    results: Mapping[str, MethodResult],
    settings: EvaluationConfig,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate a task.

    Args:
        task: Labels.
        results: By method; all predicted the same subjects in the same folds.
        settings: Resamples.
        seed: Of the bootstrap.

    Returns:
        `results`: one row per method and metric with value, 95 % interval, permutation
        p-value (primary metric) and its Holm adjustment over the methods that see EEG.
        `comparisons`: each method against the best baseline, and the pretrained encoder
        against its untrained twin; differences are oriented so that positive is better.
    """
    labels = task.labels
    strata = (
        labels.astype(int) if task.is_classification else np.zeros(len(labels), int)
    )
    weights = draw_bootstrap_weights(
        strata, n_bootstraps=settings.n_bootstraps, rng=np.random.default_rng([seed, 8])
    )
    metrics = choose_metrics(is_classification=task.is_classification)
    primary = next(iter(metrics))
    scores = {
        (method, name): _Score(result, metric, weights)
        for method, result in results.items()
        for name, metric in metrics.items()
    }
    rows = _tabulate_values(task, scores, _permutation_tests(results), primary)
    primaries = {m: score for (m, name), score in scores.items() if name == primary}
    comparisons = [
        {"task": task.name, "method": one, "reference": other, "question": question}
        | {"metric": primary}
        | _compare(primaries[one], primaries[other], primary)
        for one, other, question in _choose_pairs(
            {method: score.value for method, score in primaries.items()}, primary
        )
    ]
    columns = ["task", "method", "reference", "question", "metric", "difference",
               "ci_low", "ci_high", "p_corrected"]  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(comparisons, columns=columns)


def _tabulate_values(
    task: Task,
    scores: Mapping[tuple[str, str], "_Score"],
    tests: Mapping[str, dict[str, float]],
    primary: str,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for (method, metric), score in scores.items():
        row: dict[str, Any] = {"task": task.name, "method": method, "metric": metric}
        row |= score.describe() | {"n_subjects": len(task.labels)}
        rows.append(row | (tests[method] if metric == primary else {}))
    return rows


class _Score:
    """One metric of one method: its value, and its values on resampled people."""

    def __init__(
        self, result: MethodResult, metric: Metric, weights: FloatArray
    ) -> None:
        everybody = np.ones((1, weights.shape[1]))
        self.result = result
        self.value = float(metric(result.predictions, everybody)[0])
        self.resampled = metric(result.predictions, weights)

    def describe(self) -> dict[str, float]:
        """Value and interval."""
        low, high = percentile_interval(self.resampled)
        return {"value": self.value, "ci_low": low, "ci_high": high}


def _permutation_tests(
    results: Mapping[str, MethodResult],
) -> dict[str, dict[str, float]]:
    p = {m: permutation_p_value(r.observed, r.permuted) for m, r in results.items()}
    tests = {m: {"p_permutation": value, "p_holm": np.nan} for m, value in p.items()}
    with_eeg = [method for method in results if method not in NO_EEG]
    adjusted = holm(np.array([p[method] for method in with_eeg]))
    for method, value in zip(with_eeg, adjusted, strict=True):
        tests[method]["p_holm"] = float(value)
    return tests


def _choose_pairs(
    values: Mapping[str, float], primary: str
) -> list[tuple[str, str, str]]:
    """Whom to compare with whom, and what question that answers."""
    sign = -1 if primary in LOWER_IS_BETTER else 1
    pairs = []
    baselines = [method for method in values if method in BASELINES]
    if baselines:
        best = max(baselines, key=lambda method: sign * values[method])
        pairs = [(m, best, "best baseline") for m in values if m != best]
    if "encoder" in values and RANDOM in values:
        pairs.append(("encoder", RANDOM, "pretraining"))
    return pairs


def _compare(one: _Score, other: _Score, primary: str) -> dict[str, float]:
    """Difference on the same resamples of the same subjects; positive is better."""
    sign = -1 if primary in LOWER_IS_BETTER else 1
    low, high = percentile_interval(sign * (one.resampled - other.resampled))
    differences = one.result.fold_scores - other.result.fold_scores
    n_folds = int(one.result.predictions.folds.max()) + 1
    p = corrected_t_test(
        differences[np.isfinite(differences)], test_share=1 / (n_folds - 1)
    )
    return {
        "difference": sign * (one.value - other.value),
        "ci_low": low,
        "ci_high": high,
        "p_corrected": p,
    }


def draw_verdicts(
    task: Task, results: pd.DataFrame, comparisons: pd.DataFrame, *, alpha: float = 0.05
) -> pd.DataFrame:
    """Say in words what a task's tables allow to say, and no more.

    Returns:
        Rows with `task`, `question` (`evidence`, `pretraining`, `confound`), `answer`
        and `sentence`.
    """
    rows = [_judge_evidence(task, results, alpha)]
    gains = comparisons[comparisons["question"] == "pretraining"]
    rows += [_judge_pretraining(row, alpha) for row in gains.to_dict("records")]
    rows += _judge_confounds(results, alpha)
    return pd.DataFrame([{"task": task.name} | row for row in rows])


def _judge_evidence(task: Task, results: pd.DataFrame, alpha: float) -> dict[str, str]:
    primary = results[results["p_permutation"].notna()]
    with_eeg = primary[primary["p_holm"].notna()]
    what = (
        "the groups can be told apart"
        if task.is_classification
        else f"the EEG predicts {task.name} better than chance"
    )
    if with_eeg.empty:
        return {"question": "evidence", "answer": "not asked",
                "sentence": "No method that sees EEG was asked for."}  # fmt: skip
    order = with_eeg.sort_values(
        ["p_holm", "value"], ascending=[True, not task.is_classification]
    )
    best = order.iloc[0]
    shown = (
        f"{best['method']}: {best['metric']} {best['value']:.2f} "
        f"[{best['ci_low']:.2f}, {best['ci_high']:.2f}], permutation "
        f"{say_p(best['p_permutation'])}, after Holm {say_p(best['p_holm'])}"
    )
    found = best["p_holm"] < alpha
    start = f"Evidence that {what}" if found else f"No evidence that {what}"
    return {
        "question": "evidence",
        "answer": "evidence" if found else "no evidence",
        "sentence": f"{start} ({shown}).",
    }


def _judge_pretraining(row: Mapping[Any, Any], alpha: float) -> dict[str, str]:
    """Helped or harmed only if interval and corrected test agree."""
    unit = "" if row["metric"] == "AUROC" else " in mean absolute error"
    shown = (
        f"difference {row['difference']:+.3f}{unit} "
        f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}], corrected "
        f"{say_p(row['p_corrected'])}"
    )
    is_clear = row["p_corrected"] < alpha
    if is_clear and row["ci_low"] > 0:
        answer, words = "helped", "Pretraining helped on this task"
    elif is_clear and row["ci_high"] < 0:
        answer, words = "harmed", "Pretraining harmed on this task"
    else:
        answer, words = "did not help", "Pretraining did not help on this task"
    sentence = f"{words}: against the same encoder untrained, {shown}."
    return {"question": "pretraining", "answer": answer, "sentence": sentence}


def _judge_confounds(results: pd.DataFrame, alpha: float) -> list[dict[str, str]]:
    """Warn where methods that see no EEG do better than chance."""
    primary = results[results["p_permutation"].notna()]
    blind = primary[primary["method"].isin(["demographics", "duration"])]
    return [
        {
            "question": "confound",
            "answer": str(row["method"]),
            "sentence": (
                f"Caution: {row['method']} alone, without any EEG, reaches "
                f"{row['metric']} {row['value']:.2f} [{row['ci_low']:.2f}, "
                f"{row['ci_high']:.2f}] (permutation {say_p(row['p_permutation'])})."
            ),
        }
        for row in blind.to_dict("records")
        if row["p_permutation"] < alpha
    ]
