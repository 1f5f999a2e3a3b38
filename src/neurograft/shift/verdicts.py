"""Judge whether two cohorts differ, and say it in a sentence."""

from typing import Any

import numpy as np
import pandas as pd

from neurograft.adaptation.label_shift import suspect_label_shift
from neurograft.shift.described_cohort import Cohort
from neurograft.statistics.p_values import holm, say_p

ALPHA = 0.05


def judge_pair(
    source: Cohort, target: Cohort, factors: pd.DataFrame, measures: pd.DataFrame
) -> pd.DataFrame:
    """Say whether two cohorts differ, and in what first."""
    own = measures[measures["representation"] == "embedding"]
    p, first = find_shift(factors, own)
    clear = factors[factors["p_bh"] < ALPHA]
    row: dict[str, Any] = {
        "source": source.name,
        "target": target.name,
        "answer": "shift" if p < ALPHA else "no shift shown",
        "p": p,
        "first_factor": first or None,
        "sentence": _say_pair(source, target, own.set_index("measure"), clear, p),
        "label_shift": _say_label_shift(source, target),
    }
    return pd.DataFrame([row])


def find_shift(factors: pd.DataFrame, measures: pd.DataFrame) -> tuple[float, str]:
    """Whether two sets of people differ at all, and in which factor most.

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


def _say_pair(
    source: Cohort,
    target: Cohort,
    own: pd.DataFrame,
    clear: pd.DataFrame,
    p: float,
) -> str:
    if p >= ALPHA:
        return (
            f"{source.name} and {target.name}: no difference shown ({say_p(p)}); few "
            "people can hide one."
        )
    accuracy = (
        f"told apart by their embeddings with balanced accuracy "
        f"{_get(own, 'domain accuracy', 'value'):.2f} "
        f"[{_get(own, 'domain accuracy', 'ci_low'):.2f}, "
        f"{_get(own, 'domain accuracy', 'ci_high'):.2f}]"
    )
    if clear.empty:
        return (
            f"{source.name} and {target.name} are {accuracy} ({say_p(p)}); nothing "
            "that is known of people or devices explains it."
        )
    named = ", ".join(
        f"{row['factor']} ({row['in_source']} against {row['in_target']}; size "
        f"{row['size']:.2f})"
        for row in clear.head(3).to_dict("records")
    )
    return (
        f"{source.name} and {target.name} are {accuracy} ({say_p(p)}). They differ "
        f"most in {named}."
    )


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
