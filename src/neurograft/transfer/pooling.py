"""From windows to one vector per subject."""

from typing import Any

import numpy as np
from jaxtyping import Float
from pyriemann.tangentspace import TangentSpace
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from neurograft.types import FloatArray

# Directions whose covariance is taken: their square stays below the windows' number.
N_DIRECTIONS = 12
SHRINKAGE = 0.1


def summarise_windows(
    windows: Float[np.ndarray, "n_windows n_regions n_features"],
) -> Float[np.ndarray, " n_summary"]:
    """Mean and SD over a subject's windows, of every region and feature."""
    flat = windows.reshape(len(windows), -1)
    summary: FloatArray = np.concatenate([flat.mean(0), flat.std(0)])
    return summary


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
        return np.asarray((1 - SHRINKAGE) * covariances + SHRINKAGE * mean * np.eye(n))
