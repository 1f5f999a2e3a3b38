"""Verdicts: sentences that the tables of a task support."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.label_shift import suspect_label_shift
from neurograft.config.method_table import DESCRIBED
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.prepared_task import number_domains
from neurograft.evaluation.results.evidence import (
    Verdict,
    count_tested,
    find_unit,
    judge_evidence,
)
from neurograft.evaluation.results.few_labels import judge_few_labels
from neurograft.evaluation.results.needed import judge_need
from neurograft.files.sentences import code_verdict
from neurograft.tasks.design_audit import ABOUT_TABLES
from neurograft.tasks.task import Task


def draw_verdicts(
    evaluated: EvaluatedTask,
    results: pd.DataFrame,
    comparisons: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the sentences that a task's tables support.

    A design that separates the groups completely allows no claim about them, nor about
    what pretraining gains in telling them apart. Too few permutations, or too few
    labels that may be exchanged, allow none either way.

    Args:
        evaluated: The task.
        results: Its table of metrics.
        comparisons: Its table of differences.
        curves: Its table of low-label curves; empty if it has none.
        alpha: Level of every test.

    Returns:
        Rows with `task`, `question` (`evidence`, `needed`, `design`, `few labels`,
        `pretraining`, `confound`), `answer`, the `code` of the sentence, its `values`
        (JSON) and the `sentence`.
    """
    refused = evaluated.design[evaluated.design["severity"] == "refused"]
    rows = [
        _refuse(refused.iloc[0], evaluated.task)
        if len(refused)
        else judge_evidence(evaluated, results, alpha)
    ]
    rows += judge_need(evaluated, rows[0], alpha)
    rows += _judge_design(evaluated)
    gains = comparisons[comparisons["question"] == "pretraining"]
    said = {"unit": find_unit(evaluated.task), "n": count_tested(evaluated)}
    if len(refused):
        rows += _refuse_gain(refused.iloc[0], evaluated.task) if len(gains) else []
    else:
        rows += judge_few_labels(evaluated, curves)
        rows += [
            _judge_pretraining(row, alpha, said) for row in gains.to_dict("records")
        ]
    rows += _judge_confounds(evaluated, results, alpha)
    rows += _judge_alignment(evaluated, alpha)
    if evaluated.task.target == "site" and rows[0]["answer"] == "evidence":
        rows.append(code_verdict("confound", "site", "NG330"))
    return pd.DataFrame([{"task": evaluated.task.name} | row for row in rows])


def _refuse(factor: "pd.Series[Any]", task: Task) -> Verdict:
    names = ("code", "factor", "measure", "value")
    reason = {name: factor[name] for name in names}
    reason["smallest_cell"] = int(factor["smallest_cell"])
    reason["what"] = task.asked
    return code_verdict("evidence", "refused", "NG130", reason=reason)


def _refuse_gain(factor: "pd.Series[Any]", task: Task) -> list[Verdict]:
    """Say that a gain is none where something else gives the groups away."""
    values = {"factor": factor["factor"], "what": task.asked}
    return [code_verdict("pretraining", "refused", "NG205", **values)]


def _judge_design(evaluated: EvaluatedTask) -> list[Verdict]:
    """Say what goes with the label in part.

    What is about the table rather than about people has a sentence of its own.
    """
    design = evaluated.design
    parts = design[design["severity"].isin(["warning", "note"])]
    what = evaluated.task.asked
    is_own = parts["code"].isin(ABOUT_TABLES)
    names = ("factor", "measure", "value", "p")
    verdicts = []
    if not is_own.all():
        rest = parts[~is_own]
        factors = [
            {"code": "NG391"} | {k: row[k] for k in names}
            for row in rest.to_dict("records")
        ]
        answer = "warning" if (rest["severity"] == "warning").any() else "note"
        said: Verdict = {"factors": factors, "what": what}
        verdicts.append(code_verdict("design", answer, "NG310", **said))
    for row in parts[is_own].to_dict("records"):
        values = {"what": what} | {k: row[k] for k in names}
        verdicts.append(code_verdict("design", row["severity"], row["code"], **values))
    return verdicts


def _judge_pretraining(row: Mapping[Any, Any], alpha: float, said: Verdict) -> Verdict:
    """Return helped or harmed only if interval and corrected test agree.

    No difference only if one was ruled out; for all else there is no evidence.
    """
    p = row["p_corrected"]
    gain = {
        "code": "NG292" if pd.notna(p) else "NG291",
        "method": row["method"],
        "twin": DESCRIBED[row["reference"]].as_twin,
        "unit": said["unit"] and f"{said['unit']} of {row['metric']}",
        "n": said["n"],
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
    """Warn where methods that know nothing of the brain do better than the dummy.

    Where labels are exchanged within sites only, the site itself has no p-value: its
    interval decides.
    """
    is_error = not evaluated.task.is_classification
    primary = results[results["p_holm"].notna() | results["p_permutation"].notna()]
    dummy = primary.loc[primary["method"] == "dummy", "value"]
    chance = float(dummy.iloc[0]) if len(dummy) else (np.inf if is_error else 0.5)
    names = ("method", "metric", "value", "ci_low", "ci_high", "p_permutation")
    said = {"unit": find_unit(evaluated.task), "n": count_tested(evaluated)}
    rows = []
    for name, method in evaluated.methods.items():
        own = primary[primary["method"] == name]
        if not method.is_blind or method.learner == "dummy" or own.empty:
            continue
        row = own.iloc[0]
        end = row["ci_high"] if is_error else row["ci_low"]
        is_better = (row["value"] < chance) if is_error else (row["value"] > chance)
        is_clear = (end < chance) if is_error else (end > chance)
        if is_better and (is_clear or row["p_permutation"] < alpha):
            values = said | {key: row[key] for key in names if pd.notna(row[key])}
            code = "NG320" if row["p_permutation"] < alpha else "NG321"
            rows.append(code_verdict("confound", name, code, **values))
    return rows


def _judge_alignment(evaluated: EvaluatedTask, alpha: float) -> list[Verdict]:
    """Warn where new sites are aligned whose people have other labels."""
    task = evaluated.task
    if not evaluated.facts.get("adapts_to_tested"):
        return []
    known = np.isfinite(task.labels)
    found = suspect_label_shift(
        task.labels[known], number_domains(task)[known], alpha=alpha
    )
    if not found.is_suspect:
        return []
    return [code_verdict("confound", "label shift", "NG340", said=found.sentence)]
