"""Remove from features what covariates explain, by a model of the training people.

Linear in the covariates, and meant for a linear learner: before a non-linear learner
the removal itself can leak the label (Hamdan 2023). Fitted to training people only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator

from neurograft.errors import DataError
from neurograft.types import FloatArray

# Ridge, as a share of the rows. Chosen here: too small to matter, but a covariate that
# hardly varies gets no huge weight.
RIDGE = 1e-3


def list_known(covariates: pd.DataFrame) -> tuple[str, ...]:
    """List age and sex, as far as they are known of everybody."""
    return tuple(name for name in ("age", "sex") if covariates[name].notna().all())


def code_covariates(
    covariates: pd.DataFrame | None, names: Sequence[str]
) -> Float[np.ndarray, "n n_columns"]:
    """Code covariates as numbers: age in decades, its square, female as one half.

    Args:
        covariates: A row per person.
        names: Columns to code.

    Raises:
        DataError: If a covariate is not given, or unknown for somebody.
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
    """Return the part of features that no linear function of covariates explains.

    For a description of the same people, not for prediction: it is fitted to them.

    Args:
        X: Features.
        Z: Coded covariates.
    """
    scaled = (Z - Z.mean(0)) / np.maximum(Z.std(0), 1e-12)
    return np.asarray(X - scaled @ _regress(X - X.mean(0), scaled))


def _regress(X: FloatArray, Z: FloatArray) -> FloatArray:
    """Return the ridge coefficients of centred features on centred covariates."""
    gram = Z.T @ Z + RIDGE * len(Z) * np.eye(Z.shape[1])
    return np.linalg.solve(gram, Z.T @ X)


class RemoveCovariates(BaseEstimator):  # type: ignore[misc]
    """Subtract the linear part of covariates from features.

    Args:
        names: Columns of the covariates.
    """

    def __init__(self, names: tuple[str, ...] = ("age", "sex")) -> None:
        self.names = names

    def fit(
        self,
        X: Float[np.ndarray, "n n_features"],
        y: Any = None,  # noqa: ARG002
        *,
        sample_domain: Int[np.ndarray, " n"],  # noqa: ARG002
        covariates: pd.DataFrame | None = None,
    ) -> "RemoveCovariates":
        """Learn how features depend on covariates.

        Raises:
            DataError: If a covariate is not given, or unknown for somebody.
        """
        Z = code_covariates(covariates, self.names)
        self.centre_ = Z.mean(0)
        self.coef_ = _regress(X - X.mean(0), Z - self.centre_)
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_features"],
        *,
        sample_domain: Int[np.ndarray, " n"],  # noqa: ARG002
        covariates: pd.DataFrame | None = None,
    ) -> FloatArray:
        """Return features `(n, n_features)` less what the covariates explain.

        Raises:
            DataError: If a covariate is not given, or unknown for somebody.
        """
        Z = code_covariates(covariates, self.names)
        return np.asarray(X - (Z - self.centre_) @ self.coef_)
