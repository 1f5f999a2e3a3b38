"""Strength of the association between two columns of any kind."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped
from scipy import stats
from scipy.stats.contingency import crosstab


class Association(NamedTuple):
    """Cramer's V of two groupings.

    Attributes:
        v: Bias-corrected: 0 means no more than chance, 1 means that either grouping
            follows from the other.
        p: Of the chi-squared test; of Fisher's exact test in a two by two table.
        smallest_cell: People in the emptiest cell of the table.
        n: People.
    """

    v: float
    p: float
    smallest_cell: int
    n: int


def measure_association(
    groups: Shaped[np.ndarray, " n"], others: Shaped[np.ndarray, " n"]
) -> Association:
    """Measure Cramer's V with the correction for its bias (Bergsma 2013).

    Args:
        groups: Group of every person.
        others: Group of the same people in the other grouping.

    Example:
        >>> answer = measure_association(np.array([0, 1] * 9), np.array([3, 8] * 9))
        >>> round(answer.v, 6), answer.smallest_cell, answer.n
        (1.0, 0, 18)
    """
    table = crosstab(groups, others).count
    n, (n_rows, n_columns) = int(table.sum()), table.shape
    if min(table.shape) < 2:
        return Association(0.0, 1.0, int(table.min()), n)
    chi2 = stats.chi2_contingency(table, correction=False)
    is_small = table.shape == (2, 2)
    p = float((stats.fisher_exact(table) if is_small else chi2).pvalue)
    phi2 = max(0.0, chi2.statistic / n - (n_columns - 1) * (n_rows - 1) / (n - 1))
    rows = n_rows - (n_rows - 1) ** 2 / (n - 1)
    columns = n_columns - (n_columns - 1) ** 2 / (n - 1)
    v = float(np.sqrt(phi2 / max(min(rows, columns) - 1, 1e-12)))
    return Association(min(v, 1.0), p, int(table.min()), n)


def find_auroc(
    controls: Float[np.ndarray, " n_controls"], cases: Float[np.ndarray, " n_cases"]
) -> float:
    """Return the probability that a case lies above a control; ties count half.

    Example:
        >>> find_auroc(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
        0.875
    """
    wins = stats.mannwhitneyu(cases, controls, method="asymptotic").statistic
    return float(wins / (len(cases) * len(controls)))


def code_factor(values: pd.Series) -> Float[np.ndarray, "n n_columns"]:
    """Code a factor as columns of a regression: numbers, or groups as 0 and 1.

    Numbers are standardised. Groups become one column each, except the first. A
    missing number counts as the mean, a missing group as a group by itself.
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=float)
        sd = np.nanstd(numbers)
        scaled = (numbers - np.nanmean(numbers)) / (sd if sd > 0 else 1.0)
        return np.asarray(np.nan_to_num(scaled)[:, None])
    names, codes = np.unique(values.astype("string").fillna("?"), return_inverse=True)
    return np.asarray(np.eye(len(names))[codes][:, 1:])
