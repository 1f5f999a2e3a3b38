"""Put the repeats together, so that everybody counts once."""

from dataclasses import replace

import numpy as np

from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.estimates import Resampling, resample
from neurograft.statistics.metrics.predictions import Predictions, divide
from neurograft.types import BoolArray, FloatArray

# Somebody is called a case from this probability on. Chosen here: likelier than not.
THRESHOLD = 0.5


def has_two_groups(one: EvaluatedTask) -> bool:
    """Return whether cases are told from controls, or one condition from another."""
    return one.task.is_classification and len(one.task.classes) == 2


def keep_known(p: Predictions) -> Predictions:
    """Return the predictions; who has no score in a repeat is not tested in it."""
    return replace(p, folds=np.where(_find_known(p.scores), p.folds, -1))


def resample_tested(one: EvaluatedTask, *, n_bootstraps: int, seed: int) -> Resampling:
    """Resample the people of a task as `results.tsv` does.

    Args:
        one: The task.
        n_bootstraps: Number of resamples.
        seed: Seed of the resamples.
    """
    tested = next(iter(one.full.values())).predictions.is_tested
    return resample(one.task, tested, n_bootstraps=n_bootstraps, seed=seed)


def average_repeats(values: FloatArray) -> FloatArray:
    """Return each person's mean over the repeats with a value; NaN without any.

    Args:
        values: `(n_repeats, n_people)` or `(n_repeats, n_people, n_classes)`.
    """
    is_known = np.isfinite(values)
    total = np.where(is_known, values, 0.0).sum(0)
    return divide(total, is_known.sum(0).astype(float))


def decide_once(result: MethodResult) -> FloatArray:
    """Return the group that everybody is said to be of, `(n_people,)`.

    Of two groups the case, where the mean of the stated probabilities reaches
    `THRESHOLD`; of more, the group that most repeats decided for, and of equally many
    the one with the larger mean probability.

    Args:
        result: Of a method that predicts groups.

    Returns:
        Numbers of groups; NaN where nothing was predicted.
    """
    p = result.predictions
    mean = average_repeats(p.scores)
    if mean.ndim == 1:
        return np.where(np.isfinite(mean), mean >= THRESHOLD, np.nan)
    is_known = np.isfinite(mean).all(-1)
    groups = np.arange(mean.shape[-1])
    votes = (p.decisions[..., None] == groups).sum(0) + 0.5 * np.nan_to_num(mean)
    return np.where(is_known, votes.argmax(-1), np.nan)


def _find_known(scores: FloatArray) -> BoolArray:
    is_known = np.isfinite(scores)
    return np.asarray(is_known if scores.ndim == 2 else is_known.all(-1))
