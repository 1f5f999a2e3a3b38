"""Scale features, and bring them to as many numbers as people, or fewer.

These steps are fitted anew in every fold and draw, thousands of times a study. So they
are plain products of matrices: what scikit-learn checks around its own took longer.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from neurograft.errors import DataError
from neurograft.types import FloatArray

# Components per training subject, and at most: far fewer numbers than people, fixed
# before any result was seen.
COMPONENTS_PER_SUBJECT = 1 / 3
MAX_COMPONENTS = 64
# Directions that hold a smaller share of the largest one are rounding.
SMALLEST = 1e-6


@runtime_checkable
class FeatureStep(Protocol):
    """A step between features and a model; it sees no label."""

    def fit_transform(self, X: Any) -> FloatArray:
        """Learn from training rows, and return them transformed."""
        ...

    def transform(self, X: Any) -> FloatArray:
        """Return other rows transformed."""
        ...


Steps = Sequence[tuple[str, FeatureStep]]


def fit_steps(steps: Steps, train: FloatArray) -> FloatArray:
    """Fit steps one after the other, and return the training rows after the last."""
    for _, step in steps:
        train = step.fit_transform(train)
    return train


def apply_steps(steps: Steps, rows: FloatArray) -> FloatArray:
    """Return rows after all fitted steps."""
    for _, step in steps:
        rows = step.transform(rows)
    return rows


class Standardise:
    """Centre every feature and divide it by its standard deviation.

    Features that do not vary in the training rows are centred only.
    """

    mean_: Float[np.ndarray, " d"]
    scale_: Float[np.ndarray, " d"]

    def fit_transform(self, X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
        """Learn means and deviations of the training rows, and scale them."""
        self.mean_ = X.mean(0, dtype=float)
        centred = X - self.mean_
        spread = np.sqrt((centred**2).mean(0))
        # The mean of equal numbers is rounded, and so is their distance from it.
        rounded = len(X) * np.finfo(float).eps * np.abs(self.mean_)
        self.scale_ = np.where(spread > rounded, spread, 1.0)
        return np.asarray(centred / self.scale_)

    def transform(self, X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
        """Scale other rows by what the training rows taught."""
        return np.asarray((X - self.mean_) / self.scale_)


class RowSpace:
    """Rotate features to the space that the training rows span.

    A linear model of rotation-invariant kind loses nothing by it, and is fitted to as
    many numbers as there are people instead of thousands.
    """

    mean_: Float[np.ndarray, " d"]
    components_: Float[np.ndarray, "n_components d"]

    def fit_transform(self, X: Float[np.ndarray, "n d"]) -> FloatArray:
        """Learn the space, and rotate the training rows: `(n, n_components)`.

        Raises:
            DataError: If a feature is not a finite number.
        """
        self.mean_ = X.mean(0, dtype=float)
        if not np.isfinite(self.mean_).all():
            raise DataError(
                "A feature of a training subject is not a finite number; look at the "
                "recordings whose features are extreme, or leave the feature set out."
            )
        centred = X - self.mean_
        # The smaller of the two matrices of products holds the same directions.
        is_wide = X.shape[1] > len(X)
        squares, vectors = np.linalg.eigh(
            centred @ centred.T if is_wide else centred.T @ centred
        )
        lengths = np.sqrt(np.maximum(squares[::-1], 0))
        kept = np.flatnonzero(lengths > SMALLEST * lengths[0])[: self._count(*X.shape)]
        turned = vectors.T[::-1][kept]
        if is_wide:
            turned = turned @ centred / lengths[kept, None]
        # Rows that are all alike span nothing; they are left one number, which is 0.
        self.components_ = turned if len(kept) else np.zeros((1, X.shape[1]))
        return np.asarray(centred @ self.components_.T)

    def transform(self, X: Float[np.ndarray, "n d"]) -> FloatArray:
        """Rotate other rows: `(n, n_components)`."""
        return np.asarray((X - self.mean_) @ self.components_.T)

    def _count(self, n_rows: int, n_features: int) -> int:
        """Return the number of components, if there are as many."""
        return min(n_rows, n_features)


class SubjectPCA(RowSpace):
    """Keep a third as many principal components as training subjects, at most 64."""

    def _count(self, n_rows: int, n_features: int) -> int:
        wanted = min(MAX_COMPONENTS, int(n_rows * COMPONENTS_PER_SUBJECT), n_features)
        return max(1, wanted)
