"""Align covariance matrices of domains on their own curved space.

Source: Zanini 2018 (re-centring), Rodrigues 2019 (re-scaling), He and Wu 2020 (the same
with the arithmetic mean, "Euclidean alignment"), Mellot 2023 (both on cohorts of EEG).
Rotation is left out: without the same people in both domains it did harm in 98 % of
repeats (Mellot 2023, TUAB to LEMON).
"""

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator

from neurograft.adaptation.adapter import describe_all, is_source, iterate_domains
from neurograft.errors import DataError
from neurograft.statistics.linear.positive_matrices import (
    find_geometric_mean,
    measure_distance,
    raise_to_power,
)
from neurograft.types import FloatArray

# Names of the means.
Mean = Literal["riemann", "euclid"]


class Whitening(NamedTuple):
    """Inverse roots of a domain's mean matrices, and the spread of its matrices.

    Attributes:
        roots: Matrices that are multiplied from both sides.
        spread: Mean squared distance of the whitened matrices from the identity.
    """

    roots: Float[np.ndarray, "n_bands n_channels n_channels"]
    spread: Float[np.ndarray, " n_bands"]


class AlignCovariances(BaseEstimator):  # type: ignore[misc]
    """Bring the mean of every domain's covariance matrices to the identity.

    Every band is aligned by itself.

    Args:
        mean: `riemann`: the affine-invariant mean; `euclid`: the arithmetic mean.
        rescale: Also bring the mean squared distance from the identity to that of the
            sources, their average.
    """

    def __init__(self, mean: Mean = "riemann", rescale: bool = False) -> None:
        self.mean = mean
        self.rescale = rescale

    def fit(
        self,
        X: Float[np.ndarray, "n n_bands n_channels n_channels"],
        y: Any = None,  # noqa: ARG002
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> "AlignCovariances":
        """Learn the mean of every domain.

        Raises:
            DataError: If a matrix is singular, a domain has a single row, or there is
                no source.
        """
        is_source(sample_domain)
        check_positive(X)
        self.whitenings_ = {
            domain: self._describe(X[rows])
            for domain, rows in iterate_domains(X, sample_domain)
        }
        sources = [
            self.whitenings_[domain] for domain in self.whitenings_ if domain > 0
        ]
        self.spread_ = np.mean([source.spread for source in sources], axis=0)
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_bands n_channels n_channels"],
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Return aligned matrices, shape as that of `X`; a new domain by its rows.

        Raises:
            DataError: If a matrix is singular, or a new domain has a single row.
        """
        check_positive(X)
        aligned = np.empty(X.shape)
        whitenings = describe_all(self.whitenings_, X, sample_domain, self._describe)
        for domain, whitening in whitenings.items():
            rows = sample_domain == domain
            white = whitening.roots @ X[rows] @ whitening.roots
            if self.rescale:
                # Distances from the identity grow in proportion to the exponent.
                exponents = np.sqrt(self.spread_ / np.maximum(whitening.spread, 1e-12))
                for band, exponent in enumerate(exponents):
                    white[:, band] = raise_to_power(white[:, band], exponent)
            aligned[rows] = white
        return aligned

    def _describe(self, X: FloatArray) -> Whitening:
        """Return the whitening of a domain, band by band."""
        means = X.mean(0) if self.mean == "euclid" else find_geometric_mean(X)
        spread = (measure_distance(X, means) ** 2).mean(0)
        return Whitening(raise_to_power(means, -0.5), spread)


def check_positive(X: FloatArray) -> None:
    """Check that covariance matrices can be inverted.

    Args:
        X: Matrices, shape `(n, ..., n_channels, n_channels)`.

    Raises:
        DataError: If a matrix is singular: a channel is a copy or a sum of others.
    """
    # Chosen here: 1e-10 of the mean eigenvalue is rounding error, not signal.
    smallest = np.linalg.eigvalsh(X)[..., 0]
    scale = np.trace(X, axis1=-2, axis2=-1) / X.shape[-1]
    singular = ~(smallest > 1e-10 * scale)
    if singular.any():
        rows = int(singular.reshape(len(X), -1).any(1).sum())
        raise DataError(
            f"{rows} of {len(X)} covariance matrices are singular: a channel is a copy "
            "or a sum of others. Shrink the matrices, or project the average reference "
            "out first."
        )
