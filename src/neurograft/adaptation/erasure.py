"""Erase a concept from features: afterwards no linear model can find it.

Source: LEACE, least-squares concept erasure (Belrose 2023, theorem 4.3): of all affine
maps that leave no linear trace of the concept, the one that changes features least.
"""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator

from neurograft.adaptation.adapter import is_source, iterate_domains
from neurograft.adaptation.combat import check_separable
from neurograft.types import FloatArray

# Directions with less than this share of the largest variance count as empty. Chosen
# here: above rounding error, below any signal.
TOLERANCE = 1e-8


def fit_eraser(
    X: Float[np.ndarray, "n n_features"], Z: Float[np.ndarray, "n n_concepts"]
) -> tuple[FloatArray, FloatArray]:
    """Return the matrix P and the mean m of `x - (x - m) P`, which erases the concept.

    `P = W P_WS W+` with W the whitening of X and P_WS the orthogonal projection on the
    whitened cross-covariance with Z (Belrose 2023, eq. 1), written for rows.

    Args:
        X: Features.
        Z: Concept: a column for every number, or for every group (one-hot).

    Returns:
        P, shape `(n_features, n_features)`, and m, shape `(n_features,)`.
    """
    mean = X.mean(0)
    centred, concept = X - mean, Z - Z.mean(0)
    _, s, vt = np.linalg.svd(centred / np.sqrt(len(X)), full_matrices=False)
    used = s > np.sqrt(TOLERANCE) * s[0]
    s, vt = s[used], vt[used]
    white = centred @ vt.T / s
    u, sizes, _ = np.linalg.svd(white.T @ concept / len(X), full_matrices=False)
    u = u[:, sizes > 1e-10 * max(float(sizes[0]), 1e-300)]
    # Rows: whiten, project on what knows the concept, unwhiten.
    return (vt.T / s) @ u @ (u.T * s) @ vt, mean


class EraseDomains(BaseEstimator):  # type: ignore[misc]
    """Erase which domain a row is from, learned from training rows.

    Erasing what goes with the label erases the label: refused then, as in ComBat.
    A domain that was not fitted passes the same map.
    """

    def fit(
        self,
        X: Float[np.ndarray, "n n_features"],
        y: Any = None,
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> "EraseDomains":
        """Learn the map that erases the domain.

        Raises:
            DesignError: If label and domain can hardly be told apart.
            DataError: If a domain has a single row, or there is no source.
        """
        is_source(sample_domain)
        check_separable(y, sample_domain)
        masks = [rows for _, rows in iterate_domains(X, sample_domain)]
        Z = np.stack(masks, axis=1).astype(float)
        self.projection_, self.mean_ = fit_eraser(X, Z)
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_features"],
        *,
        sample_domain: Int[np.ndarray, " n"],  # noqa: ARG002
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Return features `(n, n_features)` from which the domain is erased."""
        return np.asarray(X - (X - self.mean_) @ self.projection_)
