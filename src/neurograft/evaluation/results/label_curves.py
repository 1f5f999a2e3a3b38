"""Low-label curves: performance with few labelled people, and labels saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.method_table import TWINS
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.results.estimates import resample
from neurograft.evaluation.results.scores import Score
from neurograft.statistics.intervals import percentile_interval
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.types import FloatArray

ENCODER = "encoder"
TWIN = TWINS[ENCODER]
GAIN, SAVED = "pretraining gain", "labels saved"


def tabulate_curves(
    evaluated: EvaluatedTask, *, n_bootstraps: int, seed: int
) -> pd.DataFrame:
    """Tabulate every method and budget, the gain of pretraining, the labels saved.

    Args:
        evaluated: The task.
        n_bootstraps: Resamples.
        seed: Of the resamples.

    Returns:
        Rows with `task`, `labels_per_class`, `method`, `metric`, `value`,
        `ci_low`, `ci_high`; methods `pretraining gain` and `labels saved` are
        derived: of the frozen encoder; of networks, `... of fine-tuned`.
    """
    task = evaluated.task
    # Why a method has no point at a budget stands in `not_run` of the task.
    results = {budget: own for budget, own in evaluated.few.items() if own}
    if not results:
        return pd.DataFrame()
    name = next(iter(choose_metrics(task.kind)))
    scores = _score_curve(evaluated, n_bootstraps=n_bootstraps, seed=seed)
    rows: list[dict[str, Any]] = [
        {"labels_per_class": budget, "method": method} | score.describe(name)
        for (budget, method), score in scores.items()
    ]
    sign = -1 if name in LOWER_IS_BETTER else 1
    for trained, control in TWINS.items():
        budgets = [b for b in results if {trained, control} <= set(results[b])]
        rows += _list_gains(scores, budgets, sign, (trained, control))
    return pd.DataFrame(rows).assign(task=task.name, metric=name)


def name_gain(trained: str) -> str:
    """Name the row that holds what a method gains by pretraining.

    Example:
        >>> name_gain("encoder"), name_gain("lora")
        ('pretraining gain', 'pretraining gain of lora')
    """
    return GAIN if trained == ENCODER else f"{GAIN} of {trained}"


def average_gains(
    evaluated: EvaluatedTask, budgets: Sequence[int], *, n_bootstraps: int, seed: int
) -> dict[str, float]:
    """Average the gain of the frozen encoder over numbers of labels.

    Args:
        evaluated: The task, with the encoder and its untrained twin at every number.
        budgets: Numbers of labelled people of each class.
        n_bootstraps: Resamples of people.
        seed: Seed of the resamples.

    Returns:
        `value`, `ci_low` and `ci_high`; positive is better.
    """
    primary = next(iter(choose_metrics(evaluated.task.kind)))
    sign = -1 if primary in LOWER_IS_BETTER else 1
    scores = _score_curve(evaluated, n_bootstraps=n_bootstraps, seed=seed)
    pairs = [(scores[n, ENCODER], scores[n, TWIN]) for n in budgets]
    gains = [
        a.estimate.subtract(b.estimate).flip(sign).resample_learned() for a, b in pairs
    ]
    mean = replace(
        gains[0],
        value=float(np.mean([gain.value for gain in gains])),
        resampled=np.mean([gain.resampled for gain in gains], axis=0),
        left_out=np.mean([gain.left_out for gain in gains], axis=0),
    )
    return mean.describe()


def _score_curve(
    evaluated: EvaluatedTask, *, n_bootstraps: int, seed: int
) -> dict[tuple[int, str], Score]:
    """Score every number of labels and method on the same resampled people.

    People are resampled as those who are tested and as those who are learned from. All
    draws of labelled people count in every resample, so that more draws alone make no
    interval narrower than the number of people allows.
    """
    task = evaluated.task
    results = {
        (budget, method): result
        for budget, methods in evaluated.few.items()
        for method, result in methods.items()
    }
    tested = np.any([r.predictions.is_tested for r in results.values()], axis=0)
    resampling = resample(task, tested, n_bootstraps=n_bootstraps, seed=seed)
    metric = next(iter(choose_metrics(task.kind).values()))
    return {
        (budget, method): Score(
            result, metric, resampling, evaluated.learned.get(budget)
        )
        for (budget, method), result in results.items()
    }


def _list_gains(
    scores: Mapping[tuple[int, str], Score],
    budgets: Sequence[int],
    sign: int,
    pair: tuple[str, str],
) -> list[dict[str, Any]]:
    """List the gain of pretraining at every budget, and the labels it saves."""
    trained, control = pair
    of = name_gain(trained).removeprefix(GAIN)
    rows: list[dict[str, Any]] = [
        {"labels_per_class": budget, "method": GAIN + of}
        | scores[budget, trained].subtract(scores[budget, control], sign)
        for budget in budgets
    ]
    if len(budgets) > 1:
        values, reference = (
            sign * np.stack([scores[b, method].everything for b in budgets])
            for method in pair
        )
        saved = find_labels_saved(np.array(budgets, float), values, reference)
        low, high = percentile_interval(saved[1:])
        described = {"value": float(saved[0]), "ci_low": low, "ci_high": high}
        rows.append({"labels_per_class": budgets[-1], "method": SAVED + of} | described)
    return rows


def find_labels_saved(
    budgets: FloatArray, trained: FloatArray, random: FloatArray
) -> FloatArray:
    """Return how many labels per class pretraining saves, by resample.

    The largest budget, less the number of labels with which the pretrained encoder is
    as good as the untrained one is there; between budgets, curves are lines over the
    logarithm of the number. 0 if it never gets there; at most what the curve spans.

    Args:
        budgets: Increasing.
        trained: Values of the pretrained encoder, `(n_budgets, n_resamples)`.
        random: Values of the untrained encoder.
    """
    goal = random[-1]
    needed = np.full(trained.shape[1], budgets[-1])
    for column in range(trained.shape[1]):
        curve = np.maximum.accumulate(trained[:, column])
        reached = np.flatnonzero(curve >= goal[column])
        if not len(reached):
            continue
        first = int(reached[0])
        if first == 0:
            needed[column] = budgets[0]
            continue
        low, high = curve[first - 1], curve[first]
        share = (goal[column] - low) / (high - low)
        logs = np.log(budgets[[first - 1, first]])
        needed[column] = np.exp(logs[0] + share * (logs[1] - logs[0]))
    return np.asarray(budgets[-1] - needed)
