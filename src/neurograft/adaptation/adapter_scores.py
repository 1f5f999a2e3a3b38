"""Score adapters without a label of the target, so that a study can choose.

Each score looks at predictions for the target, or for reweighted source people; larger
is better. They are guides: `benchmarks/choices.py` shows what they choose.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import logsumexp

from neurograft.types import FloatArray

# Temperature of the soft neighbourhoods (Saito 2021: 0.05).
TEMPERATURE = 0.05


def score_by_weighted_source(
    losses: Float[np.ndarray, " n_source"], weights: Float[np.ndarray, " n_source"]
) -> float:
    """Return minus the loss on held-out source people, weighted like the target.

    Source: importance-weighted validation (Sugiyama 2007).

    Args:
        losses: Loss on each person, by a model that did not see the person.
        weights: Weights under which the source resembles the target.
    """
    return float(-(losses * weights).sum() / weights.sum())


def score_by_entropy(probabilities: Float[np.ndarray, "n_target n_classes"]) -> float:
    """Return minus the mean entropy of predictions: large if they are decided.

    Source: Morerio 2018.

    Example:
        >>> round(score_by_entropy(np.array([[0.5, 0.5], [0.5, 0.5]])), 3)
        -0.693
    """
    p = np.clip(probabilities, 1e-12, 1)
    return float((p * np.log(p)).sum(1).mean())


def score_by_neighbourhood(
    features: Float[np.ndarray, "n_target n_features"],
    *,
    temperature: float = TEMPERATURE,
) -> float:
    """Return the soft neighbourhood density: large if outputs form dense clusters.

    It is the entropy of the soft assignment of every row to the others, and large
    where each row has many close neighbours (Saito 2021, eqs. 2-4).

    Args:
        features: Outputs for the people of the target.
        temperature: Small values count close neighbours only.
    """
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(norm, 1e-12)
    similarity = unit @ unit.T / temperature
    np.fill_diagonal(similarity, -np.inf)
    log_p = similarity - logsumexp(similarity, axis=1, keepdims=True)
    p = np.exp(log_p)
    terms: FloatArray = p * np.where(p > 0, log_p, 0.0)
    return float(-terms.sum(1).mean())
