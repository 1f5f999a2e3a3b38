"""Measure how far domains of any table of features are apart."""

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from neurograft.api.columns import read_names, read_numbers
from neurograft.config.shift import ShiftConfig
from neurograft.errors import ConfigError, DataError
from neurograft.shift.factor_differences import compare_factors
from neurograft.shift.tables import measure_pair
from neurograft.types import FloatArray

# Fewer people of a domain say nothing. Chosen here.
MIN_PEOPLE = 5
# Fewer shuffles cannot reach p = .05.
MIN_PERMUTATIONS = 19


def measure_shift(
    X: Any,
    domain: Any,
    *,
    covariates: pd.DataFrame | None = None,
    n_permutations: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure how far every two domains are apart, and in which covariates they differ.

    Args:
        X: Features, a row per person: `(n_people, n_features)`.
        domain: Site or cohort of every person.
        covariates: Columns such as age and sex, a row per person.
        n_permutations: Shuffles of the domains, 19 at least.
        random_state: Decides folds and shuffles.

    Returns:
        `source`, `target`, `measure`, `value`, `ci_low`, `ci_high`, `p`: balanced
        accuracy of a domain classifier on people it did not learn from, proxy
        A-distance, squared maximum mean discrepancy, Frechet distance of means and of
        covariances; and `size of <covariate>`, 0 (alike) to 1 (apart).

    Raises:
        DataError: If there is one domain only, or one with fewer than five people.
        ConfigError: If there are fewer than 19 shuffles.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(40, 3))
        >>> X[20:] += 3
        >>> found = measure_shift(X, ["a"] * 20 + ["b"] * 20, n_permutations=99)
        >>> bool(found.set_index("measure").loc["domain accuracy", "value"] > 0.9)
        True
    """
    if n_permutations < MIN_PERMUTATIONS:
        raise ConfigError(
            f"n_permutations={n_permutations} cannot give p < .05; take at least "
            f"{MIN_PERMUTATIONS}."
        )
    values, names = _read_people(X, domain)
    table = None if covariates is None else _read_covariates(covariates, len(values))
    settings = ShiftConfig(n_permutations=n_permutations)
    rows: list[dict[str, Any]] = []
    for one, other in combinations(sorted(set(names)), 2):
        source, target = names == one, names == other
        pair = np.concatenate([values[source], values[target]])
        n_source = int(source.sum())
        measured = list(measure_pair(pair, n_source, settings, seed=random_state))
        if table is not None:
            measured += _compare(table[source], table[target])
        rows += [{"source": one, "target": other} | row for row in measured]
    columns = ["source", "target", "measure", "value", "ci_low", "ci_high", "p"]
    return pd.DataFrame(rows).reindex(columns=columns)


def _read_people(X: Any, domain: Any) -> tuple[FloatArray, npt.NDArray[Any]]:
    """Read a row of features per person, and everybody's domain.

    Raises:
        DataError: If something is missing, or a domain has too few people.
    """
    values = read_numbers(X, "X")
    if values.ndim != 2 or not np.isfinite(values).all():
        n_bad = int((~np.isfinite(values.reshape(len(values), -1))).any(1).sum())
        raise DataError(
            f"X has {values.ndim} axes and {n_bad} rows that are not finite; give a "
            "row of finite features per person."
        )
    names = read_names(domain, "domain", len(values))
    if None in names:
        raise DataError(
            f"domain has {names.count(None)} missing values; leave those people out."
        )
    found, counts = np.unique(names, return_counts=True)
    if len(found) < 2 or counts.min() < MIN_PEOPLE:
        said = ", ".join(
            f"{n} of {name}" for name, n in zip(found, counts, strict=True)
        )
        raise DataError(
            f"Two domains of at least {MIN_PEOPLE} people are needed; found {said}."
        )
    return values, np.array(names)


def _read_covariates(covariates: Any, n: int) -> pd.DataFrame:
    """Read a table of covariates, a row per person.

    Raises:
        DataError: If it is no table, or has more or fewer rows.
    """
    table = pd.DataFrame(covariates).reset_index(drop=True)
    if len(table) != n:
        raise DataError(f"covariates has {len(table)} rows and X has {n}.")
    return table


def _compare(source: pd.DataFrame, target: pd.DataFrame) -> list[dict[str, Any]]:
    """Compare the covariates of two domains."""
    factors = compare_factors(source, target, list(map(str, source)))
    return [
        {"measure": f"size of {row['factor']}", "value": row["size"], "p": row["p_bh"]}
        for row in factors.to_dict("records")
    ]
