"""Compare two sets of people in who they are and how they were recorded.

Every factor gets a size between 0 and 1 that can be ranked: for numbers, how much
better than chance a person's set can be told from the factor (`|2 AUROC - 1|`), for
groups Cramer's V with bias correction. The factor with the largest size comes first.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.shift.distances import overlap, standardise_difference
from neurograft.statistics.association import find_auroc, measure_association
from neurograft.types import FloatArray

COLUMNS = (
    "factor", "kind", "n_source", "n_target", "missing_source", "missing_target",
    "in_source", "in_target", "smd", "overlap", "ks", "size", "p", "p_bh",
)  # fmt: skip
# Chosen here: fewer values than this describe no distribution.
MIN_KNOWN = 5


def compare_factors(
    source: pd.DataFrame, target: pd.DataFrame, factors: Sequence[str]
) -> pd.DataFrame:
    """Compare two sets of people factor by factor, the most different one first.

    Args:
        source: One row per person.
        target: The same columns.
        factors: Columns; numbers are compared as such, all else as groups.

    Returns:
        One row per factor: `in_source`, `in_target` say mean (SD) or commonest values;
        `smd` the standardised mean difference, `overlap` and `ks` of the distributions
        (numbers only), `size`, `p` (Kolmogorov-Smirnov, or of the table) and `p_bh`
        after Benjamini and Hochberg. Factors that are unknown have no size.
    """
    rows = [_compare(source[name], target[name], name) for name in factors]
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    known = table["p"].notna()
    if known.any():
        adjusted = stats.false_discovery_control(table.loc[known, "p"].to_numpy(float))
        table.loc[known, "p_bh"] = adjusted
    order = table.sort_values(
        ["size", "p"], ascending=[False, True], na_position="last", kind="stable"
    )
    return order.reset_index(drop=True)


def _compare(source: pd.Series, target: pd.Series, name: str) -> dict[str, object]:
    is_number = pd.api.types.is_numeric_dtype(source) and (
        pd.api.types.is_numeric_dtype(target)
    )
    found: dict[str, object] = {
        "factor": name,
        "kind": "number" if is_number else "groups",
        "n_source": len(source),
        "n_target": len(target),
        "missing_source": int(source.isna().sum()),
        "missing_target": int(target.isna().sum()),
        "in_source": describe_values(source),
        "in_target": describe_values(target),
    }
    one, other = source.dropna(), target.dropna()
    if min(len(one), len(other)) < MIN_KNOWN:
        return found
    if is_number:
        return found | _compare_numbers(one.to_numpy(float), other.to_numpy(float))
    both = pd.concat([one, other]).astype(str).to_numpy()
    side = np.arange(len(both)) < len(one)
    association = measure_association(both, side)
    return found | {"size": association.v, "p": association.p}


def _compare_numbers(one: FloatArray, other: FloatArray) -> dict[str, object]:
    ks = stats.ks_2samp(one, other)
    return {
        "smd": standardise_difference(one, other),
        "overlap": overlap(one, other),
        "ks": float(ks.statistic),
        "size": abs(2 * find_auroc(one, other) - 1),
        "p": float(ks.pvalue),
    }


def describe_values(values: pd.Series) -> str:
    """Return mean (SD) of numbers, or the three commonest values of groups.

    Example:
        >>> describe_values(pd.Series([20.0, 30.0]))
        '25 (7.1)'
        >>> describe_values(pd.Series(["F", "F", "M"]))
        'F 2, M 1'
    """
    known = values.dropna()
    if known.empty:
        return "unknown"
    if pd.api.types.is_numeric_dtype(values):
        sd = float(known.std()) if len(known) > 1 else 0.0
        return f"{known.mean():.4g} ({sd:.2g})"
    counts = known.astype(str).value_counts(sort=False)
    counts = counts.sort_index().sort_values(ascending=False, kind="stable")
    shown = [f"{name} {count}" for name, count in counts.head(3).items()]
    rest = len(counts) - len(shown)
    return ", ".join(shown) + (f", {rest} more" if rest else "")
