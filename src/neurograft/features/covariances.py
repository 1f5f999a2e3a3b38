"""Covariances of channels, and their tangent space."""

from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from neurograft.features.band_power import (
    average_reference_basis,
    compute_cross_spectra,
)
from neurograft.features.window_facts import Facts, Windows
from neurograft.statistics.linear.positive_matrices import (
    average_logarithms,
    map_to_tangent,
    take_upper_triangle,
)
from neurograft.types import Arrays, FloatArray

# Edges in Hz of the filter bank of Engemann 2022, within our band.
RIEMANN_EDGES = (1, 4, 8, 15, 26, 35, 45)
# Share of the mean eigenvalue in covariances: interpolated channels leave directions
# without any signal. Chosen here: small, but the logarithm of the rest stays bounded.
SHRINKAGE = 0.02
# Directions of embeddings whose covariance is taken. Chosen here: their square stays
# below the number of windows and regions of a person.
N_DIRECTIONS = 12
# Share of the mean eigenvalue in covariances of embeddings. Chosen here: larger, since
# few samples estimate them.
EMBEDDING_SHRINKAGE = 0.1


def describe_covariance(
    windows: Windows, facts: Facts
) -> Float[np.ndarray, "n_bands n_left n_left"]:
    """Return covariances by band, on the subspace that the average reference leaves."""
    spectra = compute_cross_spectra(windows, sfreq=facts.sfreq, edges=RIEMANN_EDGES)
    basis = average_reference_basis(windows.shape[1])
    return shrink(basis.T @ spectra @ basis, SHRINKAGE)


def shrink(
    covariances: Float[np.ndarray, "*many n n"], share: float
) -> Float[np.ndarray, "*many n n"]:
    """Mix covariances with a multiple of the identity that has the same trace.

    Args:
        covariances: Symmetric matrices.
        share: Share of the identity, 0 to 1.
    """
    n = covariances.shape[-1]
    mean = np.trace(covariances, axis1=-2, axis2=-1)[..., None, None] / n
    return np.asarray((1 - share) * covariances + share * mean * np.eye(n))


class FilterBankTangent(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Tangent vectors of band-wise covariances at the training subjects' mean.

    Source: Engemann 2022 (filterbank-Riemann). Tangent vectors are those of the
    affine-invariant metric (Barachant 2012, eq. 6) at the log-Euclidean mean (Arsigny
    2007), whose closed form is eight times faster than the iterated mean
    (docs/decisions/0009).
    """

    def fit(self, X: FloatArray, y: Any = None) -> "FilterBankTangent":  # noqa: ARG002
        """Learn the mean of `(n_subjects, n_bands, n_channels, n_channels)` by band."""
        self.references_ = average_logarithms(X)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Return `(n_subjects, n_vector)`: tangent vectors, band by band."""
        check_is_fitted(self)
        vectors = take_upper_triangle(map_to_tangent(X, self.references_))
        return vectors.reshape(len(X), -1)

    @classmethod
    def of_references(
        cls, references: Float[np.ndarray, "n_bands n_channels n_channels"]
    ) -> "FilterBankTangent":
        """Make a fitted one from the mean of every band."""
        made = cls()
        made.references_ = references
        return made


class EmbeddingCovariance(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Covariance of embeddings over windows and regions, as a tangent vector.

    Second-order pooling (Carreira 2012): the embeddings are projected on the main
    directions of the training subjects; each subject's covariance there, shrunk, is
    mapped to the tangent space at the training subjects' log-Euclidean mean.

    Args:
        n_directions: Directions kept.
    """

    def __init__(self, n_directions: int = N_DIRECTIONS) -> None:
        self.n_directions = n_directions

    def fit(self, X: FloatArray, y: Any = None) -> "EmbeddingCovariance":  # noqa: ARG002
        """Learn directions and mean from `(n_subjects, n_samples, n_features)`."""
        flat = X.reshape(-1, X.shape[-1])
        n_kept = min(self.n_directions, *flat.shape)
        self.pca_ = PCA(n_kept, svd_solver="covariance_eigh").fit(flat)
        self.reference_ = average_logarithms(self._describe(X))
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Return tangent vectors, shape `(n_subjects, n_kept * (n_kept + 1) / 2)`."""
        check_is_fitted(self)
        return take_upper_triangle(map_to_tangent(self._describe(X), self.reference_))

    def to_arrays(self) -> Arrays:
        """Return what was learned, from which `of_arrays` makes the same."""
        return {
            "mean": self.pca_.mean_,
            "components": self.pca_.components_,
            "variance": self.pca_.explained_variance_,
            "reference": self.reference_,
        }

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> "EmbeddingCovariance":
        """Make a fitted one from the arrays of `to_arrays`."""
        made = cls(len(arrays["components"]))
        made.pca_ = PCA(len(arrays["components"]))
        made.pca_.mean_ = arrays["mean"]
        made.pca_.components_ = arrays["components"]
        made.pca_.explained_variance_ = arrays["variance"]
        made.reference_ = arrays["reference"]
        return made

    def _describe(self, X: FloatArray) -> FloatArray:
        """Return the shrunk covariances, shape `(n_subjects, n_kept, n_kept)`."""
        flat = self.pca_.transform(X.reshape(-1, X.shape[-1]))
        scaled = flat / np.sqrt(self.pca_.explained_variance_ + 1e-12)
        rows = scaled.reshape(*X.shape[:2], -1)
        rows = rows - rows.mean(1, keepdims=True)
        covariances = np.swapaxes(rows, 1, 2) @ rows / rows.shape[1]
        return shrink(covariances, EMBEDDING_SHRINKAGE)
