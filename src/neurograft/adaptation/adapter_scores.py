"""Choose among adapters without a label of the target.

Each score looks at predictions for the target or for reweighted source people; larger
is better. They are guides: `benchmarks/choices.py` looks at what they choose.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import logsumexp

from neurograft.types import FloatArray

TEMPERATURE = 0.05


def score_by_weighted_source(
    losses: Float[np.ndarray, " n_source"], weights: Float[np.ndarray, " n_source"]
) -> float:
    """Minus the loss on held-out source people, weighted to resemble the target.

    Source: importance-weighted validation (Sugiyama 2007).
    """
    return float(-(losses * weights).sum() / weights.sum())


def score_by_entropy(probabilities: Float[np.ndarray, "n_target n_classes"]) -> float:
    """Minus the mean entropy of predictions: how decided they are (Morerio 2018).

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
    """Soft neighbourhood density: do outputs of the target form dense clusters.

    Source: Saito 2021, eqs. 2-4: entropy of the soft assignment of every row to the
    others; large where each has many close neighbours.
    """
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(norm, 1e-12)
    similarity = unit @ unit.T / temperature
    np.fill_diagonal(similarity, -np.inf)
    log_p = similarity - logsumexp(similarity, axis=1, keepdims=True)
    p = np.exp(log_p)
    terms: FloatArray = p * np.where(p > 0, log_p, 0.0)
    return float(-terms.sum(1).mean())
