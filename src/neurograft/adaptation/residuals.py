"""Take what covariates explain out of features, by a model of the training people.

Linear in the covariates, and meant for a linear learner: before a non-linear one the
removal itself can leak the label (Hamdan 2023). Fitted on training people only, or on
the healthy among them (normative: what remains is the distance from the healthy of
the same age and sex).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn.base import BaseEstimator

from neurograft.errors import DataError
from neurograft.types import FloatArray, IntArray

# Ridge that keeps a covariate that hardly varies from exploding.
RIDGE = 1e-3


def list_known(covariates: pd.DataFrame) -> tuple[str, ...]:
    """Age and sex, as far as they are known of everybody."""
    return tuple(name for name in ("age", "sex") if covariates[name].notna().all())


def code_covariates(
    covariates: pd.DataFrame | None, names: Sequence[str]
) -> Float[np.ndarray, "n n_columns"]:
    """Covariates as numbers: age in decades, its square, female as one half.

    Raises:
        DataError: If one is not given, or unknown for somebody.
    """
    table = pd.DataFrame() if covariates is None else covariates
    columns = []
    for name in names:
        if name not in table:
            raise DataError(
                f"Covariate {name!r} is not known of these people; leave it out of the "
                "adapter, or add the column to the participants table."
            )
        cells = table[name]
        if not pd.api.types.is_numeric_dtype(cells):
            cells = cells.map({"F": 0.5, "M": -0.5})
        values = cells.to_numpy(dtype=float)
        missing = int(np.isnan(values).sum())
        if missing:
            raise DataError(
                f"Covariate {name!r} is missing for {missing} of {len(values)} people; "
                "fill it in, leave them out with `where`, or drop the covariate."
            )
        if name == "age":
            decades = (values - 50) / 10
            columns += [decades, decades**2]
        else:
            columns.append(values)
    return np.stack(columns, axis=1) if columns else np.empty((len(table), 0))


def remove_linear(
    X: Float[np.ndarray, "n n_features"], Z: Float[np.ndarray, "n n_columns"]
) -> Float[np.ndarray, "n n_features"]:
    """What of X no linear function of Z explains, for looking at one set of people."""
    centred = (Z - Z.mean(0)) / np.maximum(Z.std(0), 1e-12)
    gram = centred.T @ centred + RIDGE * len(Z) * np.eye(Z.shape[1])
    return np.asarray(X - centred @ np.linalg.solve(gram, centred.T @ (X - X.mean(0))))


class RemoveCovariates(BaseEstimator):  # type: ignore[misc]
    """Subtract the linear part of covariates from features.

    Args:
        names: Columns of the covariates.
        normative: Learn from rows whose label is 0 only: the healthy.
    """

    def __init__(
        self, names: tuple[str, ...] = ("age", "sex"), normative: bool = False
    ) -> None:
        self.names = names
        self.normative = normative

    def fit(
        self,
        X: Float[np.ndarray, "n n_features"],
        y: Any = None,
        *,
        sample_domain: IntArray,  # noqa: ARG002
        covariates: pd.DataFrame | None = None,
    ) -> "RemoveCovariates":
        """Learn how features depend on covariates.

        Raises:
            DataError: If a covariate is missing, or `normative` is asked without
                labels or without healthy people.
        """
        Z = code_covariates(covariates, self.names)
        rows = np.ones(len(X), dtype=bool)
        if self.normative:
            if y is None or not (np.asarray(y) == 0).any():
                raise DataError(
                    "A normative model learns from the healthy, whose label is 0; "
                    "there are no labels, or nobody is healthy."
                )
            rows = np.asarray(y) == 0
        self.centre_ = Z[rows].mean(0)
        centred = Z[rows] - self.centre_
        gram = centred.T @ centred + RIDGE * len(centred) * np.eye(Z.shape[1])
        self.coef_ = np.linalg.solve(gram, centred.T @ (X[rows] - X[rows].mean(0)))
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_features"],
        *,
        sample_domain: IntArray,  # noqa: ARG002
        covariates: pd.DataFrame | None = None,
    ) -> FloatArray:
        """Subtract what the covariates explain."""
        Z = code_covariates(covariates, self.names)
        return np.asarray(X - (Z - self.centre_) @ self.coef_)
