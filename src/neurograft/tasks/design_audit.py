"""Audit a design before any signal is read: which factors go with the label."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.files.keys import CIRCUMSTANCES, PEOPLE
from neurograft.files.sentences import say
from neurograft.statistics.association import (
    code_factor,
    find_auroc,
    measure_association,
)
from neurograft.statistics.intervals import percentile_interval
from neurograft.tasks.task import Task
from neurograft.types import FloatArray

Severity = Literal["none", "note", "warning", "refused"]
# Cramer's V from which on groups count as separated: with it, 95 of 100 people are
# where their label is.
SEPARATED = 0.8
# By convention (Fisher 1925).
ALPHA = 0.05
# Chosen here: a level needs so many people on average to be compared.
PEOPLE_PER_LEVEL = 4


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
    labels: FloatArray, factors: Mapping[str, Factor], *, alpha: float = ALPHA
) -> pd.DataFrame:
    """Measure how strongly every factor goes with the label, the strongest first.

    Args:
        labels: Group of every person, as numbers.
        factors: By name.
        alpha: A warning below this after Benjamini and Hochberg over the factors; a
            note below it without: to miss a confound is the worse mistake.

    Returns:
        One row per factor that varies: `factor`, `measure` (`Cramer's V`, or `AUROC` of
        the factor alone, of several groups the largest over pairs), `value`, `p`,
        `p_bh`, `smallest_cell`, `n`, `severity`, `code` and
        `sentence`.
    """
    rows = []
    for name, factor in factors.items():
        row = _measure(labels, factor)
        if row:
            rows.append({"factor": name, "refuses": factor.refuses} | row)
    columns = ["factor", "measure", "value", "p", "p_bh", "smallest_cell", "n",
               "severity", "code", "sentence"]  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(rows)
    table["p_bh"] = stats.false_discovery_control(table["p"].to_numpy(float))
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


def _measure(labels: FloatArray, factor: Factor) -> dict[str, object]:
    known = factor.values.notna().to_numpy()
    y, values = labels[known], factor.values[known]
    if known.sum() < 8 or len(np.unique(y)) < 2 or values.nunique() < 2:
        return {}
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 2:
        return _measure_number(y, values.to_numpy(dtype=float))
    if values.nunique() > len(values) / PEOPLE_PER_LEVEL:
        return {}
    groups = values.astype(str).to_numpy()
    found = measure_association(groups, y)
    return {
        "measure": "Cramer's V",
        "value": found.v,
        "p": found.p,
        "smallest_cell": found.smallest_cell,
        "n": found.n,
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
    }


def _judge(row: Mapping[Any, Any], alpha: float) -> Severity:
    if row["p_bh"] >= alpha:
        return "note" if row["p"] < alpha else "none"
    separated = row["measure"] == "Cramer's V" and float(row["value"]) > SEPARATED
    return "refused" if separated and row["refuses"] else "warning"


def _choose_code(row: Mapping[Any, Any]) -> str:
    """Choose the sentence of a factor; empty where it does not go with the label."""
    if row["severity"] == "none":
        return ""
    if row["severity"] == "refused":
        return "NG301"
    codes = ("NG302", "NG303") if row["severity"] == "warning" else ("NG304", "NG305")
    return codes[0] if row["measure"] == "AUROC" else codes[1]


def compare_within(
    labels: FloatArray,
    scores: FloatArray,
    strata: FloatArray,
    *,
    n_draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float, float, int]:
    """Return the AUROC over pairs of a case and a control of the same stratum.

    The matched analysis of predictions that are there already: a factor that is the
    same in both cannot have told them apart.

    Args:
        labels: 1 case, 0 control.
        scores: Larger means case.
        strata: Level of the factor of every person; NaN is in no pair.
        n_draws: Resamples of people within strata and groups.
        seed: Decides them.

    Returns:
        Area, its 95 % interval, and the number of pairs; NaN without pairs.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for stratum in np.unique(strata[np.isfinite(strata)]):
        own = strata == stratum
        cases, controls = scores[own & (labels == 1)], scores[own & (labels == 0)]
        if len(cases) and len(controls):
            higher = (cases[:, None] > controls) + 0.5 * (cases[:, None] == controls)
            parts.append(higher)
    n_pairs = sum(part.size for part in parts)
    if not n_pairs:
        return float("nan"), float("nan"), float("nan"), 0
    value = sum(part.sum() for part in parts) / n_pairs
    drawn = np.zeros(n_draws)
    for part in parts:
        n, m = part.shape
        one = rng.multinomial(n, np.full(n, 1 / n), n_draws)
        other = rng.multinomial(m, np.full(m, 1 / m), n_draws)
        drawn += np.einsum("dn,nm,dm->d", one, part, other, optimize=True)
    return float(value), *percentile_interval(drawn / n_pairs), n_pairs


def cut_levels(values: pd.Series, *, n_levels: int = 4) -> FloatArray:
    """Return strata of a factor: groups, or quantiles of a number; NaN if unknown."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > n_levels:
        ranks = values.rank(pct=True)
        return np.asarray(np.ceil(ranks.to_numpy(dtype=float) * n_levels))
    codes = pd.factorize(values.to_numpy(), sort=True)[0].astype(float)
    return np.asarray(np.where(codes < 0, np.nan, codes))


# The factors that `duration` and `amplitude` stand for, and what processing found.
OWN_METHODS = tuple(name for name in CIRCUMSTANCES if name != "hour")
# Chosen here: a factor with more groups than this is left out of the numbers.
MAX_COLUMNS = 20


def audit_task(task: Task, factors: Mapping[str, Factor]) -> pd.DataFrame:
    """Audit the design of a task that tells people apart; empty for others.

    A contrast compares recordings of the same people, a regression has no groups.
    """
    if task.kind in ("regression", "contrast"):
        return audit_design(task.labels, {})
    return audit_design(task.labels, factors)


def code_acquisition(factors: Mapping[str, Factor]) -> FloatArray | None:
    """Return the recording conditions as numbers, which need no brain.

    Returns:
        One row per person; None if nothing varies.
    """
    columns = [
        code_factor(factor.values)
        for name, factor in factors.items()
        if name not in (*PEOPLE, *OWN_METHODS) and factor.values.nunique() > 1
    ]
    columns = [one for one in columns if one.shape[1] <= MAX_COLUMNS]
    return np.concatenate(columns, axis=1) if columns else None
