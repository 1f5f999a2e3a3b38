"""Blend feature sets by weights that are not negative and add up to one.

The weights are learned from outputs of training people who were left out, and shrunk
towards a mean that was fixed beforehand, so that a feature set that harms cannot take
over: with few labelled people it has its fixed share, with many it gets little.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Float

from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.evaluation.methods.mixture import OutputMixture, find_scale, stack_parts
from neurograft.types import FloatArray

# Fewer labelled people of the smaller class than this: the weights are fixed. With so
# many, what was learned counts half. Chosen here: fixed before any result was seen.
MIN_LEARNED = 20
# The fixed mean, in parts. Chosen on tasks that judge no pretraining
# (docs/pretraining.md, "The blend").
SHARES = {"encoder": 1.0, "random-encoder": 1.0, "band-power": 1.0, "riemann": 1.0}
# Share of the variance that keeps the equations of equal parts solvable. Chosen here.
FLOOR = 1e-6


def blend(
    parts: Sequence[Fitted],
    targets: FloatArray,
    n_smallest: FloatArray,
    fixed: FloatArray,
) -> tuple[Fitted, OutputMixture]:
    """Blend the standardised outputs of feature sets.

    Source: Breiman 1996, "Stacked regressions", for weights that are not negative.

    Args:
        parts: Outputs of each feature set.
        targets: 0 or 1, or numbers, `(n_labels, n)`.
        n_smallest: Training people of the smaller class, of a number half of all,
            `(n_labels,)`.
        fixed: Weights towards which the learned ones are shrunk, `(n_parts,)`; they
            need not add up to one.

    Returns:
        The blend, of no particular scale, and how it is mixed.
    """
    held_out, new = stack_parts(parts)
    centre, spread = find_scale(held_out)
    scaled = (held_out - centre[:, None]) / spread[:, None]
    learned = learn_weights(scaled, targets)
    trust = n_smallest / (n_smallest + MIN_LEARNED) * (n_smallest >= MIN_LEARNED)
    mean = fixed / fixed.sum()
    weights = trust[:, None] * learned + (1 - trust[:, None]) * mean
    mixture = OutputMixture(centre, spread, weights, np.zeros(len(weights)))
    return Fitted(mixture.mix(held_out), mixture.mix(new)), mixture


def learn_weights(
    held_out: Float[np.ndarray, "n_labels n n_parts"], targets: FloatArray
) -> Float[np.ndarray, "n_labels n_parts"]:
    """Learn weights by least squares that are not negative, and let them add up to one.

    Every subset of the parts is solved; the best whose weights are all positive is the
    solution. Where no part goes with the labels, the weights are equal.

    Example:
        >>> held_out = np.array([[[1.0, 3.0], [-1.0, 1.0], [1.0, -4.0], [-1.0, 0.0]]])
        >>> learn_weights(held_out, np.array([[1.0, 0.0, 1.0, 0.0]]))
        array([[1., 0.]])
    """
    n_labels, n, n_parts = held_out.shape
    centred = targets - targets.mean(1, keepdims=True)
    gram = np.swapaxes(held_out, 1, 2) @ held_out / n + FLOOR * np.eye(n_parts)
    along = (np.swapaxes(held_out, 1, 2) @ centred[..., None])[..., 0] / n
    best = np.full((n_labels, n_parts), 1 / n_parts)
    explained = np.zeros(n_labels)
    for size in range(1, n_parts + 1):
        for subset in combinations(range(n_parts), size):
            own = np.array(subset)
            weights = np.linalg.solve(gram[:, own[:, None], own], along[:, own, None])[
                ..., 0
            ]
            gained = (weights * along[:, own]).sum(1)
            better = (weights >= 0).all(1) & (gained > explained)
            rows = np.flatnonzero(better)
            best[rows] = 0
            best[rows[:, None], own] = weights[rows] / weights[rows].sum(
                1, keepdims=True
            )
            explained[rows] = gained[rows]
    return best
