"""Judge whether there is something in the EEG, and of how many people that is said."""

from dataclasses import replace
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
from neurograft.tasks.design_audit import ENOUGH, ORDER
from neurograft.tasks.label_shuffles import find_exchangeable
from neurograft.tasks.task import Task

# Codes of "evidence" and "no evidence" by what is asked.
ASKED = {"contrast": ("NG102", "NG112"), "regression": ("NG103", "NG113")}
ASKED_GROUPS = ("NG101", "NG111")
# What a number is counted in where its column says so; points of a scale otherwise.
YEARS, POINTS = "years", "points"
Verdict = dict[str, Any]


def find_unit(task: Task) -> str:
    """Return the unit of a metric, with a blank before it; none where it has none."""
    if task.is_classification:
        return ""
    return f" {YEARS if task.target == 'age' else POINTS}"


def judge_evidence(
    evaluated: EvaluatedTask, results: pd.DataFrame, alpha: float
) -> Verdict:
    """Judge whether any method that sees the EEG does better than chance."""
    task = evaluated.task
    with_eeg = results[results["p_permutation"].notna() & results["p_holm"].notna()]
    if with_eeg.empty:
        blind = [name for name, one in DESCRIBED.items() if one.role == "blind"]
        sees_eeg = results[~results["method"].isin(blind)]
        is_shuffled = sees_eeg["p_permutation"].notna().any()
        if sees_eeg.empty or is_shuffled:
            return code_verdict("evidence", "not asked", "NG100")
        first = sees_eeg.iloc[0]
        if pd.isna(first["value"]):
            metric = str(first["metric"])
            return code_verdict("evidence", "not asked", "NG105", metric=metric)
        return code_verdict("evidence", "not asked", "NG104")
    order = with_eeg.sort_values(
        ["p_holm", "value"], ascending=[True, not task.is_classification]
    )
    best = _describe_best(evaluated, order)
    evidence, no_evidence = ASKED.get(task.kind, ASKED_GROUPS)
    asked = {"task": task.name, "groups": _name_groups(evaluated), "best": best}
    n_methods = len(with_eeg)
    undecided = _find_unanswerable(evaluated, best, n_methods, alpha)
    if undecided:
        return undecided
    if best["p_holm"] < alpha:
        caution = _find_equal(evaluated.design, best["value"], task)
        return code_verdict("evidence", "evidence", evidence, caution=caution, **asked)
    undecided = _find_too_few_shuffles(evaluated, order, best, alpha)
    if undecided:
        return undecided
    power = _find_power(evaluated, alpha)
    return code_verdict("evidence", "no evidence", no_evidence, power=power, **asked)


def _describe_best(evaluated: EvaluatedTask, order: pd.DataFrame) -> Verdict:
    """Describe the best method: how many it was chosen from, of how many people."""
    row, n_methods = order.iloc[0], len(order)
    names = ("method", "metric", "value", "p_permutation", "p_holm")
    is_choice = n_methods > 1 and "family_low" in row and pd.notna(row["family_low"])
    ends = ("family_low", "family_high") if is_choice else ("ci_low", "ci_high")
    return {
        "code": "NG194" if is_choice else "NG191",
        "n": count_tested(evaluated),
        "n_methods": n_methods,
        "unit": find_unit(evaluated.task),
        "ci_low": row[ends[0]],
        "ci_high": row[ends[1]],
    } | {name: row[name] for name in names}


def count_tested(evaluated: EvaluatedTask) -> int:
    """Count the people who are tested and judged."""
    tested = next(iter(evaluated.full.values())).predictions.is_tested
    return len(set(evaluated.task.clusters[tested]))


def _name_groups(evaluated: EvaluatedTask) -> str:
    """Name the groups as the table calls them, with how many of each are tested."""
    task = evaluated.task
    if not task.is_classification:
        return ""
    tested = next(iter(evaluated.full.values())).predictions.is_tested
    counts = [int((task.labels[tested] == k).sum()) for k in range(len(task.classes))]
    named = [f"{name} ({n})" for name, n in zip(task.classes, counts, strict=True)]
    return " and ".join([", ".join(named[:-1]), named[-1]])


def _find_equal(design: pd.DataFrame, value: float, task: Task) -> Verdict | str:
    """Find the factor that alone does as well as the best method, if one does.

    Everybody tested had enough signal, so that no method can have found that out.
    """
    shown = design[design["severity"] != "none"]
    shown = shown[~shown["factor"].isin([ORDER, ENOUGH])]
    is_error = not task.is_classification
    equal = shown["alone"] <= value if is_error else shown["alone"] >= value
    if not equal.any():
        return ""
    strongest = shown[equal].sort_values("alone", ascending=is_error).iloc[0]
    metric = "mean absolute error" if is_error else "AUROC"
    return {
        "code": "NG195",
        "factor": strongest["factor"],
        "metric": metric,
        "alone": strongest["alone"],
        "unit": find_unit(task),
    }


def _find_unanswerable(
    evaluated: EvaluatedTask, best: Verdict, n_methods: int, alpha: float
) -> Verdict | None:
    """Say that no shuffles of the labels could give an answer, where that is so."""
    task = evaluated.task
    found = find_exchangeable(task, evaluated.folds[0])
    if found.smallest_p * n_methods < alpha:
        return None
    over_sites = find_exchangeable(replace(task, target="site"), evaluated.folds[0])
    is_by_site = over_sites.smallest_p * n_methods < alpha
    return code_verdict(
        "evidence",
        "undecided",
        "NG121" if is_by_site else "NG122",
        best=best,
        n_exchangeable=len(set(task.clusters[found.rows])),
        n=best["n"],
        n_arrangements=round(1 / found.smallest_p),
    )


def _find_too_few_shuffles(
    evaluated: EvaluatedTask, order: pd.DataFrame, best: Verdict, alpha: float
) -> Verdict | None:
    """Say that more shuffles could have given an answer, where that is so.

    Slow learners have fewer shuffles than others; each is held against its own.
    """
    for row in order.to_dict("records"):
        name = str(row["method"])
        n_permutations = len(evaluated.full[name].permuted)
        if row["p_permutation"] <= 1 / (n_permutations + 1) + 1e-12:
            # No shuffle did as well, and yet no corrected p-value could be small.
            return code_verdict(
                "evidence",
                "undecided",
                "NG120",
                best=best,
                method=name,
                n_permutations=n_permutations,
                n_methods=len(order),
                setting=_name_setting(evaluated, name),
                needed=int(np.ceil(len(order) / alpha)),
            )
    return None


def _name_setting(evaluated: EvaluatedTask, name: str) -> str:
    """Return the setting that says how often labels are shuffled for a method."""
    method = evaluated.methods[name]
    if method.is_network:
        return "network_permutations"
    is_slow = not (
        method.is_linear or method.learner == "dummy" or name in evaluated.own
    )
    return "slow_permutations" if is_slow else "n_permutations"


def _find_power(evaluated: EvaluatedTask, alpha: float) -> Verdict | str:
    """Find the effect that the people whose labels are exchanged show in 4 of 5."""
    task = evaluated.task
    rows = find_exchangeable(task, evaluated.folds[0]).rows
    n, labels = int(rows.sum()), task.labels[rows]
    if task.kind == "classification" and not task.is_within:
        cases = int(labels.sum())
        auroc = find_detectable_auroc(cases, n - cases, alpha=alpha)
        return {"code": "NG192", "n": n, "detectable": auroc}
    if task.kind == "regression":
        r = find_detectable_correlation(n, alpha=alpha)
        return {"code": "NG193", "n": n, "detectable": r}
    return ""
