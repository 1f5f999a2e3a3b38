"""A score on resampled people: drawn again, left out one by one, and its interval."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from neurograft.statistics.intervals import (
    CONFIDENCE,
    bca_interval,
    draw_bootstrap_weights,
    leave_out_weights,
)
from neurograft.statistics.learning_effects import find_learning_effects
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray, IntArray

NO_ROWS: IntArray = np.empty(0, dtype=int)


class Resampling(NamedTuple):
    """People drawn again and again, and left out one by one.

    Attributes:
        weights: How often each row counts in each resample.
        left_out: The same for the jackknife.
        strata: Stratum of every cluster.
        first: A row of every cluster; empty where nobody asks for it.
    """

    weights: FloatArray
    left_out: FloatArray
    strata: IntArray
    first: IntArray = NO_ROWS


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
    _, first, clusters = np.unique(
        task.clusters[tested], return_index=True, return_inverse=True
    )
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
    return Resampling(weights, without, strata, np.flatnonzero(tested)[first])


@dataclass(frozen=True)
class Estimate:
    """A score or a difference of scores: everybody once, and on resampled people.

    Attributes:
        value: With everybody once.
        resampled: With the tested people drawn again, `(n_bootstraps,)`.
        left_out: Without one cluster of tested people at a time.
        resampling: The resamples.
        draws: With few labels, the score of every draw without each cluster,
            `(n_draws, n_clusters)`; then the people learned from are resampled, too.
        is_learned: Rows that each draw learned from, `(n_draws, n_rows)`.
    """

    value: float
    resampled: FloatArray
    left_out: FloatArray
    resampling: Resampling
    draws: FloatArray | None = None
    is_learned: BoolArray | None = None

    def subtract(self, other: "Estimate") -> "Estimate":
        """Return the difference on equal resamples and draws."""
        draws = None
        if self.draws is not None and other.draws is not None:
            draws = self.draws - other.draws
        return replace(
            self,
            value=self.value - other.value,
            resampled=self.resampled - other.resampled,
            left_out=self.left_out - other.left_out,
            draws=draws,
        )

    def flip(self, sign: int) -> "Estimate":
        """Return the estimate times a sign."""
        draws = None if self.draws is None else sign * self.draws
        return replace(
            self,
            value=sign * self.value,
            resampled=sign * self.resampled,
            left_out=sign * self.left_out,
            draws=draws,
        )

    def resample_learned(self) -> "Estimate":
        """Return the estimate with those learned from resampled, too."""
        if self.draws is None or self.is_learned is None:
            return self
        weights, left_out, strata, first = self.resampling
        is_learned = self.is_learned[:, first]
        effects = find_learning_effects(self.draws, is_learned, strata)
        return replace(
            self,
            resampled=self.resampled + (weights[:, first] - 1) @ effects,
            left_out=self.left_out + (left_out[:, first] - 1) @ effects,
            draws=None,
        )

    @property
    def everything(self) -> FloatArray:
        """Return the value, then all resampled values: `(1 + n_bootstraps,)`."""
        return np.append(self.value, self.resample_learned().resampled)

    def limit(self, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return the BCa interval."""
        whole = self.resample_learned()
        return bca_interval(
            self.value,
            whole.resampled,
            whole.left_out,
            strata=self.resampling.strata,
            confidence=confidence,
        )

    def describe(self) -> dict[str, float]:
        """Return the value and its 95 % interval."""
        low, high = self.limit()
        return {"value": self.value, "ci_low": low, "ci_high": high}
