"""Summarise the windows of a subject as a vector."""

import numpy as np
from jaxtyping import Float

from neurograft.types import FloatArray


def summarise_windows(
    windows: Float[np.ndarray, "n_windows n_regions n_features"],
) -> Float[np.ndarray, " n_summary"]:
    """Return mean and SD over a subject's windows, of every region and feature.

    All means come first, region by region; then all SDs in the same order.
    """
    flat = windows.reshape(len(windows), -1)
    summary: FloatArray = np.concatenate([flat.mean(0), flat.std(0)])
    return summary
