"""Table of the net benefit of acting on a method, at a prevalence."""

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import average_repeats, keep_known
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import Resampling
from neurograft.statistics.intervals import percentile_band
from neurograft.statistics.metrics.operating import (
    Rates,
    find_net_benefit,
    move_probability,
)
from neurograft.statistics.metrics.predictions import divide
from neurograft.types import BoolArray, FloatArray

# Probabilities from which on somebody might be treated.
THRESHOLDS: FloatArray = np.arange(1, 100) / 100
DIGITS = 6


def tabulate_net_benefit(
    one: EvaluatedTask, resampling: Resampling, prevalence: float
) -> pd.DataFrame:
    """Tabulate the net benefit at every threshold, and that of treating everybody.

    Probabilities are moved from the share of cases in the study to the prevalence.

    Args:
        one: A task of two groups.
        resampling: People drawn again.
        prevalence: Share of cases that the author declares.

    Returns:
        `task`, `method`, `prevalence`, `threshold`, `net_benefit`, `ci_low`, `ci_high`
        (95 % point by point, people resampled), `treat_all`; to treat nobody is 0.
        Nothing of a method that was not tested on both groups.
    """
    parts = []
    for method, result in one.full.items():
        p = keep_known(result.predictions)
        tested = p.is_tested
        share = float(p.labels[tested].mean()) if tested.any() else 0.0
        if not 0 < share < 1:
            continue
        moved = move_probability(
            average_repeats(p.scores)[tested], share=share, prevalence=prevalence
        )
        called = moved[:, None] >= THRESHOLDS
        labels, weights = p.labels[tested], resampling.weights[:, tested]
        once = np.ones((1, len(labels)))
        value = _trace(called, labels, once, prevalence)[0]
        low, high = percentile_band(_trace(called, labels, weights, prevalence))
        everybody = Rates(np.ones(1), np.zeros(1))
        columns = {
            "task": one.task.name,
            "method": method,
            "prevalence": prevalence,
            "threshold": THRESHOLDS,
            "net_benefit": value.round(DIGITS),
            "ci_low": low.round(DIGITS),
            "ci_high": high.round(DIGITS),
            "treat_all": find_net_benefit(everybody, prevalence, THRESHOLDS).round(
                DIGITS
            ),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _trace(
    called: BoolArray, labels: FloatArray, weights: FloatArray, prevalence: float
) -> FloatArray:
    """Return the net benefit of every resample and threshold.

    Args:
        called: Whether a person is treated at a threshold, `(n_people, n_thresholds)`.
        labels: 1 of cases, 0 of controls.
        weights: How often each person counts, `(n_resamples, n_people)`.
        prevalence: Share of cases where the method is used.
    """
    shares = []
    for group in (1, 0):
        own = weights[:, labels == group]
        n = np.broadcast_to(own.sum(1, keepdims=True), (len(weights), called.shape[1]))
        shares.append(divide(own @ called[labels == group].astype(float), n))
    rates = Rates(shares[0], 1 - shares[1])
    return find_net_benefit(rates, prevalence, THRESHOLDS)
