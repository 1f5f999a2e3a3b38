"""Confounds: choose test people in whom the label is independent of a confound.

Regressing a confound out of features can leak the label (Hamdan 2023); leaving test
people out cannot. Models are trained as ever, and judged where they cannot win by
knowing the confound (confound-isolating cross-validation, Chyzhyk 2022).
"""

import numpy as np
from jaxtyping import Float, Int

from neurograft.types import FloatArray, IntArray

# Chosen here: a correlation of label and confound that counts as none.
MAX_CORRELATION = 0.05
# Chosen here: the smallest share of the test people that is kept.
MIN_SHARE = 0.4


def isolate(
    labels: Float[np.ndarray, " n"],
    confound: Float[np.ndarray, " n"],
    rows: Int[np.ndarray, " n_rows"],
    *,
    max_correlation: float = MAX_CORRELATION,
    min_share: float = MIN_SHARE,
) -> IntArray:
    """Leave out rows until label and confound are independent.

    At each step the row whose loss lowers the correlation most is left out; both
    groups keep at least two rows.

    Args:
        labels: Of all rows.
        confound: Of all rows; rows without one are left out first.
        rows: Rows that may be tested.
        max_correlation: Stop at this absolute correlation.
        min_share: Stop at this share of the rows, whatever the correlation.

    Returns:
        The rows kept, in their order.
    """
    kept: IntArray = rows[np.isfinite(confound[rows])]
    n_least = max(4, int(np.ceil(min_share * len(rows))))
    while len(kept) > n_least:
        y, z = labels[kept], confound[kept]
        if abs(correlate(y, z)) <= max_correlation:
            break
        without = _correlate_without_each(y, z)
        if len(np.unique(y)) == 2:
            small = [value for value in (0, 1) if (y == value).sum() <= 2]
            without[np.isin(y, small)] = np.inf
        if not np.isfinite(without).any():
            break
        kept = np.delete(kept, int(np.argmin(np.abs(without))))
    return kept


def correlate(y: FloatArray, z: FloatArray) -> float:
    """Return Pearson's correlation; 0 if either is constant."""
    if np.ptp(y) == 0 or np.ptp(z) == 0:
        return 0.0
    return float(np.corrcoef(y, z)[0, 1])


def _correlate_without_each(y: FloatArray, z: FloatArray) -> FloatArray:
    """Return the correlation without each row in turn, from sums: `(n,)`."""
    n = len(y) - 1
    y, z = y - y.mean(), z - z.mean()
    sums = {
        "y": y.sum() - y,
        "z": z.sum() - z,
        "yy": (y**2).sum() - y**2,
        "zz": (z**2).sum() - z**2,
        "yz": (y * z).sum() - y * z,
    }
    covariance = sums["yz"] - sums["y"] * sums["z"] / n
    variance = (sums["yy"] - sums["y"] ** 2 / n) * (sums["zz"] - sums["z"] ** 2 / n)
    return np.asarray(covariance / np.sqrt(np.maximum(variance, 1e-12)))
