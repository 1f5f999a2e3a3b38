"""Code the labels of a fold for linear solvers, and decode predictions."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.special import expit

from neurograft.errors import ConfigError
from neurograft.kinds import Kind
from neurograft.types import FloatArray, IntArray


class Question(NamedTuple):
    """A question to the methods: kind of label, and facts about the rows.

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
        """Return whether labels are groups."""
        return self.kind != "regression"

    @property
    def known_people(self) -> pd.DataFrame:
        """The people.

        Raises:
            ConfigError: If it is not known who is from which site.
        """
        if self.people is None:
            raise ConfigError(
                "What is done because sites differ needs to know who is from which."
            )
        return self.people


def encode(
    Y: Float[np.ndarray, "n_labels n"], kind: Kind, n_classes: int
) -> Float[np.ndarray, "n_problems n_labels n"]:
    """Return binary label vectors of every problem; numbers stay as they are.

    Args:
        Y: Label vectors: 0, 1, ..., or numbers.
        kind: Of the task.
        n_classes: Groups; 0 for a number.
    """
    if kind == "multiclass":
        return np.stack([label == Y for label in range(n_classes)]).astype(float)
    if kind == "ordinal":
        return np.stack([label < Y for label in range(n_classes - 1)]).astype(float)
    return Y[None]


def decode(
    outputs: Float[np.ndarray, "n_problems n_labels n_test"], kind: Kind
) -> Float[np.ndarray, "n_labels n_test n_outputs"]:
    """Return predicted numbers, probabilities of a case, or of every group.

    Args:
        outputs: Linear predictors of every problem: values or log odds.
        kind: Of the task.
    """
    if kind == "regression":
        return np.asarray(outputs[0][..., None])
    p = expit(outputs)
    if kind == "multiclass":
        return np.moveaxis(p / p.sum(0), 0, -1)
    if kind == "ordinal":
        # Shares above each threshold, made to fall from one to the next.
        above = np.minimum.accumulate(p, axis=0)
        edges = np.concatenate([np.ones_like(p[:1]), above, np.zeros_like(p[:1])])
        return np.moveaxis(edges[:-1] - edges[1:], 0, -1)
    return np.asarray(p[0][..., None])


def guess(
    Y: Float[np.ndarray, "n_labels n_train"], n_test: int, kind: Kind, n_classes: int
) -> Float[np.ndarray, "n_labels n_test n_outputs"]:
    """Return the dummy's prediction: the shares of the groups, or the median.

    Args:
        Y: Labels of the training people, one vector a row.
        n_test: Number of test people.
        kind: Kind of label.
        n_classes: Number of groups.
    """
    if kind == "regression":
        shares = np.median(Y, axis=1, keepdims=True)
    elif n_classes == 2:
        shares = Y.mean(1, keepdims=True)
    else:
        shares = np.stack(
            [np.mean(label == Y, axis=1) for label in range(n_classes)], axis=1
        )
    return np.repeat(shares[:, None], n_test, axis=1)


def decide(scores: FloatArray, shares: FloatArray, kind: Kind) -> FloatArray:
    """Return the predicted group, or the number itself.

    A group is predicted where its probability is the largest multiple of its share
    among the training people, so that the smaller group is still predicted.

    Args:
        scores: As `decode` gives them, of one label vector: `(n_test, n_outputs)`.
        shares: Share of every group among the training people.
        kind: Of the task.
    """
    if kind == "regression":
        return np.asarray(scores[:, 0])
    if scores.shape[1] == 1:
        return np.asarray((scores[:, 0] > shares[1]).astype(float))
    return np.asarray((scores / shares).argmax(1).astype(float))
