"""Audit a design before any signal is read: which factors go with the label."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.files.sentences import say
from neurograft.kinds import Kind
from neurograft.statistics.association import (
    code_factor,
    correlate_ranks,
    find_auroc,
    measure_association,
    measure_number_by_group,
)
from neurograft.tasks.factor_alone import predict_alone
from neurograft.tasks.task import Task
from neurograft.types import FloatArray

Severity = Literal["none", "note", "warning", "refused"]
# Cramer's V from which on groups count as separated: with it, 95 of 100 people are
# where their label is.
SEPARATED = 0.8
# By convention (Fisher 1925).
ALPHA = 0.05
# Chosen here: fewer known people, or fewer people per level on average, say nothing.
LEAST_PEOPLE, PEOPLE_PER_LEVEL = 6, 2
# Names of the factors that are about a table rather than a person: how people are
# numbered, of whom something is known at all, and who had enough signal to be in it.
ORDER, KNOWN, ENOUGH = "order of labels", "known", "enough signal"
# Their sentences.
ABOUT_TABLES = ("NG306", "NG307", "NG308")


class Factor(NamedTuple):
    """A factor that might go with the label.

    Attributes:
        values: Of every person; numbers or groups, gaps allowed.
        refuses: Whether complete separation makes a claim impossible: true of how
            people were recorded, not of who they are.
    """

    values: pd.Series
    refuses: bool


def audit_design(
    labels: FloatArray,
    factors: Mapping[str, Factor],
    *,
    kind: Kind = "classification",
    asked: str = "group",
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Measure how strongly every factor goes with the label, the strongest first.

    That a factor is known of some people only is a factor itself: what is said of
    patients alone separates them from controls.

    Args:
        labels: Group of every person, as numbers; of a regression, the number.
        factors: By name.
        kind: Of the task.
        asked: What the labels are, as sentences say it (`Task.asked`).
        alpha: A warning below this after Benjamini and Hochberg over the factors; a
            note below it without: to miss a confound is the worse mistake. Complete
            separation is warned of, or refused, without correction.

    Returns:
        One row per factor that varies: `factor`, `measure` (of groups `Cramer's V`, or
        `AUROC` of the factor alone, of several groups the largest over pairs; of
        numbers `Spearman's correlation`, or `eta` of the ranks), `value`, `p`,
        `p_bh`, `smallest_cell`, `n`, `alone` (primary metric of the factor alone),
        `severity`, `code` and `sentence`.
    """
    rows = []
    for name, factor in (dict(factors) | list_who_is_known(factors)).items():
        row = _measure(labels, factor, kind)
        if row:
            alone = predict_alone(labels, factor.values, kind)
            start = {"factor": name, "refuses": factor.refuses, "alone": alone}
            rows.append(start | {"is_fine": False} | row)
    columns = ["factor", "measure", "value", "p", "p_bh", "smallest_cell", "n",
               "alone", "severity", "code", "sentence"]  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(rows)
    table["p_bh"] = stats.false_discovery_control(table["p"].to_numpy(float))
    table["what"] = asked
    records: list[dict[Any, Any]] = table.to_dict("records")
    table["severity"] = [_judge(row, alpha) for row in records]
    table["code"] = [
        _choose_code(row | {"severity": severity})
        for row, severity in zip(records, table["severity"], strict=True)
    ]
    table["sentence"] = [
        say(code, row) if code else ""
        for row, code in zip(records, table["code"], strict=True)
    ]
    size = np.where(table["measure"] == "AUROC", 2 * table["value"] - 1, table["value"])
    table["order"] = -size - 10 * (table["severity"] == "refused")
    return table.sort_values("order", kind="stable")[columns].reset_index(drop=True)


def list_who_is_known(factors: Mapping[str, Factor]) -> dict[str, Factor]:
    """List of whom each factor is known, where that differs between people."""
    known = {name: factor.values.notna() for name, factor in factors.items()}
    return {
        f"{name} {KNOWN}": Factor(is_known.map({True: "yes", False: "no"}), False)
        for name, is_known in known.items()
        if 0 < is_known.sum() < len(is_known)
    }


def _measure(labels: FloatArray, factor: Factor, kind: Kind) -> dict[str, object]:
    """Measure how a factor goes with the label; empty where it cannot be told."""
    known = factor.values.notna().to_numpy()
    y, values = labels[known], factor.values[known]
    if known.sum() < LEAST_PEOPLE or len(np.unique(y)) < 2 or values.nunique() < 2:
        return {}
    is_number = pd.api.types.is_numeric_dtype(values) and values.nunique() > 2
    is_fine = not is_number and values.nunique() > len(values) / PEOPLE_PER_LEVEL
    names_people = values.nunique() == len(values)
    if is_fine and (kind == "regression" or names_people or not factor.refuses):
        return {}
    if kind == "regression":
        return _measure_against_number(y, values, is_number=is_number)
    if is_number:
        return _measure_number(y, values.to_numpy(dtype=float))
    found = measure_association(values.astype(str).to_numpy(), y)
    if is_fine and not found.is_complete:
        return {}
    return {
        "measure": "Cramer's V",
        "value": found.v,
        "p": found.p,
        "smallest_cell": found.smallest_cell,
        "n": found.n,
        "is_complete": found.is_complete,
        "is_fine": is_fine,
    }


