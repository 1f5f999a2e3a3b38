"""Distributions without rows: quantiles between which several people lie."""

import numpy as np

from neurograft.prediction.card import Quantiles
from neurograft.types import FloatArray

# Fewer people have no distribution; so many lie between neighbouring quantiles.
MIN_PEOPLE, PEOPLE_PER_STEP = 10, 5
# Steps at most. Chosen here: five per cent of people each.
MAX_STEPS = 20


def list_levels(n: int) -> tuple[float, ...]:
    """List the levels of the quantiles that so many people allow.

    Example:
        >>> list_levels(20), list_levels(9), len(list_levels(400))
        ((0.25, 0.5, 0.75), (), 19)
    """
    if n < MIN_PEOPLE:
        return ()
    steps = min(n // PEOPLE_PER_STEP, MAX_STEPS)
    return tuple(round(step / steps, 6) for step in range(1, steps))


def find_quantiles(values: FloatArray) -> Quantiles | None:
    """Return the distribution of some people's values; None if they are too few."""
    values = values[np.isfinite(values)]
    levels = list_levels(len(values))
    if not levels:
        return None
    found = np.quantile(values, levels)
    return Quantiles(n=len(values), levels=levels, values=tuple(found.tolist()))


def place(value: float, quantiles: Quantiles) -> float:
    """Return the share of people below a value, between the quantiles by a line.

    Example:
        >>> middle = Quantiles(n=20, levels=(0.25, 0.5, 0.75), values=(1.0, 2.0, 3.0))
        >>> place(2.5, middle), place(-9.0, middle)
        (0.625, 0.25)
    """
    return float(np.interp(value, quantiles.values, quantiles.levels))


def find_value(level: float, quantiles: Quantiles) -> float:
    """Return the value below which a share of people lies, between quantiles by a line.

    Example:
        >>> middle = Quantiles(n=20, levels=(0.25, 0.5, 0.75), values=(1.0, 2.0, 3.0))
        >>> find_value(0.625, middle), find_value(0.01, middle)
        (2.5, 1.0)
    """
    return float(np.interp(level, quantiles.levels, quantiles.values))
