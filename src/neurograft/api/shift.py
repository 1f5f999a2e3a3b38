"""Measure how far domains of any table of features are apart."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.shift import ShiftConfig
from neurograft.errors import DataError
from neurograft.shift.factor_differences import compare_factors
from neurograft.shift.tables import measure_pair

# Fewer people of a domain say nothing. Chosen here.
MIN_PEOPLE = 5


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
        n_permutations: Shuffles of the domains.
        random_state: Decides folds and shuffles.

    Returns:
        `source`, `target`, `measure`, `value`, `ci_low`, `ci_high`, `p`: balanced
        accuracy of a domain classifier on people it did not learn from, proxy
        A-distance, squared maximum mean discrepancy, Frechet distance of means and of
        covariances; and `size of <covariate>`, 0 (alike) to 1 (apart).

    Raises:
        DataError: If there is one domain only, or one with fewer than five people.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(40, 3))
        >>> X[20:] += 3
        >>> found = measure_shift(X, ["a"] * 20 + ["b"] * 20, n_permutations=99)
        >>> bool(found.set_index("measure").loc["domain accuracy", "value"] > 0.9)
        True
    """
    values = np.asarray(X.to_numpy() if hasattr(X, "to_numpy") else X, dtype=float)
    names = np.asarray(domain).astype(str)
    if len(values) != len(names):
        raise DataError(f"X has {len(values)} rows and domain has {len(names)}.")
    found, counts = np.unique(names, return_counts=True)
    if len(found) < 2 or counts.min() < MIN_PEOPLE:
        said = ", ".join(
            f"{n} of {name}" for name, n in zip(found, counts, strict=True)
        )
        raise DataError(
            f"Two domains of at least {MIN_PEOPLE} people are needed; found {said}."
        )
    settings = ShiftConfig(n_permutations=n_permutations)
    rows: list[dict[str, Any]] = []
    for one, other in combinations(found.tolist(), 2):
        source, target = names == one, names == other
        pair = np.concatenate([values[source], values[target]])
        named = {"source": one, "target": other}
        measured = measure_pair(pair, int(source.sum()), settings, seed=random_state)
        rows += [named | row for row in measured]
        if covariates is not None:
            table = covariates.reset_index(drop=True)
            factors = compare_factors(
                table[source], table[target], list(map(str, table))
            )
            rows += [
                named | {"measure": f"size of {row['factor']}", "value": row["size"],
                         "p": row["p_bh"]}
                for row in factors.to_dict("records")
            ]  # fmt: skip
    columns = ["source", "target", "measure", "value", "ci_low", "ci_high", "p"]
    return pd.DataFrame(rows).reindex(columns=columns)
