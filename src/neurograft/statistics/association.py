"""Strength of the association between two columns of any kind."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Shaped
from scipy import stats
from scipy.stats.contingency import crosstab

# Below so many people expected in a cell, chi-squared is no guide (Cochran 1954).
FEW_EXPECTED = 5
# Chosen here: enough to tell .05 from .04.
N_TABLES = 1999


class Association(NamedTuple):
    """Cramer's V of two groupings.

    Attributes:
        v: Bias-corrected: 0 means no more than chance, 1 means that either grouping
            follows from the other.
        p: Of the chi-squared test; of Fisher's exact test in a two by two table; by
            permutation where a larger table expects fewer than five people in a cell.
        smallest_cell: People in the emptiest cell of the table.
        n: People.
        is_complete: Whether every group has one value of the other grouping.
    """

    v: float
    p: float
    smallest_cell: int
    n: int
    is_complete: bool = False


def measure_association(
    groups: Shaped[np.ndarray, " n"], others: Shaped[np.ndarray, " n"]
) -> Association:
    """Measure Cramer's V with the correction for its bias (Bergsma 2013).

    Args:
        groups: Group of every person.
        others: Group of the same people in the other grouping.

    Example:
        >>> answer = measure_association(np.array([0, 1] * 9), np.array([3, 8] * 9))
        >>> round(answer.v, 6), answer.smallest_cell, answer.n, answer.is_complete
        (1.0, 0, 18, True)
    """
    table = crosstab(groups, others).count
    n, (n_rows, n_columns) = int(table.sum()), table.shape
    if min(table.shape) < 2:
        return Association(0.0, 1.0, int(table.min()), n)
    chi2 = stats.chi2_contingency(table, correction=False)
    if table.shape == (2, 2):
        p = float(stats.fisher_exact(table).pvalue)
    elif chi2.expected_freq.min() < FEW_EXPECTED:
        p = _permute_table(table)
    else:
        p = float(chi2.pvalue)
    phi2 = max(0.0, chi2.statistic / n - (n_columns - 1) * (n_rows - 1) / (n - 1))
    rows = n_rows - (n_rows - 1) ** 2 / (n - 1)
    columns = n_columns - (n_columns - 1) ** 2 / (n - 1)
    v = float(np.sqrt(phi2 / max(min(rows, columns) - 1, 1e-12)))
    is_complete = bool(((table > 0).sum(1) == 1).all())
    return Association(min(v, 1.0), p, int(table.min()), n, is_complete)


def _permute_table(table: Int[np.ndarray, "n_rows n_columns"]) -> float:
    """Return the p-value of chi-squared over random tables with the same margins.

    Tables are drawn by Patefield 1981, as scipy does.
    """
    rows, columns = table.sum(1), table.sum(0)
    rng = np.random.default_rng(0)
    drawn = stats.random_table(rows, columns, seed=rng).rvs(N_TABLES)
    # Of tables with equal margins, chi-squared grows with this sum.
    sums = (drawn**2 / np.outer(rows, columns)).sum((1, 2))
    observed = (table**2 / np.outer(rows, columns)).sum()
    return float((1 + (sums >= observed - 1e-12).sum()) / (1 + N_TABLES))


class NumberAssociation(NamedTuple):
    """Association of a number with a grouping, or with another number.

    Attributes:
        size: Between 0 and 1.
        p: Two-sided.
        is_complete: Whether one follows from the other.
    """

    size: float
    p: float
    is_complete: bool


def measure_number_by_group(
    groups: Shaped[np.ndarray, " n"], numbers: Float[np.ndarray, " n"]
) -> NumberAssociation:
    """Measure how a number differs between groups: eta of its ranks.

    Source: Kruskal and Wallis 1952; effect size of Tomczak and Tomczak 2014, eq. 4.

    Example:
        >>> found = measure_number_by_group(np.array(["a", "b"] * 6), np.arange(12.0))
        >>> bool(found.size < 0.1), found.is_complete
        (True, False)
    """
    parts = [numbers[groups == group] for group in np.unique(groups)]
    if len(parts) < 2 or np.unique(numbers).size < 2:
        return NumberAssociation(0.0, 1.0, is_complete=False)
    test = stats.kruskal(*parts)
    freedom = len(numbers) - len(parts)
    squared = (test.statistic - len(parts) + 1) / freedom if freedom > 0 else 0.0
    is_complete = all(np.ptp(part) == 0 for part in parts)
    size = float(np.sqrt(min(max(squared, 0.0), 1.0)))
    return NumberAssociation(size, float(test.pvalue), is_complete)


def correlate_ranks(
    one: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"]
) -> NumberAssociation:
    """Measure how two numbers go together: the size of Spearman's correlation."""
    test = stats.spearmanr(one, other)
    size = abs(float(test.statistic))
    return NumberAssociation(size, float(test.pvalue), size > 1 - 1e-12)


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
