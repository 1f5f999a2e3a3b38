"""Bring features to as many numbers as people, or fewer, before a model is fitted."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted, validate_data

from neurograft.types import FloatArray

# Components per training subject, and at most: far fewer numbers than people, fixed
# before any result was seen.
COMPONENTS_PER_SUBJECT = 1 / 3
MAX_COMPONENTS = 64


class RowSpace(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Rotation to the space that the training rows span.

    A linear model of rotation-invariant kind loses nothing by it, and is fitted to as
    many numbers as there are people instead of thousands.
    """

    def fit(self, X: Any, y: Any = None) -> "RowSpace":  # noqa: ARG002
        """Learn the space from the training rows `(n, n_features)`."""
        self.pca_ = PCA(svd_solver="full").fit(validate_data(self, X))
        return self

    def transform(self, X: Any) -> FloatArray:
        """Rotate rows `(n, n_features)`: `(n, n_dimensions)`."""
        check_is_fitted(self)
        return np.asarray(self.pca_.transform(validate_data(self, X, reset=False)))


class SubjectPCA(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """PCA with a third as many components as training subjects, at most 64."""

    def fit(self, X: Any, y: Any = None) -> "SubjectPCA":  # noqa: ARG002
        """Learn the components from the training rows `(n, n_features)`."""
        X = validate_data(self, X)
        wanted = min(MAX_COMPONENTS, int(len(X) * COMPONENTS_PER_SUBJECT), X.shape[1])
        self.pca_ = PCA(max(1, wanted), svd_solver="full").fit(X)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Project rows `(n, n_features)` on the components: `(n, n_components)`."""
        check_is_fitted(self)
        return np.asarray(self.pca_.transform(validate_data(self, X, reset=False)))
