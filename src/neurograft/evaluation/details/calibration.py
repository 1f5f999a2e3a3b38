"""Table of stated probabilities beside the shares of cases that were observed."""

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.evaluation.details.once import average_repeats, keep_known
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.statistics.intervals import CONFIDENCE
from neurograft.types import FloatArray, IntArray

# Fifths of people, as reports of calibration usually show.
N_BINS = 5
# Means of the same probabilities in another order differ by rounding alone.
DIGITS = 12


def tabulate_calibration(one: EvaluatedTask) -> pd.DataFrame:
    """Tabulate the observed share of cases by fifths of the stated probability.

    Everybody counts once, with the mean over repeats. People with one probability are
    in one bin, so that fewer bins are left where many have the same.

    Args:
        one: A task of two groups.

    Returns:
        `task`, `method`, `bin` (1 has the lowest probabilities), `n` (people),
        `stated` (mean probability), `observed` (share of cases), `ci_low`, `ci_high`
        (95 %, Wilson 1927).
    """
    rows = []
    for method, result in one.full.items():
        p = keep_known(result.predictions)
        tested = p.is_tested
        stated, labels = average_repeats(p.scores)[tested], p.labels[tested]
        bins = cut_into_bins(stated.round(DIGITS), N_BINS)
        for number in np.unique(bins):
            own = bins == number
            n, n_cases = int(own.sum()), int(labels[own].sum())
            interval = stats.binomtest(n_cases, n).proportion_ci(
                confidence_level=CONFIDENCE, method="wilson"
            )
            rows.append(
                {
                    "task": one.task.name,
                    "method": method,
                    "bin": int(number) + 1,
                    "n": n,
                    "stated": float(stated[own].mean()),
                    "observed": n_cases / n,
                    "ci_low": float(interval.low),
                    "ci_high": float(interval.high),
                }
            )
    return pd.DataFrame(rows)


def cut_into_bins(values: FloatArray, n_bins: int) -> IntArray:
    """Return the number of every value's bin, from 0 without gaps.

    Args:
        values: Numbers; equal ones are in one bin.
        n_bins: Bins of about equally many; fewer where many values are equal.

    Example:
        >>> cut_into_bins(np.array([0.1, 0.4, 0.2, 0.3]), 2).tolist()
        [0, 1, 0, 1]
    """
    if not len(values):
        return np.empty(0, dtype=int)
    first = stats.rankdata(values, method="min") - 1
    return np.unique(first * n_bins // len(values), return_inverse=True)[1]
