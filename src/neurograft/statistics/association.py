"""How strongly two columns of any kind go together."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy import stats

from neurograft.types import FloatArray


class Association(NamedTuple):
    """Cramer's V of two groupings.

    Attributes:
        v: Bias-corrected: 0 means no more than chance, 1 means one fixes the other.
        p: Of the chi-squared test; of Fisher's exact test in a two by two table.
        smallest_cell: People in the emptiest cell of the table.
        n: People.
    """

    v: float
    p: float
    smallest_cell: int
    n: int


def measure_association(one: np.ndarray, other: np.ndarray) -> Association:
    """Measure Cramer's V with the correction for its bias (Bergsma 2013).

    Args:
        one: Group of every person.
        other: The other grouping of the same people.

    Example:
        >>> found = measure_association(np.array([0, 1] * 9), np.array([3, 8] * 9))
        >>> round(found.v, 6), found.smallest_cell, found.n
        (1.0, 0, 18)
    """
    table = count_cells(one, other)
    n, (n_rows, n_columns) = int(table.sum()), table.shape
    if min(table.shape) < 2:
        return Association(0.0, 1.0, int(table.min()) if table.size else 0, n)
    chi2 = stats.chi2_contingency(table, correction=False)
    p = float(chi2.pvalue)
    if table.shape == (2, 2):
        p = float(stats.fisher_exact(table).pvalue)
    phi2 = max(0.0, chi2.statistic / n - (n_columns - 1) * (n_rows - 1) / (n - 1))
    rows = n_rows - (n_rows - 1) ** 2 / (n - 1)
    columns = n_columns - (n_columns - 1) ** 2 / (n - 1)
    v = float(np.sqrt(phi2 / max(min(rows, columns) - 1, 1e-12)))
    return Association(min(v, 1.0), p, int(table.min()), n)


def count_cells(one: np.ndarray, other: np.ndarray) -> FloatArray:
    """Number of people in every pair of groups."""
    first = np.unique(one, return_inverse=True)[1]
    second = np.unique(other, return_inverse=True)[1]
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)
    return table


def find_auroc(controls: FloatArray, cases: FloatArray) -> float:
    """Probability that a case lies above a control; ties count half.

    Example:
        >>> find_auroc(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
        0.875
    """
    ranks = stats.rankdata(np.concatenate([controls, cases]))
    n, m = len(controls), len(cases)
    return float((ranks[n:].sum() - m * (m + 1) / 2) / (n * m))


def code_factor(values: pd.Series) -> Float[np.ndarray, "n n_columns"]:
    """Columns of a factor: standardised numbers, or one per group but the first.

    What is missing counts as the mean, or as a group of its own.
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=float)
        sd = np.nanstd(numbers)
        scaled = (numbers - np.nanmean(numbers)) / (sd if sd > 0 else 1.0)
        return np.asarray(np.nan_to_num(scaled)[:, None])
    names, codes = np.unique(values.astype("string").fillna("?"), return_inverse=True)
    return np.asarray(np.eye(len(names))[codes][:, 1:])
