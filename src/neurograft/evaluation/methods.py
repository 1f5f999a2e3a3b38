"""Methods: which features, what is fitted to them inside a fold, what is predicted."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from pyriemann.tangentspace import TangentSpace
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from neurograft.config_evaluation import BLIND, Method
from neurograft.config_tasks import Kind
from neurograft.evaluation.coding import decode, encode, guess
from neurograft.evaluation.splits import Split
from neurograft.transfer.learners import predict_with
from neurograft.transfer.linear import (
    Fit,
    fit_tuned,
    log_loss,
    solve_logistic,
    solve_ridge,
    squared_loss,
)
from neurograft.transfer.pooling import EmbeddingCovariance
from neurograft.transfer.probes import (
    LOGISTIC_PENALTIES,
    RIDGE_PENALTIES,
    SubjectPCA,
    make_reducer,
)
from neurograft.types import FloatArray, IntArray

# Penalty of the weights that combine stacked features.
STACK_PENALTY = np.array([1.0])
TREES = ("boosting", "forest")


class Question(NamedTuple):
    """What is asked of the methods.

    Attributes:
        kind: Of the task.
        n_classes: Groups; 0 for a number.
        clusters: Cluster of every row.
        n_inner: Inner folds that choose penalties.
    """

    kind: Kind
    n_classes: int
    clusters: IntArray
    n_inner: int

    @property
    def is_classification(self) -> bool:
        """Whether labels are groups."""
        return self.kind != "regression"


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


def make_transform(block: str, learner: str = "linear") -> Pipeline:
    """What prepares features inside the training fold; it sees no label."""
    if block in BLIND:
        impute = SimpleImputer(strategy="median", add_indicator=True)
        return Pipeline([("impute", impute), ("scale", StandardScaler())])
    if block in ("riemann", "encoder-covariance"):
        # Tangent vectors share one metric; standardising them would blow up the
        # directions that the reference and interpolation left without signal.
        space = FilterBankTangent() if block == "riemann" else EmbeddingCovariance()
        return Pipeline([("tangent", space), ("reduce", SubjectPCA())])
    if learner in TREES:
        return Pipeline([("scale", StandardScaler())])
    return make_reducer()


def predict_fold(
    methods: Sequence[Method],
    features: Mapping[str, FloatArray],
    Y: FloatArray,
    split: Split,
    question: Question,
) -> dict[str, FloatArray]:
    """Fit methods to a fold's training rows and predict its test rows.

    Args:
        methods: Methods; networks are not among them.
        features: Matrix of every feature set, rows as in `Y`.
        Y: Label vectors, shape `(n_labels, n_rows)`: the real one, permuted ones.
        split: The fold.
        question: What is asked.

    Returns:
        By method, values or probabilities of the test rows as `decode` gives them,
        shape `(n_labels, n_test, n_outputs)`; learners that are fitted one label
        vector at a time give those of the first only.
    """
    train_Y = Y[:, split.train]
    linear = _Linear(features, train_Y, split, question)
    found: dict[str, FloatArray] = {}
    for method in methods:
        if method.learner == "dummy":
            n_test, n_classes = len(split.test), question.n_classes
            found[method.name] = guess(train_Y, n_test, question.kind, n_classes)
        elif method.is_linear:
            found[method.name] = decode(linear.predict(method.blocks), question.kind)
        else:
            found[method.name] = predict_slowly(
                method, features, Y[0], split, question
            )[None]
    return found


def predict_slowly(
    method: Method,
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    split: Split,
    question: Question,
) -> FloatArray:
    """Predict test rows with a learner for one label vector: `(n_test, n_outputs)`."""
    block = method.blocks[0]
    transform = make_transform(block, method.learner)
    train = transform.fit_transform(features[block][split.train])
    return predict_with(
        method.learner,
        (train, labels[split.train]),
        transform.transform(features[block][split.test]),
        groups=question.clusters[split.train],
        is_classification=question.is_classification,
        n_inner=question.n_inner,
        seed=_seed(split),
    )


def _seed(split: Split) -> int:
    return 1000 * split.repeat + split.fold


class _Linear:
    """Linear probes of one fold; feature sets are fitted once, however often used."""

    def __init__(
        self,
        features: Mapping[str, FloatArray],
        train_Y: FloatArray,
        split: Split,
        question: Question,
    ) -> None:
        self.features, self.split, self.question = features, split, question
        coded = encode(train_Y, question.kind, question.n_classes)
        self.shape = coded.shape[:2]
        self.coded = coded.reshape(-1, coded.shape[-1])
        self.done: dict[str, tuple[Fit, FloatArray]] = {}

    def predict(self, blocks: Sequence[str]) -> FloatArray:
        """Linear predictors, shape `(n_problems, n_labels, n_test)`."""
        parts = [self._fit(block) for block in blocks]
        outputs = parts[0][1] if len(parts) == 1 else self._stack(parts)
        return np.asarray(outputs.reshape(*self.shape, -1))

    def _fit(self, block: str) -> tuple[Fit, FloatArray]:
        if block not in self.done:
            split, is_class = self.split, self.question.is_classification
            transform = make_transform(block)
            fit = fit_tuned(
                transform.fit_transform(self.features[block][split.train]),
                self.coded,
                solve=solve_logistic if is_class else solve_ridge,
                loss=log_loss if is_class else squared_loss,
                penalties=LOGISTIC_PENALTIES if is_class else RIDGE_PENALTIES,
                groups=self.question.clusters[split.train],
                n_inner=self.question.n_inner,
                seed=_seed(split),
            )
            new = transform.transform(self.features[block][split.test])
            self.done[block] = fit, fit.predict(new)
        return self.done[block]

    def _stack(self, parts: Sequence[tuple[Fit, FloatArray]]) -> FloatArray:
        """Stacking (Wolpert 1992): weigh features by their out-of-fold outputs."""
        solve = solve_logistic if self.question.is_classification else solve_ridge
        held_out = np.stack([fit.out_of_fold for fit, _ in parts], axis=-1)
        new = np.stack([outputs for _, outputs in parts], axis=-1)
        centre = held_out.mean(1, keepdims=True)
        spread = held_out.std(1, keepdims=True) + 1e-12
        weights = solve((held_out - centre) / spread, self.coded, STACK_PENALTY)[0]
        scaled = (new - centre) / spread
        return np.asarray((scaled * weights[:, None, :-1]).sum(-1) + weights[:, -1:])
