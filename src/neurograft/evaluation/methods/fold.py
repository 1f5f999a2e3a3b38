"""Fit the methods to the training people of a fold, and predict its test people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from neurograft.config.methods import BLENDS, Method
from neurograft.errors import DataError, DesignError
from neurograft.evaluation.methods.adapter_choice import CANDIDATES
from neurograft.evaluation.methods.known_mean import predict_geodesically
from neurograft.evaluation.methods.learners import predict_with
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.preparation import prepare_block
from neurograft.evaluation.methods.problem import Question, decode, guess
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray


class FoldOutput(NamedTuple):
    """Predictions of the methods in one fold.

    Attributes:
        predicted: By method, values or probabilities of the test rows as `decode` gives
            them, shape `(n_labels, n_test, n_outputs)`.
        chosen: Adapter chosen for the real labels, by feature set with its rule after
            the @; empty is the feature set as it is.
        refused: Methods that cannot learn from the people of this fold, with the
            reason.
        shares: Of every blend, the weight of each of its feature sets; of more than
            two groups, the mean over groups.
    """

    predicted: dict[str, FloatArray]
    chosen: dict[str, str]
    refused: dict[str, str]
    shares: dict[str, dict[str, float]]


def predict_fold(
    methods: Sequence[Method],
    features: Mapping[str, FloatArray],
    Y: FloatArray,
    split: Split,
    question: Question,
) -> FoldOutput:
    """Fit methods to a fold's training rows and predict its test rows.

    Args:
        methods: Methods; networks are not among them.
        features: Matrix of every feature set, rows as in `Y`.
        Y: Label vectors, shape `(n_labels, n_rows)`: the real one, permuted ones.
        split: The fold.
        question: What is asked.

    Returns:
        The predictions; learners that are fitted one label vector at a time give those
        of the first only.
    """
    folds = {
        name: LinearFold(features, Y, split, question, name)
        for name in dict.fromkeys(method.learner for method in methods)
    }
    found: dict[str, FloatArray] = {}
    refused: dict[str, str] = {}
    for method in methods:
        try:
            found[method.name] = _predict(method, folds[method.learner])
        except (DataError, DesignError) as error:
            refused[method.name] = str(error)
    chosen = {
        block: CANDIDATES[taken[0]]
        for fold in folds.values()
        for block, taken in fold.choices.items()
    }
    shares = {
        name: dict(zip(BLENDS[name], own.tolist(), strict=True))
        for fold in folds.values()
        for name, own in fold.shares.items()
    }
    return FoldOutput(found, chosen, refused, shares)


def _predict(method: Method, fold: LinearFold) -> FloatArray:
    """Predict the test rows with a method, shape `(n_labels, n_test, n_outputs)`.

    Raises:
        DataError, DesignError: If an adapter cannot be fitted.
    """
    split, question = fold.split, fold.question
    if method.learner == "dummy":
        train_Y, n_test = fold.Y[:, split.train], len(split.test)
        return guess(train_Y, n_test, question.kind, question.n_classes)
    if method.is_blend:
        blended = fold.predict_blend(method.name, method.blocks)
        return decode(blended, question.kind)
    if method.is_linear:
        return decode(fold.predict(method.blocks), question.kind)
    return predict_slowly(method, fold.features, fold.Y[0], split, question)[None]


def predict_slowly(
    method: Method,
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    split: Split,
    question: Question,
) -> FloatArray:
    """Predict test rows from one label vector: `(n_test, n_outputs)`.

    Args:
        method: Features and learner.
        features: Feature sets by name, `(n_rows, n_features)` each.
        labels: Labels of all rows, `(n_rows,)`.
        split: Training and test rows of the fold.
        question: Kind of label, clusters and sites of the rows.
    """
    if method.learner == "geodesic":
        return predict_geodesically(features["riemann"], labels, split, question)
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
        seed=split.seed,
    )
