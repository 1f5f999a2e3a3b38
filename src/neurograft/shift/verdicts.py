"""Judge whether two cohorts differ, and in what."""

from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.label_shift import suspect_label_shift
from neurograft.files.sentences import code_verdict
from neurograft.shift.described_cohort import Cohort
from neurograft.statistics.p_values import holm

# By convention (Fisher 1925).
ALPHA = 0.05


def judge_pair(
    source: Cohort, target: Cohort, factors: pd.DataFrame, measures: pd.DataFrame
) -> pd.DataFrame:
    """Judge whether two cohorts differ, and in what first.

    Args:
        source: A cohort.
        target: Another.
        factors: From `compare_factors`.
        measures: From `measure_pair`.

    Returns:
        One row: `source`, `target`, `question`, `answer`, `p`, `first_factor`, `code`,
        `values`, `sentence`, and `label_shift`, a warning where aligning the two would
        remove a difference in age.
    """
    own = measures[measures["representation"] == "embedding"]
    p, first = find_shift(factors, own)
    clear = factors[factors["p_bh"] < ALPHA]
    verdict = _judge(source.name, target.name, own.set_index("measure"), clear, p)
    row: dict[str, Any] = {
        "source": source.name,
        "target": target.name,
        **verdict,
        "p": p,
        "first_factor": first or None,
        "label_shift": _say_label_shift(source, target),
    }
    return pd.DataFrame([row])


def find_shift(factors: pd.DataFrame, measures: pd.DataFrame) -> tuple[float, str]:
    """Return whether two sets of people differ, and in which factor most.

    Three families of tests, after Holm: factors (the smallest p after Benjamini and
    Hochberg), the domain classifier and the discrepancy.

    Args:
        factors: From `compare_factors`.
        measures: Of one representation, from `measure_pair`.

    Returns:
        The smallest p, and the first of the factors that differ; empty if none does.
    """
    own = measures.set_index("measure")
    found = [
        float(factors["p_bh"].min()),
        _get(own, "domain accuracy", "p"),
        _get(own, "MMD2", "p"),
    ]
    p = np.array([1.0 if np.isnan(value) else value for value in found])
    clear = factors[factors["p_bh"] < ALPHA]
    return float(holm(p).min()), str(clear["factor"].iloc[0]) if len(clear) else ""


def _get(table: pd.DataFrame, measure: str, column: str) -> float:
    return float(table[column].get(measure, np.nan))


def _judge(
    source: str, target: str, own: pd.DataFrame, clear: pd.DataFrame, p: float
) -> dict[str, Any]:
    """Choose the verdict on two cohorts, with its values."""
    named: dict[str, Any] = {"source": source, "target": target}
    if p >= ALPHA:
        return code_verdict("shift", "no shift shown", "NG403", **named, p=p)
    named["apart"] = {"code": "NG491", "p": p} | {
        column: _get(own, "domain accuracy", column)
        for column in ("value", "ci_low", "ci_high")
    }
    if clear.empty:
        return code_verdict("shift", "shift", "NG402", **named)
    columns = ("factor", "in_source", "in_target", "size")
    factors = [
        {"code": "NG492"} | {column: row[column] for column in columns}
        for row in clear.head(3).to_dict("records")
    ]
    return code_verdict("shift", "shift", "NG401", **named, factors=factors)


def _say_label_shift(source: Cohort, target: Cohort) -> str | None:
    """Warn that aligning the two would remove a difference in age."""
    ages = [
        one.people["age"].dropna().to_numpy(dtype=float) for one in (source, target)
    ]
    if min(map(len, ages)) < 5:
        return None
    domain = np.repeat([1, -1], [len(one) for one in ages])
    found = suspect_label_shift(np.concatenate(ages), domain)
    return f"Age: {found.sentence}" if found.is_suspect else None
