"""Resample people, and measure a method on every resample."""

from typing import NamedTuple

import numpy as np

from neurograft.evaluation.method_result import MethodResult
from neurograft.statistics.intervals import (
    CONFIDENCE,
    bca_interval,
    draw_bootstrap_weights,
    leave_out_weights,
)
from neurograft.statistics.metrics.predictions import Metric
from neurograft.statistics.perfect_values import widen_perfect
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray, IntArray


class Resampling(NamedTuple):
    """People drawn again and again, and left out one by one.

    Attributes:
        weights: How often each row counts in each resample.
        left_out: The same for the jackknife.
        strata: Stratum of every cluster.
    """

    weights: FloatArray
    left_out: FloatArray
    strata: IntArray


def resample(
    task: Task, tested: BoolArray, *, n_bootstraps: int, seed: int
) -> Resampling:
    """Resample the people who were tested; rows of a cluster go together.

    Where clusters are people of one group, resamples keep the size of each group.

    Args:
        task: The task.
        tested: Mask of the rows that were tested, `(n_rows,)`.
        n_bootstraps: Number of resamples.
        seed: Seed of the resamples.
    """
    clusters = np.unique(task.clusters[tested], return_inverse=True)[1]
    strata = np.zeros(clusters.max() + 1, dtype=int)
    if task.is_classification and not task.is_within:
        strata[clusters] = task.labels[tested].astype(int)
    drawn = draw_bootstrap_weights(
        strata, n_bootstraps=n_bootstraps, rng=np.random.default_rng([seed, 8])
    )
    left_out = leave_out_weights(clusters)
    weights = np.zeros((n_bootstraps, len(tested)))
    without = np.zeros((len(strata), len(tested)))
    weights[:, tested], without[:, tested] = drawn[:, clusters], left_out
    return Resampling(weights, without, strata)


class Score:
    """A metric of a method: its value, and its values on resampled people."""

    def __init__(
        self, result: MethodResult, metric: Metric, resampling: Resampling
    ) -> None:
        p = result.predictions
        self.result, self.metric, self.resampling = result, metric, resampling
        self.value = float(metric(p, np.ones((1, len(p.labels))))[0])
        self.resampled = metric(p, resampling.weights)
        self.left_out = metric(p, resampling.left_out)

    def describe(self, metric: str) -> dict[str, float]:
        """Return the value and its 95 % interval."""
        low, high = self.limit(metric)
        return {"value": self.value, "ci_low": low, "ci_high": high}

    def limit(
        self, metric: str, *, confidence: float = CONFIDENCE
    ) -> tuple[float, float]:
        """Return the BCa interval; of perfect values another (see `widen_perfect`).

        Args:
            metric: Name of the metric.
            confidence: Coverage aimed at.
        """
        interval = bca_interval(
            self.value,
            self.resampled,
            self.left_out,
            strata=self.resampling.strata,
            confidence=confidence,
        )
        p = self.result.predictions
        if not self.result.is_classification:
            return interval
        counts = np.unique(p.labels[p.is_tested], return_counts=True)[1].tolist()
        return widen_perfect(metric, interval, counts, confidence=confidence)

    @property
    def everything(self) -> FloatArray:
        """Return the value, then the resampled values: `(1 + n_bootstraps,)`."""
        return np.append(self.value, self.resampled)

    def subtract(self, other: "Score", sign: int) -> dict[str, float]:
        """Return the difference to another method on equal resamples, with interval."""
        value = sign * (self.value - other.value)
        low, high = bca_interval(
            value,
            sign * (self.resampled - other.resampled),
            sign * (self.left_out - other.left_out),
            strata=self.resampling.strata,
        )
        return {"value": value, "ci_low": low, "ci_high": high}

    def first(self, n_repeats: int) -> "Score":
        """Return the metric of the first repeats only."""
        if n_repeats == self.result.n_repeats:
            return self
        return Score(self.result.first(n_repeats), self.metric, self.resampling)
