"""Methods: which features, what is fitted to them inside a fold, what is predicted."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pyriemann.tangentspace import TangentSpace
from scipy.special import expit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from neurograft.evaluation.splits import Split
from neurograft.transfer.linear import (
    Fit,
    fit_tuned,
    log_loss,
    solve_logistic,
    solve_ridge,
    squared_loss,
)
from neurograft.transfer.probes import (
    LOGISTIC_PENALTIES,
    RIDGE_PENALTIES,
    SubjectPCA,
    make_reducer,
)
from neurograft.types import FloatArray

# Methods that see no EEG, and all that a pretrained encoder has to beat.
NO_EEG = ("dummy", "demographics", "duration")
BASELINES = (*NO_EEG, "band-power", "riemann", "tokens")
STACKED = ("encoder", "riemann")
# Penalty of the two weights that combine stacked methods.
STACK_PENALTY = np.array([1.0])


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


def make_transform(method: str) -> Pipeline:
    """What prepares a method's features inside the training fold; it sees no label."""
    if method in ("demographics", "duration"):
        impute = SimpleImputer(strategy="median", add_indicator=True)
        return Pipeline([("impute", impute), ("scale", StandardScaler())])
    if method == "riemann":
        # Tangent vectors share one metric; standardising them would blow up the
        # directions that the reference and interpolation left without signal.
        return Pipeline([("tangent", FilterBankTangent()), ("reduce", SubjectPCA())])
    return make_reducer()


def predict_fold(
    methods: Sequence[str],
    features: Mapping[str, FloatArray],
    Y: FloatArray,
    split: Split,
    *,
    is_classification: bool,
    n_inner: int,
) -> dict[str, FloatArray]:
    """Fit methods to a fold's training subjects and predict its test subjects.

    Args:
        methods: Names of the methods.
        features: Matrix of every method, rows are subjects.
        Y: Label vectors, shape `(n_labels, n_subjects)`: the real one, permuted ones.
        split: The fold.
        is_classification: Whether labels are 0 and 1.
        n_inner: Inner folds that choose penalties.

    Returns:
        By method, probabilities of being a case or predicted values of the test
        subjects, shape `(n_labels, n_test)`.
    """
    train_Y = Y[:, split.train]
    seed = 1000 * split.repeat + split.fold
    blocks = {m for m in methods if m not in ("dummy", "stack")}
    blocks |= set(STACKED) if "stack" in methods else set()
    fits, outputs = {}, {}
    for block in sorted(blocks):
        transform = make_transform(block)
        train_X = transform.fit_transform(features[block][split.train])
        fits[block] = _fit(
            train_X, train_Y, is_classification, n_inner=n_inner, seed=seed
        )
        outputs[block] = fits[block].predict(
            transform.transform(features[block][split.test])
        )
    if "stack" in methods:
        outputs["stack"] = _combine(
            [fits[block] for block in STACKED],
            [outputs[block] for block in STACKED],
            train_Y,
            is_classification,
        )
    if is_classification:
        outputs = {method: expit(output) for method, output in outputs.items()}
    guess = train_Y.mean(1) if is_classification else np.median(train_Y, axis=1)
    outputs["dummy"] = np.repeat(guess[:, None], len(split.test), axis=1)
    return {method: outputs[method] for method in methods}


def _fit(
    X: FloatArray, Y: FloatArray, is_classification: bool, *, n_inner: int, seed: int
) -> Fit:
    return fit_tuned(
        X,
        Y,
        solve=solve_logistic if is_classification else solve_ridge,
        loss=log_loss if is_classification else squared_loss,
        penalties=LOGISTIC_PENALTIES if is_classification else RIDGE_PENALTIES,
        n_inner=n_inner,
        seed=seed,
    )


def _combine(
    fits: list[Fit], outputs: list[FloatArray], Y: FloatArray, is_classification: bool
) -> FloatArray:
    """Stacking (Wolpert 1992): weigh methods by their out-of-fold training outputs."""
    solve = solve_logistic if is_classification else solve_ridge
    held_out = np.stack([fit.out_of_fold for fit in fits], axis=-1)
    new = np.stack(outputs, axis=-1)
    centre = held_out.mean(1, keepdims=True)
    spread = held_out.std(1, keepdims=True) + 1e-12
    weights = solve((held_out - centre) / spread, Y, STACK_PENALTY)[0]
    scaled = (new - centre) / spread
    return np.asarray((scaled * weights[:, None, :-1]).sum(-1) + weights[:, -1:])
