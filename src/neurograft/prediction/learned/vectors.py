"""Bring a feature set of a person to the vector that linear weights apply to.

Standardising and rotating are linear: they are part of the weights. What is not linear
comes first: missing values are filled, covariances are mapped to a tangent space.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from sklearn.impute import SimpleImputer

from neurograft.evaluation.methods.reduction import RowSpace, Standardise, Steps
from neurograft.features.covariances import EmbeddingCovariance, FilterBankTangent
from neurograft.types import Arrays, FloatArray, IntArray


@dataclass(frozen=True)
class Vectoriser:
    """A step from features to vectors, as arrays that can be saved.

    Attributes:
        kind: `as it is`, `filled`, `tangent` or `embedding tangent`.
        arrays: What the step learned from the training people.
    """

    kind: str
    arrays: Arrays

    def transform(self, features: FloatArray) -> Float[np.ndarray, "n n_vector"]:
        """Return the vectors of people, from their features `(n, ...)`."""
        if self.kind == "filled":
            return _fill(features, self.arrays["median"], self.arrays["told"])
        if self.kind == "tangent":
            return FilterBankTangent.of_references(self.arrays["references"]).transform(
                features
            )
        if self.kind == "embedding tangent":
            return EmbeddingCovariance.of_arrays(self.arrays).transform(features)
        return np.asarray(features, dtype=float)


def take_vectoriser(steps: Steps) -> Vectoriser:
    """Take the step that is not linear from fitted steps of a feature set."""
    first = steps[0][1]
    if isinstance(first, SimpleImputer):
        told = first.indicator_.features_
        return Vectoriser("filled", {"median": first.statistics_, "told": told})
    if isinstance(first, FilterBankTangent):
        return Vectoriser("tangent", {"references": first.references_})
    if isinstance(first, EmbeddingCovariance):
        return Vectoriser("embedding tangent", first.to_arrays())
    return Vectoriser("as it is", {})


def collapse_steps(
    steps: Steps, weights: Float[np.ndarray, "n_vectors d1"]
) -> tuple[Float[np.ndarray, "n_vectors n_vector"], Float[np.ndarray, " n_vectors"]]:
    """Write weights of prepared features as weights of vectors.

    Args:
        steps: Fitted steps of a feature set: scaling, rotation.
        weights: Intercept last.

    Returns:
        Weights of the vectors, and the intercepts.
    """
    slopes, intercept = weights[:, :-1], weights[:, -1]
    for _, step in reversed(steps):
        if isinstance(step, RowSpace):
            slopes = slopes @ step.components_
            intercept = intercept - slopes @ step.mean_
        elif isinstance(step, Standardise):
            slopes = slopes / step.scale_
            intercept = intercept - slopes @ step.mean_
    return slopes, intercept


def _fill(features: FloatArray, median: FloatArray, told: IntArray) -> FloatArray:
    """Fill what is missing, and add columns that tell so."""
    is_missing = np.isnan(features)
    filled = np.where(is_missing, median, features)
    return np.concatenate([filled, is_missing[:, told].astype(float)], axis=1)
