"""Verdicts: sentences that the tables of a task support."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.method_table import DESCRIBED
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.files.sentences import code_verdict
from neurograft.statistics.power import (
    find_detectable_auroc,
    find_detectable_correlation,
)
from neurograft.tasks.task import Task

# Codes of "evidence" and "no evidence" by what is asked.
ASKED = {"contrast": ("NG102", "NG112"), "regression": ("NG103", "NG113")}
ASKED_GROUPS = ("NG101", "NG111")
Verdict = dict[str, Any]


def draw_verdicts(
    evaluated: EvaluatedTask,
    results: pd.DataFrame,
    comparisons: pd.DataFrame,
    *,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the sentences that a task's tables support.

    A design that separates the groups completely allows no claim about them, and too
    few permutations allow none either way.

    Args:
        evaluated: The task.
        results: Its table of metrics.
        comparisons: Its table of differences.
        alpha: Level of every test.

    Returns:
        Rows with `task`, `question` (`evidence`, `pretraining`, `design`, `confound`),
        `answer`, the `code` of the sentence, its `values` (JSON) and the `sentence`.
    """
    refused = evaluated.design[evaluated.design["severity"] == "refused"]
    n_permutations = max(len(result.permuted) for result in evaluated.full.values())
    rows = [
        _refuse(refused.iloc[0])
        if len(refused)
        else _judge_evidence(evaluated.task, results, alpha, n_permutations)
    ]
    rows += _judge_design(evaluated.design)
    gains = comparisons[comparisons["question"] == "pretraining"]
    rows += [_judge_pretraining(row, alpha) for row in gains.to_dict("records")]
    rows += _judge_confounds(evaluated, results, alpha)
    return pd.DataFrame([{"task": evaluated.task.name} | row for row in rows])


def _refuse(factor: "pd.Series[Any]") -> Verdict:
    reason = {name: factor[name] for name in ("code", "factor", "value")}
    reason["smallest_cell"] = int(factor["smallest_cell"])
    return code_verdict("evidence", "refused", "NG130", reason=reason)


def _judge_design(design: pd.DataFrame) -> list[Verdict]:
    """Say what goes with the group in part."""
    parts = design[design["severity"].isin(["warning", "note"])]
    if parts.empty:
        return []
    factors = [
        {"code": "NG391"} | {k: row[k] for k in ("factor", "measure", "value", "p")}
        for row in parts.to_dict("records")
    ]
    answer = "warning" if (parts["severity"] == "warning").any() else "note"
    return [code_verdict("design", answer, "NG310", factors=factors)]


def _judge_evidence(
    task: Task, results: pd.DataFrame, alpha: float, n_permutations: int
) -> Verdict:
    with_eeg = results[results["p_permutation"].notna() & results["p_holm"].notna()]
    if with_eeg.empty:
        blind = [name for name, one in DESCRIBED.items() if one.role == "blind"]
        sees_eeg = results[~results["method"].isin(blind)]
        is_shuffled = sees_eeg["p_permutation"].notna().any()
        code = "NG100" if sees_eeg.empty or is_shuffled else "NG104"
        return code_verdict("evidence", "not asked", code)
    order = with_eeg.sort_values(
        ["p_holm", "value"], ascending=[True, not task.is_classification]
    )
    best = {"code": "NG191"} | {
        name: order.iloc[0][name]
        for name in (
            "method",
            "metric",
            "value",
            "ci_low",
            "ci_high",
            "p_permutation",
            "p_holm",
        )
    }
    evidence, no_evidence = ASKED.get(task.kind, ASKED_GROUPS)
    if best["p_holm"] < alpha:
        return code_verdict("evidence", "evidence", evidence, task=task.name, best=best)
    smallest = 1 / (n_permutations + 1)
    if best["p_permutation"] <= smallest + 1e-12:
        # No shuffle did as well, and yet no corrected p-value could be small.
        n_methods = len(with_eeg)
        return code_verdict(
            "evidence",
            "undecided",
            "NG120",
            best=best,
            n_permutations=n_permutations,
            n_methods=n_methods,
            needed=int(np.ceil(n_methods / alpha)),
        )
    return code_verdict(
        "evidence",
        "no evidence",
        no_evidence,
        task=task.name,
        best=best,
        power=_find_power(task, alpha),
    )


def _find_power(task: Task, alpha: float) -> Verdict | str:
    """Find the AUROC that so many people show four times out of five."""
    n = len(task.labels)
    if task.kind == "classification" and not task.is_within:
        cases = int(task.labels.sum())
        auroc = find_detectable_auroc(cases, n - cases, alpha=alpha)
        return {"code": "NG192", "n": n, "detectable": auroc}
    if task.kind == "regression":
        r = find_detectable_correlation(n, alpha=alpha)
        return {"code": "NG193", "n": n, "detectable": r}
    return ""


def _judge_pretraining(row: Mapping[Any, Any], alpha: float) -> Verdict:
    """Return helped or harmed only if interval and corrected test agree.

    No difference only if one was ruled out; for all else there is no evidence.
    """
    p = row["p_corrected"]
    gain = {
        "code": "NG292" if pd.notna(p) else "NG291",
        "method": row["method"],
        "twin": DESCRIBED[row["reference"]].as_twin,
        "unit": "" if row["metric"] == "AUROC" else f" in {row['metric']}",
    } | {k: row[k] for k in ("difference", "ci_low", "ci_high", "p_corrected")}
    is_clear = pd.isna(p) or p < alpha
    if is_clear and row["ci_low"] > 0:
        return code_verdict("pretraining", "helped", "NG201", gain=gain)
    if is_clear and row["ci_high"] < 0:
        return code_verdict("pretraining", "harmed", "NG202", gain=gain)
    if row["p_equivalence"] < alpha:
        return code_verdict(
            "pretraining",
            "no difference",
            "NG203",
            gain=gain,
            p_equivalence=row["p_equivalence"],
        )
    return code_verdict("pretraining", "no evidence", "NG204", gain=gain)


def _judge_confounds(
    evaluated: EvaluatedTask, results: pd.DataFrame, alpha: float
) -> list[Verdict]:
    """Warn where methods that know nothing of the brain do better than chance."""
    blind = [
        name
        for name, method in evaluated.methods.items()
        if method.is_blind and method.learner != "dummy"
    ]
    better = results[results["method"].isin(blind) & (results["p_permutation"] < alpha)]
    names = ("method", "metric", "value", "ci_low", "ci_high", "p_permutation")
    return [
        code_verdict(
            "confound", row["method"], "NG320", **{name: row[name] for name in names}
        )
        for row in better.to_dict("records")
    ]
