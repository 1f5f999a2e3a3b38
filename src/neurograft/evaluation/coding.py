"""Labels as binary problems, so that one solver serves every kind of task.

A number and two groups are one problem. More groups are one problem each against the
rest (Rifkin and Klautau 2004), ordered groups one for every threshold (Frank and Hall
2001). The probabilities of the problems are decoded to probabilities of the groups.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import expit

from neurograft.config_tasks import Kind
from neurograft.types import FloatArray


def encode(
    Y: Float[np.ndarray, "n_labels n"], kind: Kind, n_classes: int
) -> Float[np.ndarray, "n_problems n_labels n"]:
    """Binary label vectors of every problem; numbers stay as they are.

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
    """Predicted numbers, probabilities of being a case, or of every group.

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
    """What the dummy says of everybody: the shares of the groups, or the median."""
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
    """The group predicted, or the number itself.

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
