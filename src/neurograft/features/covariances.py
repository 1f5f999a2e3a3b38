"""Covariances of channels, and their tangent space."""

from typing import Any

import numpy as np
from pyriemann.tangentspace import TangentSpace
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from neurograft.features.band_power import (
    average_reference_basis,
    compute_cross_spectra,
)
from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

# Edges in Hz of the filter bank of Engemann 2022, within our band.
RIEMANN_EDGES = (1, 4, 8, 15, 26, 35, 45)
# Share of the mean eigenvalue added to covariances; interpolated channels and the
# average reference leave directions without any signal.
SHRINKAGE = 0.02


def describe_covariance(windows: FloatArray, facts: Facts) -> FloatArray:
    """Covariances by band, on the subspace that the average reference leaves."""
    spectra = compute_cross_spectra(windows, sfreq=facts.sfreq, edges=RIEMANN_EDGES)
    basis = average_reference_basis(windows.shape[1])
    return _shrink(basis.T @ spectra @ basis)


def _shrink(covariances: FloatArray) -> FloatArray:
    n = covariances.shape[-1]
    mean = np.trace(covariances, axis1=1, axis2=2)[:, None, None] / n
    return np.asarray((1 - SHRINKAGE) * covariances + SHRINKAGE * mean * np.eye(n))


class FilterBankTangent(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Tangent vectors of band-wise covariances at the training subjects' mean.

    Source: Engemann 2022 (filterbank-Riemann); tangent vectors of the affine-invariant
    metric (Barachant 2012, eq. 6) by pyriemann, at the log-Euclidean mean (Arsigny
    2007), whose closed form is eight times faster than the iterated Riemannian mean.
    """

    def fit(self, X: FloatArray, y: Any = None) -> "FilterBankTangent":  # noqa: ARG002
        """Learn the mean of `(n_subjects, n_bands, n_channels, n_channels)` by band."""
        metric = {"mean": "logeuclid", "map": "riemann"}
        self.spaces_ = [
            TangentSpace(metric=metric).fit(X[:, band]) for band in range(X.shape[1])
        ]
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Tangent vectors of all bands, side by side."""
        vectors = [s.transform(X[:, band]) for band, s in enumerate(self.spaces_)]
        return np.concatenate(vectors, axis=1)


# Directions whose covariance is taken: their square stays below the windows' number.
N_DIRECTIONS = 12
EMBEDDING_SHRINKAGE = 0.1


class EmbeddingCovariance(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """How embeddings vary together over windows and regions, as a tangent vector.

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
        metric = {"mean": "logeuclid", "map": "riemann"}
        self.space_ = TangentSpace(metric=metric).fit(self._describe(X))
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Tangent vectors, shape `(n_subjects, n_kept * (n_kept + 1) / 2)`."""
        check_is_fitted(self)
        return np.asarray(self.space_.transform(self._describe(X)))

    def _describe(self, X: FloatArray) -> FloatArray:
        flat = self.pca_.transform(X.reshape(-1, X.shape[-1]))
        scaled = flat / np.sqrt(self.pca_.explained_variance_ + 1e-12)
        rows = scaled.reshape(*X.shape[:2], -1)
        rows = rows - rows.mean(1, keepdims=True)
        covariances = np.swapaxes(rows, 1, 2) @ rows / rows.shape[1]
        n = covariances.shape[-1]
        mean = np.trace(covariances, axis1=1, axis2=2)[:, None, None] / n
        shrunk = (1 - EMBEDDING_SHRINKAGE) * covariances
        return np.asarray(shrunk + EMBEDDING_SHRINKAGE * mean * np.eye(n))
