"""Correct p-values for the number of tests."""

import numpy as np
from jaxtyping import Float


def holm(p_values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Return p-values adjusted for the number of tests (Holm 1979).

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    raised = np.maximum.accumulate(p_values[order] * factors)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(raised, 1)
    return adjusted