def _measure_number(y: FloatArray, values: FloatArray) -> dict[str, object]:
    groups = [values[y == group] for group in np.unique(y)]
    areas = [
        max(area, 1 - area)
        for i, one in enumerate(groups)
        for other in groups[i + 1 :]
        for area in [find_auroc(one, other)]
    ]
    test = stats.mannwhitneyu(*groups) if len(groups) == 2 else stats.kruskal(*groups)
    return {
        "measure": "AUROC",
        "value": max(areas),
        "p": float(test.pvalue),
        "smallest_cell": min(len(group) for group in groups),
        "n": len(y),
        "is_complete": min(areas) == 1,
    }


def _measure_against_number(
    y: FloatArray, values: pd.Series, *, is_number: bool
) -> dict[str, object]:
    if is_number:
        numbers = values.to_numpy(dtype=float)
        found, smallest = correlate_ranks(numbers, y), len(y)
    else:
        groups = values.astype(str).to_numpy()
        found = measure_number_by_group(groups, y)
        smallest = int(np.unique(groups, return_counts=True)[1].min())
    return {
        "measure": "Spearman's correlation" if is_number else "eta",
        "value": found.size,
        "p": found.p,
        "smallest_cell": smallest,
        "n": len(y),
        "is_complete": found.is_complete,
    }


def _judge(row: Mapping[Any, Any], alpha: float) -> Severity:
    """Judge a factor; how people are numbered is never more than a note.

    Few people who were recorded apart may be so by chance, which is worth a note.
    """
    if row["p"] >= alpha:
        is_apart = row["refuses"] and row["is_complete"] and not row["is_fine"]
        return "note" if is_apart else "none"
    if row["factor"] == ORDER:
        return "note"
    is_sure = row["p_bh"] < alpha
    separated = row["measure"] == "Cramer's V" and float(row["value"]) > SEPARATED
    if row["refuses"] and (row["is_complete"] or (separated and is_sure)):
        return "refused"
    return "warning" if is_sure or row["is_complete"] else "note"


def _choose_code(row: Mapping[Any, Any]) -> str:
    """Choose the sentence of a factor; empty where it does not go with the label."""
    if row["severity"] == "none":
        return ""
    if row["severity"] == "refused":
        return "NG301"
    if row["factor"] == ORDER:
        return "NG307"
    if row["factor"] == ENOUGH:
        return "NG308"
    if row["factor"].endswith(f" {KNOWN}"):
        return "NG306"
    codes = ("NG302", "NG303") if row["severity"] == "warning" else ("NG304", "NG305")
    return codes[0] if row["measure"] == "AUROC" else codes[1]


# How people were recorded, besides what refuses; other columns may be the disease.
RECORDED = ("hour",)
# Chosen here: a factor with more groups than this is left out of the numbers.
MAX_COLUMNS = 20


# What can differ between two recordings of a person, and is not what is contrasted.
OF_RECORDING = ("reference", "sfreq_hz", "line_freq_hz", "n_channels", "duration_s")


def audit_task(task: Task, factors: Mapping[str, Factor]) -> pd.DataFrame:
    """Audit the design of a task among those who are judged.

    Where sites are to be told apart, how people were recorded is what is asked for. The
    two recordings of a person can differ in how they were recorded only.
    """
    if task.kind == "contrast":
        own = {name: factors[name] for name in OF_RECORDING if name in factors}
        return audit_design(task.labels, own)
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    looked_at = {
        name: Factor(factor.values[judged], factor.refuses)
        for name, factor in factors.items()
        if not (task.target == "site" and factor.refuses)
    }
    found = audit_design(
        task.labels[judged], looked_at, kind=task.kind, asked=task.asked
    )
    lost = audit_design(*_list_lost(task), kind=task.kind, asked=task.asked)
    parts = [part for part in (found, lost) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else found


def _list_lost(task: Task) -> tuple[FloatArray, dict[str, Factor]]:
    """Return the labels of all who have one, and who of them had enough signal."""
    if task.excluded.empty:
        return task.labels, {}
    lost = task.excluded["label"].to_numpy(dtype=float)
    labels = np.concatenate([task.labels, lost])
    is_kept = np.repeat(["yes", "no"], [len(task.labels), len(lost)])
    return labels, {ENOUGH: Factor(pd.Series(is_kept), False)}


def code_acquisition(factors: Mapping[str, Factor]) -> FloatArray | None:
    """Return the recording conditions as numbers, which need no brain.

    Returns:
        One row per person; None if nothing varies.
    """
    columns = [
        code_factor(factor.values)
        for name, factor in factors.items()
        if (factor.refuses or name in RECORDED) and factor.values.nunique() > 1
    ]
    columns = [one for one in columns if one.shape[1] <= MAX_COLUMNS]
    return np.concatenate(columns, axis=1) if columns else None
