"""Choose an adapter in every fold without a label of the people tested.

Every candidate is fitted; the choice looks at the labels of training people, or at
unlabelled predictions. Each vector of permuted labels has a separate choice, so that a
p-value holds the choice as well.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.adaptation.adapter_scores import (
    score_by_entropy,
    score_by_neighbourhood,
    score_by_weighted_source,
)
from neurograft.types import FloatArray, IntArray

# As it is, moved, and weighted; fixed before any result was seen.
CANDIDATES = ("", "recentre", "rescale", "coral", "linear-ot", "discriminator")
# A candidate is left out of a choice by site if a site has fewer people.
MIN_PEOPLE = 2


class Fitted(NamedTuple):
    """Linear predictions of a fold, one row per problem and label vector.

    Attributes:
        out_of_fold: Linear predictors of training rows by models that did not see them.
        outputs: Linear predictors of the test rows.
    """

    out_of_fold: FloatArray
    outputs: FloatArray


def choose(
    scores: Float[np.ndarray, "n_candidates n_labels"], fitted: Sequence[Fitted]
) -> tuple[Fitted, IntArray]:
    """Choose each label vector's best candidate; the first where they are equal.

    Args:
        scores: Larger is better.
        fitted: One per candidate.

    Returns:
        What the chosen say, and the number of the candidate chosen by label vector.
    """
    chosen = scores.argmax(0)
    n_problems = len(fitted[0].outputs) // len(chosen)
    of_row = np.tile(chosen, n_problems)
    rows = np.arange(len(of_row))
    taken = [
        np.stack([getattr(one, name) for one in fitted])[of_row, rows]
        for name in Fitted._fields
    ]
    return Fitted(*taken), chosen


def score_losses(
    losses: Float[np.ndarray, "n_vectors n"], weights: FloatArray, n_labels: int
) -> Float[np.ndarray, " n_labels"]:
    """Score label vectors by importance-weighted validation, all problems together."""
    of_labels = losses.reshape(-1, n_labels, losses.shape[-1]).sum(0)
    return np.array([score_by_weighted_source(own, weights) for own in of_labels])


def score_probabilities(
    how: str, p: Float[np.ndarray, "n_labels n_test n_outputs"]
) -> Float[np.ndarray, " n_labels"]:
    """Score how decided predictions are, or how densely they cluster.

    Args:
        how: `auto-entropy` or `auto-neighbourhood`.
        p: Probabilities, of the case or of every group.
    """
    full = np.concatenate([1 - p, p], axis=-1) if p.shape[-1] == 1 else p
    score = score_by_entropy if how == "auto-entropy" else score_by_neighbourhood
    return np.array([score(own) for own in full])


def leave_sites_out(
    domain: IntArray, labels: FloatArray, *, is_classification: bool
) -> list[tuple[IntArray, IntArray]]:
    """Yield training and validation positions, one training site left out at a time.

    Args:
        domain: Site of the training rows.
        labels: Their labels; what is left must hold every group.
        is_classification: Whether labels are groups.
    """
    found: list[tuple[IntArray, IntArray]] = []
    for site in np.unique(domain):
        kept, tried = np.flatnonzero(domain != site), np.flatnonzero(domain == site)
        groups = np.unique(labels[kept])
        lost = is_classification and len(groups) < len(np.unique(labels))
        if len(kept) and len(tried) >= MIN_PEOPLE and not lost:
            found.append((kept, tried))
    return found
