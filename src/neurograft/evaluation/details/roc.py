"""Table of ROC curves, whose areas are the AUROC of `results.tsv`."""

import numpy as np
import pandas as pd

from neurograft.evaluation.details.once import keep_known
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import Resampling
from neurograft.statistics.intervals import percentile_band
from neurograft.statistics.metrics.roc import GRID, ROUNDING, trace_roc
from neurograft.statistics.perfect_values import limit_share
from neurograft.types import FloatArray

DIGITS = 5


def tabulate_roc(one: EvaluatedTask, resampling: Resampling) -> pd.DataFrame:
    """Tabulate sensitivity at every hundredth of the false positive rate.

    Args:
        one: A task of two groups.
        resampling: People drawn again.

    Returns:
        `task`, `method`, `false_positive_rate`, `sensitivity`, `ci_low`, `ci_high`
        (95 % point by point, people resampled), `n_positive`, `n_negative` (people
        tested). Nothing of a method that no fold tests on both groups.
    """
    parts = []
    for method, result in one.full.items():
        p = keep_known(result.predictions)
        curve = trace_roc(p, np.ones((1, len(p.labels))))[0]
        if not np.isfinite(curve).all():
            continue
        counts = [int((p.labels[p.is_tested] == group).sum()) for group in (1, 0)]
        band = percentile_band(trace_roc(p, resampling.weights))
        low, high = _widen(band, counts[0])
        columns = {
            "task": one.task.name,
            "method": method,
            "false_positive_rate": GRID,
            "sensitivity": curve.round(DIGITS),
            "ci_low": low.round(DIGITS),
            "ci_high": high.round(DIGITS),
            "n_positive": counts[0],
            "n_negative": counts[1],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _widen(band: FloatArray, n_cases: int) -> FloatArray:
    """Widen the band where every resample finds all cases, or none.

    A curve never falls, so that a limit at one rate holds at all larger ones.

    Args:
        band: Lower and upper limits by rate.
        n_cases: People tested who are cases.
    """
    low, high = band
    least = limit_share(n_cases)
    low = np.where((low >= 1 - ROUNDING) & (GRID < 1), least, low)
    high = np.where(high <= ROUNDING, 1 - least, high)
    low = np.maximum.accumulate(low)
    high = np.minimum.accumulate(high[::-1])[::-1]
    return np.stack([low, high])
