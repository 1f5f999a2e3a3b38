"""Test-retest reliability: the agreement of two recordings of the same people."""

import numpy as np
from jaxtyping import Float


def measure_reliability(
    first: Float[np.ndarray, " n"],
    second: Float[np.ndarray, " n"],
    weights: Float[np.ndarray, "n_resamples n"] | None = None,
) -> Float[np.ndarray, " n_resamples"]:
    """Return the absolute agreement ICC(2, 1) of two measurements.

    It is the share of the variance that lies between people. Differences from visit to
    visit count against it, also those that everybody shares.

    Source: Shrout and Fleiss 1979, table 1 and p. 423.

    Args:
        first: First measurement of every person.
        second: Second measurement of the same people.
        weights: How often each person counts in each resample; None, once.

    Returns:
        At most 1; NaN where fewer than two different people count.

    Example:
        >>> visit = np.array([1.0, 2.0, 3.0])
        >>> measure_reliability(visit, visit).tolist()
        [1.0]
    """
    counts = np.ones((1, len(first))) if weights is None else weights
    n = counts.sum(1)
    scores = np.stack([first, second], axis=1)
    scores = scores - scores.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        by_visit = counts @ scores / n[:, None]
        mean = by_visit.mean(1)
        people = 2 * (counts @ scores.mean(1) ** 2 - n * mean**2)
        visits = n * ((by_visit - mean[:, None]) ** 2).sum(1)
        everything = counts @ (scores**2).sum(1) - 2 * n * mean**2
        between = people / (n - 1)
        error = (everything - people - visits) / (n - 1)
        agreement = (between - error) / (between + error + 2 * (visits - error) / n)
    is_known = (counts > 0).sum(1) > 1
    return np.where(is_known, agreement, np.nan)
