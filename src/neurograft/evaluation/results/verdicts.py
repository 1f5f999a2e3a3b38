"""Sentences: what a task's tables allow to say, and no more."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.methods import BLIND
from neurograft.statistics.p_values import say_p
from neurograft.statistics.power import (
    find_detectable_auroc,
    find_detectable_correlation,
)
from neurograft.tasks.task import Task


def draw_verdicts(
    task: Task,
    results: pd.DataFrame,
    comparisons: pd.DataFrame,
    design: pd.DataFrame,
    *,
    n_permutations: int,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Say in words what a task's tables allow to say, and no more.

    A design that separates the groups completely allows no claim about them, and too
    few permutations allow none either way.

    Returns:
        Rows with `task`, `question` (`evidence`, `pretraining`, `design`, `confound`),
        `answer` and `sentence`.
    """
    refused = design[design["severity"] == "refused"]
    rows = [
        _refuse(refused["sentence"].iloc[0])
        if len(refused)
        else _judge_evidence(task, results, alpha, n_permutations)
    ]
    rows += _judge_design(design)
    gains = comparisons[comparisons["question"] == "pretraining"]
    rows += [_judge_pretraining(row, alpha) for row in gains.to_dict("records")]
    rows += _judge_confounds(results, alpha)
    return pd.DataFrame([{"task": task.name} | row for row in rows])


def _refuse(reason: str) -> dict[str, str]:
    return {
        "question": "evidence",
        "answer": "refused",
        "sentence": f"No claim about the groups is made: {reason}",
    }


def _judge_design(design: pd.DataFrame) -> list[dict[str, str]]:
    """What goes with the group in part, in one sentence."""
    parts = design[design["severity"].isin(["warning", "note"])]
    if parts.empty:
        return []
    named = ", ".join(
        f"{row['factor']} ({row['measure']} {row['value']:.2f}, {say_p(row['p'])})"
        for row in parts.to_dict("records")
    )
    return [
        {
            "question": "design",
            "answer": "warning" if (parts["severity"] == "warning").any() else "note",
            "sentence": f"Goes with the group too: {named}. See the comparison within "
            "levels of each in the design table.",
        }
    ]


def _judge_evidence(
    task: Task, results: pd.DataFrame, alpha: float, n_permutations: int
) -> dict[str, str]:
    primary = results[results["p_permutation"].notna()]
    with_eeg = primary[primary["p_holm"].notna()]
    what = (
        _say_groups(task)
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
    smallest = 1 / (n_permutations + 1)
    if not found and best["p_permutation"] <= smallest + 1e-12:
        return _say_too_few(shown, len(with_eeg), n_permutations, alpha)
    if not found:
        shown += _say_power(task, alpha)
    start = f"Evidence that {what}" if found else f"No evidence that {what}"
    return {
        "question": "evidence",
        "answer": "evidence" if found else "no evidence",
        "sentence": f"{start} ({shown}).",
    }


def _say_too_few(
    shown: str, n_methods: int, n_permutations: int, alpha: float
) -> dict[str, str]:
    """No shuffle did as well, and yet no corrected p-value could be small."""
    needed = int(np.ceil(n_methods / alpha))
    return {
        "question": "evidence",
        "answer": "undecided",
        "sentence": f"Undecided ({shown}): {n_permutations} permutations are too few "
        f"for {n_methods} methods, set evaluation.n_permutations to {needed} or more.",
    }


def _say_power(task: Task, alpha: float) -> str:
    """What a test on so many people would have found four times out of five."""
    n = len(task.labels)
    if task.kind == "classification" and not task.is_within:
        cases = int(task.labels.sum())
        auroc = find_detectable_auroc(cases, n - cases, alpha=alpha)
        return f"; {n} people show an AUROC of {auroc:.2f} with 80 % power"
    if task.kind == "regression":
        r = find_detectable_correlation(n, alpha=alpha)
        return f"; {n} people show a correlation of {r:.2f} with 80 % power"
    return ""


def _say_groups(task: Task) -> str:
    return (
        "the two recordings of a person can be told apart"
        if task.kind == "contrast"
        else "the groups can be told apart"
    )


def _judge_pretraining(row: Mapping[Any, Any], alpha: float) -> dict[str, str]:
    """Helped or harmed only if interval and corrected test agree.

    No difference only if one was ruled out; for all else there is no evidence.
    """
    unit = "" if row["metric"] == "AUROC" else f" in {row['metric']}"
    p = row["p_corrected"]
    tested = f", corrected {say_p(p)}" if pd.notna(p) else ""
    shown = (
        f"difference {row['difference']:+.3f}{unit} "
        f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]{tested}"
    )
    is_clear = pd.isna(p) or p < alpha
    if is_clear and row["ci_low"] > 0:
        answer, words = "helped", "Pretraining helped on this task"
    elif is_clear and row["ci_high"] < 0:
        answer, words = "harmed", "Pretraining harmed on this task"
    elif row["p_equivalence"] < alpha:
        answer, words = "no difference", "Pretraining made no difference on this task"
        shown += f", equivalence {say_p(row['p_equivalence'])}"
    else:
        answer = "no evidence"
        words = "No evidence that pretraining helped on this task"
    what = (
        f"{row['method']} against {_TWIN_NAMES.get(row['reference'], row['reference'])}"
    )
    sentence = f"{words}: {what}, {shown}."
    return {"question": "pretraining", "answer": answer, "sentence": sentence}


_TWIN_NAMES = {
    "random-encoder": "the same encoder untrained",
    "random-attentive": "the same on the untrained encoder",
    "scratch": "the same network from scratch",
}


def _judge_confounds(results: pd.DataFrame, alpha: float) -> list[dict[str, str]]:
    """Warn where methods that know nothing of the brain do better than chance."""
    primary = results[results["p_permutation"].notna()]
    blind = primary[primary["method"].isin(BLIND)]
    return [
        {
            "question": "confound",
            "answer": str(row["method"]),
            "sentence": (
                f"Caution: {row['method']} alone, which knows nothing of the brain, "
                f"reaches {row['metric']} {row['value']:.2f} [{row['ci_low']:.2f}, "
                f"{row['ci_high']:.2f}] (permutation {say_p(row['p_permutation'])})."
            ),
        }
        for row in blind.to_dict("records")
        if row["p_permutation"] < alpha
    ]
