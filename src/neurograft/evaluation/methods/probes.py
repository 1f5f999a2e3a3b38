"""Probes: linear models on frozen features, as scikit-learn estimators."""

from typing import Any, Literal

import numpy as np
from scipy.special import expit
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from neurograft.statistics.linear_solvers import LOGISTIC, RIDGE, fit_tuned
from neurograft.types import FloatArray

# Components per training subject, and at most: far fewer numbers than people, fixed
# before any result was seen.
COMPONENTS_PER_SUBJECT = 1 / 3
MAX_COMPONENTS = 64


class SubjectPCA(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """PCA with a third as many components as training subjects, at most 64."""

    def fit(self, X: FloatArray, y: Any = None) -> "SubjectPCA":  # noqa: ARG002
        """Learn the components from the training rows."""
        X = validate_data(self, X)
        wanted = min(MAX_COMPONENTS, int(len(X) * COMPONENTS_PER_SUBJECT), X.shape[1])
        self.pca_ = PCA(max(1, wanted), svd_solver="full").fit(X)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Project rows on the components."""
        check_is_fitted(self)
        return np.asarray(self.pca_.transform(validate_data(self, X, reset=False)))


class LogisticProbe(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Binary L2-logistic regression whose penalty is chosen on inner folds.

    The decision threshold is the share of the second class among the training rows, so
    that `predict` is not drawn to the larger class while `predict_proba` stays
    calibrated.

    Args:
        n_inner: Inner folds.
        random_state: Seed of the inner folds.
    """

    def __init__(self, n_inner: int = 5, random_state: int = 0) -> None:
        self.n_inner = n_inner
        self.random_state = random_state

    def fit(self, X: FloatArray, y: Any) -> "LogisticProbe":
        """Fit to rows of subjects.

        Raises:
            ValueError: If `y` does not hold exactly two classes.
        """
        X, y = validate_data(self, X, y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}: found {len(self.classes_)} class(es)."
            )
        fit = fit_tuned(
            X.astype(float),
            labels[None].astype(float),
            LOGISTIC,
            n_inner=self.n_inner,
            seed=self.random_state,
        )
        self.coef_, self.intercept_ = fit.weights[:, :-1], fit.weights[:, -1]
        self.penalty_ = float(fit.penalty[0])
        self.threshold_ = float(labels.mean())
        return self

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def decision_function(self, X: FloatArray) -> FloatArray:
        """Log odds of the second class."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Probabilities of both classes, shape `(n, 2)`."""
        p = expit(self.decision_function(X))
        return np.stack([1 - p, p], axis=1)

    def predict(self, X: FloatArray) -> Any:
        """Classes, by the training share as threshold."""
        is_second = self.predict_proba(X)[:, 1] > self.threshold_
        return self.classes_[is_second.astype(int)]


class RidgeProbe(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression whose penalty is chosen on inner folds.

    Args:
        n_inner: Inner folds.
        random_state: Seed of the inner folds.
    """

    def __init__(self, n_inner: int = 5, random_state: int = 0) -> None:
        self.n_inner = n_inner
        self.random_state = random_state

    def fit(self, X: FloatArray, y: Any) -> "RidgeProbe":
        """Fit to rows of subjects."""
        X, y = validate_data(self, X, y, y_numeric=True)
        fit = fit_tuned(
            X.astype(float),
            np.asarray(y, dtype=float)[None],
            RIDGE,
            n_inner=self.n_inner,
            seed=self.random_state,
        )
        self.coef_, self.intercept_ = fit.weights[0, :-1], float(fit.weights[0, -1])
        self.penalty_ = float(fit.penalty[0])
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Predicted values."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return np.asarray(X @ self.coef_ + self.intercept_)


def make_reducer() -> Pipeline:
    """What every feature set passes before a probe: standardise, PCA. Sees no label."""
    return Pipeline([("scale", StandardScaler()), ("reduce", SubjectPCA())])


def make_probe(
    kind: Literal["classification", "regression"],
    *,
    n_inner: int = 5,
    random_state: int = 0,
) -> Pipeline:
    """Standardise, reduce, and a logistic or ridge probe.

    Example:
        >>> make_probe("regression").steps[-1][0]
        'probe'
    """
    probe = LogisticProbe if kind == "classification" else RidgeProbe
    last = probe(n_inner=n_inner, random_state=random_state)
    return Pipeline([*make_reducer().steps, ("probe", last)])
