"""Numbers of a decision at a threshold, and what follows at another prevalence."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neurograft.statistics.metrics.predictions import average, divide
from neurograft.types import FloatArray


class Rates(NamedTuple):
    """Shares of the two groups that are recognised; of many resamples or thresholds."""

    sensitivity: FloatArray
    specificity: FloatArray


def find_rates(
    called: Bool[np.ndarray, " n_people"],
    labels: Float[np.ndarray, " n_people"],
    weights: Float[np.ndarray, "n_resamples n_people"],
) -> Rates:
    """Return sensitivity and specificity of a decision, `(n_resamples,)` each.

    Args:
        called: Whether a person is called a case.
        labels: 1 of cases, 0 of controls.
        weights: How often each person counts; 0 of who was not tested.
    """
    return Rates(
        average(called.astype(float), weights * (labels == 1)),
        average((~called).astype(float), weights * (labels == 0)),
    )


def find_positive_value(rates: Rates, prevalence: float) -> FloatArray:
    """Return the share of cases among those called cases (Altman and Bland 1994).

    Args:
        rates: At the threshold.
        prevalence: Share of cases where the decision is used.

    Returns:
        NaN where nobody is called a case.

    Example:
        >>> rates = Rates(np.array([0.9]), np.array([0.9]))
        >>> find_positive_value(rates, 0.1).round(3).tolist()
        [0.5]
    """
    hits = rates.sensitivity * prevalence
    alarms = (1 - rates.specificity) * (1 - prevalence)
    return divide(hits, hits + alarms)


def find_negative_value(rates: Rates, prevalence: float) -> FloatArray:
    """Return the share of controls among those called controls.

    Source: Altman and Bland 1994.

    Args:
        rates: At the threshold.
        prevalence: Share of cases where the decision is used.

    Returns:
        NaN where everybody is called a case.
    """
    right = rates.specificity * (1 - prevalence)
    misses = (1 - rates.sensitivity) * prevalence
    return divide(right, right + misses)


def move_probability(
    probability: Float[np.ndarray, " n_people"], *, share: float, prevalence: float
) -> Float[np.ndarray, " n_people"]:
    """Move probabilities from the share of cases learned from to a prevalence.

    Source: Saerens 2002, eq. 2.4. It holds where cases look alike in both places, and
    controls too.

    Args:
        probability: Of being a case.
        share: Of cases among those learned from.
        prevalence: Share of cases where probabilities are used.

    Example:
        >>> moved = move_probability(np.array([0.5]), share=0.5, prevalence=0.02)
        >>> moved.round(3).tolist()
        [0.02]
    """
    case = probability * prevalence / share
    control = (1 - probability) * (1 - prevalence) / (1 - share)
    return np.asarray(case / (case + control))


def find_net_benefit(
    rates: Rates, prevalence: float, threshold: FloatArray | float
) -> FloatArray:
    """Return the net benefit of treating who is called a case (Vickers 2006).

    The gain of one treated case is 1; a treated control costs the odds of the
    threshold. To treat nobody is 0.

    Args:
        rates: At the threshold.
        prevalence: Share of cases where the decision is used.
        threshold: Probability from which on somebody is treated.
    """
    odds = np.asarray(threshold) / (1 - np.asarray(threshold))
    alarms = (1 - rates.specificity) * (1 - prevalence)
    return np.asarray(rates.sensitivity * prevalence - alarms * odds)
