"""Methods: which features, what is fitted to them inside a fold, what is predicted."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from neurograft.config_evaluation import Method
from neurograft.config_tasks import Kind
from neurograft.evaluation.blocks import prepare_block
from neurograft.evaluation.coding import decode, encode, guess
from neurograft.evaluation.splits import Split
from neurograft.transfer.learners import predict_with
from neurograft.transfer.linear import LOGISTIC, RIDGE, Fit, fit_tuned
from neurograft.types import FloatArray, IntArray

# Penalty of the weights that combine stacked features.
STACK_PENALTY = np.array([1.0])


class Question(NamedTuple):
    """What is asked of the methods.

    Attributes:
        kind: Of the task.
        n_classes: Groups; 0 for a number.
        clusters: Cluster of every row.
        n_inner: Inner folds that choose penalties.
        people: `domain` (number of the site, from 1), `age`, `sex`: for adapters.
    """

    kind: Kind
    n_classes: int
    clusters: IntArray
    n_inner: int
    people: pd.DataFrame | None = None

    @property
    def is_classification(self) -> bool:
        """Whether labels are groups."""
        return self.kind != "regression"


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
    linear = _Linear(features, Y, split, question)
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
    train, test = prepare_block(
        method.blocks[0],
        features,
        labels,
        split,
        people=question.people,
        learner=method.learner,
    )
    return predict_with(
        method.learner,
        (train, labels[split.train]),
        test,
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
        Y: FloatArray,
        split: Split,
        question: Question,
    ) -> None:
        self.features, self.split, self.question = features, split, question
        self.labels = Y[0]
        self.family = LOGISTIC if question.is_classification else RIDGE
        coded = encode(Y[:, split.train], question.kind, question.n_classes)
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
            split = self.split
            train, test = prepare_block(
                block, self.features, self.labels, split, people=self.question.people
            )
            fit = fit_tuned(
                train,
                self.coded,
                self.family,
                groups=self.question.clusters[split.train],
                n_inner=self.question.n_inner,
                seed=_seed(split),
            )
            self.done[block] = fit, fit.predict(test)
        return self.done[block]

    def _stack(self, parts: Sequence[tuple[Fit, FloatArray]]) -> FloatArray:
        """Stacking (Wolpert 1992): weigh features by their out-of-fold outputs."""
        held_out = np.stack([fit.out_of_fold for fit, _ in parts], axis=-1)
        new = np.stack([outputs for _, outputs in parts], axis=-1)
        centre = held_out.mean(1, keepdims=True)
        spread = held_out.std(1, keepdims=True) + 1e-12
        scaled = (held_out - centre) / spread
        weights = self.family.solve(scaled, self.coded, STACK_PENALTY, None)[0]
        new = (new - centre) / spread
        return np.asarray((new * weights[:, None, :-1]).sum(-1) + weights[:, -1:])
