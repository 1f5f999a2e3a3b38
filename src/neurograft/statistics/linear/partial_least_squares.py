"""Partial least squares for many label vectors at once.

Partial least squares of one target is the method of conjugate gradients on the normal
equations of least squares, stopped after as many steps as there are components (Phatak
and de Hoog 2002). A step is two matrix products for all label vectors together.
"""

import numpy as np
from jaxtyping import Float, Num

from neurograft.types import FloatArray

# Below this, nothing is left to explain. Chosen here: far below rounding.
NOTHING = 1e-30


def solve_partial_least_squares(
    X: Float[np.ndarray, "n d"],
    Y: Float[np.ndarray, "n_labels n"],
    n_components: Num[np.ndarray, " n_choices"],
    sample_weight: FloatArray | None = None,
) -> Float[np.ndarray, "n_choices n_labels d1"]:
    """Fit partial least squares (Wold 1984) with every number of components asked for.

    Args:
        X: Design; its columns are not scaled.
        Y: Numbers, or 0 and 1.
        n_components: Numbers of components.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.

    Returns:
        Weights, the intercept last.
    """
    counted = np.ones(Y.shape) if sample_weight is None else sample_weight
    share = np.broadcast_to(counted, Y.shape)
    share = share / share.sum(-1, keepdims=True)
    x_mean, y_mean = share @ X, (share * Y).sum(-1, keepdims=True)

    def weigh(rows: FloatArray) -> FloatArray:
        """Return the products of centred columns with weighted rows."""
        weighted = share * rows
        return np.asarray(weighted @ X - weighted.sum(-1, keepdims=True) * x_mean)

    weights = np.zeros_like(x_mean)
    residual = weigh(Y - y_mean)
    direction, length = residual, (residual**2).sum(-1, keepdims=True)
    found = [weights]
    for _ in range(int(max(n_components))):
        moved = direction @ X.T - (direction * x_mean).sum(-1, keepdims=True)
        curvature = (share * moved**2).sum(-1, keepdims=True)
        step = length / np.maximum(curvature, NOTHING)
        weights = weights + step * direction
        residual = residual - step * weigh(moved)
        shorter = (residual**2).sum(-1, keepdims=True)
        direction = residual + shorter / np.maximum(length, NOTHING) * direction
        length = shorter
        found.append(weights)
    chosen = np.stack([found[int(n)] for n in n_components])
    intercept = y_mean[:, 0] - (chosen * x_mean).sum(-1)
    return np.concatenate([chosen, intercept[..., None]], axis=-1)
