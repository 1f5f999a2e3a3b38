"""Measure a method on resampled people."""

import numpy as np

from neurograft.evaluation.evaluated_task import Learned
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.estimates import Estimate, Resampling
from neurograft.statistics.intervals import CONFIDENCE
from neurograft.statistics.metrics.by_kind import cut_interval
from neurograft.statistics.metrics.predictions import Metric, Predictions
from neurograft.statistics.perfect_values import widen_perfect
from neurograft.types import FloatArray


class Score:
    """A metric of a method: its value, and its values on resampled people.

    Args:
        result: Of the method.
        metric: The metric.
        resampling: People drawn again, and left out one by one.
        learned: With few labels, whom every draw learned from.
    """

    def __init__(
        self,
        result: MethodResult,
        metric: Metric,
        resampling: Resampling,
        learned: Learned | None = None,
    ) -> None:
        self.result, self.metric, self.resampling = result, metric, resampling
        own = None if learned is None else learned.first(result.n_repeats)
        self.estimate = estimate(result.predictions, metric, resampling, own)

    @property
    def value(self) -> float:
        """Return the metric with everybody once."""
        return self.estimate.value

    def describe(self, metric: str) -> dict[str, float]:
        """Return the value and its 95 % interval."""
        low, high = self.limit(metric)
        return {"value": self.value, "ci_low": low, "ci_high": high}

    def limit(
        self, metric: str, *, confidence: float = CONFIDENCE
    ) -> tuple[float, float]:
        """Return the BCa interval, cut at the ends of the metric.

        Of perfect values it is another (see `widen_perfect`). Where those learned from
        are resampled to first order, an interval could pass the ends.

        Args:
            metric: Name of the metric.
            confidence: Coverage aimed at.
        """
        interval = cut_interval(metric, self.estimate.limit(confidence=confidence))
        p = self.result.predictions
        if not self.result.is_classification:
            return interval
        # People, not rows: a person may have several recordings.
        clusters = self.resampling.left_out.argmin(0)[p.is_tested]
        labels = p.labels[p.is_tested]
        counts = [len(set(clusters[labels == one])) for one in np.unique(labels)]
        return widen_perfect(metric, interval, counts, confidence=confidence)

    @property
    def everything(self) -> FloatArray:
        """Return the value, then the resampled values: `(1 + n_bootstraps,)`."""
        return self.estimate.everything

    def subtract(self, other: "Score", sign: int) -> dict[str, float]:
        """Return the difference to another method on equal resamples, with interval."""
        return self.estimate.subtract(other.estimate).flip(sign).describe()

    def first(self, n_repeats: int) -> "Score":
        """Return the metric of the first repeats only."""
        if n_repeats == self.result.n_repeats:
            return self
        return Score(self.result.first(n_repeats), self.metric, self.resampling)


def estimate(
    p: Predictions,
    metric: Metric,
    resampling: Resampling,
    learned: Learned | None = None,
) -> Estimate:
    """Measure predictions on resampled people.

    Args:
        p: Predictions.
        metric: The metric.
        resampling: People drawn again, and left out one by one.
        learned: With few labels, whom every draw learned from.
    """
    once = np.ones((1, len(p.labels)))
    return Estimate(
        float(metric(p, once)[0]),
        metric(p, resampling.weights),
        metric(p, resampling.left_out),
        resampling,
        None if learned is None else _measure_draws(p, metric, resampling, learned),
        None if learned is None else learned.is_learned,
    )


def _measure_draws(
    p: Predictions, metric: Metric, resampling: Resampling, learned: Learned
) -> FloatArray:
    """Measure every draw of few labelled people, without each cluster of the tested.

    Returns:
        Shape `(n_draws, n_clusters)`; NaN where too few are left to be measured.
    """
    rows = []
    for repeat, fold in zip(learned.repeat, learned.fold, strict=True):
        own = p.repeats(slice(repeat, repeat + 1))
        tested = np.flatnonzero(own.folds[0] == fold)
        with np.errstate(invalid="ignore", divide="ignore"):
            rows.append(metric(own.rows(tested), resampling.left_out[:, tested]))
    return np.stack(rows)
