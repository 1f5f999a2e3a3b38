"""A linear method that was fitted once, as plain arrays: from features to an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from threadpoolctl import threadpool_limits

from neurograft.config.method_table import BLIND, DESCRIBED
from neurograft.config.methods import Method
from neurograft.errors import ConfigError
from neurograft.evaluation.methods.calibration import OutputLine
from neurograft.evaluation.methods.linear_fold import LinearFold
from neurograft.evaluation.methods.mixture import OutputMixture
from neurograft.evaluation.methods.preparation import list_feature_steps
from neurograft.evaluation.methods.problem import Question, decode
from neurograft.evaluation.methods.reduction import fit_steps
from neurograft.kinds import Kind
from neurograft.prediction.learned.vectors import (
    Vectoriser,
    collapse_steps,
    take_vectoriser,
)
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray


@dataclass(frozen=True)
class Part:
    """A feature set of a fitted method.

    Attributes:
        name: Of the feature set.
        vectoriser: Brings features to vectors.
        weights: Of the vectors, a row per problem.
        mean: Mean vector of the training people.
    """

    name: str
    vectoriser: Vectoriser
    weights: Float[np.ndarray, "n_problems n_vector"]
    mean: Float[np.ndarray, " n_vector"]


@dataclass(frozen=True)
class FittedMethod:
    """Weights that turn feature sets into log odds, or into a number.

    Attributes:
        kind: Of the task.
        parts: Its feature sets.
        intercept: One per problem.
    """

    kind: Kind
    parts: tuple[Part, ...]
    intercept: Float[np.ndarray, " n_problems"]

    def score(
        self, features: Mapping[str, FloatArray]
    ) -> Float[np.ndarray, "n_problems n"]:
        """Return log odds of every problem, or numbers.

        Args:
            features: Feature sets of people by name, `(n, ...)`.
        """
        vectors = self.find_vectors(features)
        added = [
            part.weights @ own.T for part, own in zip(self.parts, vectors, strict=True)
        ]
        return np.asarray(self.intercept[:, None] + np.sum(added, axis=0))

    def predict(
        self, features: Mapping[str, FloatArray]
    ) -> Float[np.ndarray, "n n_outputs"]:
        """Return probabilities or numbers, as `decode` gives them."""
        return np.asarray(decode(self.score(features)[:, None], self.kind)[0])

    def find_vectors(self, features: Mapping[str, FloatArray]) -> list[FloatArray]:
        """Find the vectors of people, one array `(n, n_vector)` per part."""
        return [part.vectoriser.transform(features[part.name]) for part in self.parts]

    def find_contributions(
        self, features: Mapping[str, FloatArray], *, problem: int = 0
    ) -> list[Float[np.ndarray, "n n_vector"]]:
        """Find what every entry adds to the score: weight times deviation.

        Args:
            features: Feature sets of people.
            problem: Number of the problem.

        Returns:
            One array per part; together they are the difference to the score of the
            mean training person.
        """
        return [
            part.weights[problem] * (own - part.mean)
            for part, own in zip(self.parts, self.find_vectors(features), strict=True)
        ]


def check_method(method: Method) -> None:
    """Check that a method can be fitted once and saved.

    Raises:
        ConfigError: If not; the message says why.
    """
    if not method.blocks or method.is_network:
        reason = "it has no weights of features"
        if method.is_network:
            reason = "networks are not saved yet"
    elif not method.is_linear:
        reason = f"models of the learner {method.learner!r} are not saved"
    elif any("@" in block for block in method.blocks):
        reason = "what adapts to a site needs more people of that site than one"
    elif "acquisition" in method.features:
        reason = "it knows the site and the day of the recording, not the brain"
    elif "surrogate" in method.features:
        reason = "it is a control"
    elif all(name in BLIND for name in method.features):
        reason = "it knows nothing of the brain"
    else:
        return
    named = ", ".join(name for name, one in DESCRIBED.items() if one.kind == "features")
    raise ConfigError(
        f"The method {method.name!r} cannot be fitted for new people: {reason}. Choose "
        f"feature sets with the linear learner ({named}), `stack` or `blend`."
    )


def fit_method(
    method: Method,
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    split: Split,
    question: Question,
) -> FittedMethod:
    """Fit a method to the training rows of a split, as a fold does.

    Args:
        method: Linear, without adapters.
        features: Feature sets by name, all rows.
        labels: Of all rows.
        split: Its training rows are learned from, its seed decides the inner folds.
        question: What is asked.

    Raises:
        ConfigError: If the method cannot be saved.
    """
    check_method(method)
    blocks = method.blocks
    with threadpool_limits(1):
        # Rows to be predicted are asked for; one of the training rows will do.
        once = split._replace(test=split.train[:1])
        fold = LinearFold(features, labels[None], once, question, method.learner)
        if method.is_blend:
            fold.predict_blend(method.name, blocks)
        else:
            fold.predict(blocks)
        parts, intercepts = [], []
        for name in blocks:
            part, intercept = _take_part(name, fold, features[name][split.train])
            parts.append(part)
            intercepts.append(intercept)
    whole = "+".join(blocks)
    combined = _mix(parts, intercepts, fold.mixtures.get(whole), question.kind)
    return _move(combined, fold.lines.get(whole))


def _take_part(
    name: str, fold: LinearFold, train: FloatArray
) -> tuple[Part, FloatArray]:
    """Take the weights of a feature set from a fold, and their intercepts."""
    steps = list_feature_steps(name, fold.learner)
    fit_steps(steps, train)
    solved = fold.solved[name]
    weights, intercept = collapse_steps(steps, solved.weights)
    vectoriser = take_vectoriser(steps)
    mean = vectoriser.transform(train).mean(0)
    if solved.line is not None:
        weights, intercept = _follow(weights, intercept, solved.line)
    return Part(name, vectoriser, weights, mean), intercept


def _follow(
    weights: FloatArray, intercept: FloatArray, line: OutputLine
) -> tuple[FloatArray, FloatArray]:
    """Let weights and intercept follow a line from outputs to log odds."""
    factor = line.slope / line.spread
    moved = (intercept[:, None] - line.centre) * factor + line.intercept
    return weights * factor, moved[:, 0]


def _mix(
    parts: Sequence[Part],
    intercepts: Sequence[FloatArray],
    mixture: OutputMixture | None,
    kind: Kind,
) -> FittedMethod:
    """Combine feature sets, whose outputs are standardised and weighted."""
    if mixture is None:
        return FittedMethod(kind, tuple(parts), intercepts[0])
    shares = mixture.weights / mixture.spread
    mixed = tuple(
        replace(part, weights=part.weights * shares[:, [number]])
        for number, part in enumerate(parts)
    )
    moved = (np.stack(intercepts, axis=-1) - mixture.centre) * shares
    return FittedMethod(kind, mixed, mixture.intercept + moved.sum(-1))


def _move(fitted: FittedMethod, line: OutputLine | None) -> FittedMethod:
    if line is None:
        return fitted
    factor = line.slope / line.spread
    parts = tuple(replace(part, weights=part.weights * factor) for part in fitted.parts)
    moved = (fitted.intercept[:, None] - line.centre) * factor + line.intercept
    return replace(fitted, parts=parts, intercept=moved[:, 0])
