"""Average scores over seeds, and tell what variants gain over their controls.

The seeds of both twins are drawn anew in every resample of people, so that an interval
holds the variance of seeds as well. With few labels, people are resampled as those who
are tested and as those who are learned from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from neurograft.config.variants.comparison import ComparisonConfig
from neurograft.evaluation.results.estimates import Estimate
from neurograft.statistics.intervals import percentile_interval
from neurograft.study.comparison.comparison_task import ALL_LABELS, Compared
from neurograft.types import FloatArray

# Metric of every resample of people: first the value of everybody once.
Scores = FloatArray
# First word of the names of encoders that learned nothing.
UNTRAINED = "untrained"
# Chosen here: the name of the variant that is chosen for each task on the others.
CHOSEN = "chosen on the other tasks"


class Scored(NamedTuple):
    """Scores of a variant on a task at a number of labels.

    Attributes:
        mean: Over seeds, in every resample over seeds that are drawn again.
        seed_sd: Standard deviation over seeds of the value on everybody; NaN of one.
        n_seeds: Number of seeds.
    """

    mean: Estimate
    seed_sd: float
    n_seeds: int


ScoredBy = Mapping[tuple[str, str, int], Scored]


def average_seeds(
    scores: Mapping[tuple[str, str, int], Mapping[int, Estimate]], *, seed: int
) -> dict[tuple[str, str, int], Scored]:
    """Average over seeds, which are drawn with replacement in every resample.

    A variant's seeds are drawn once for all its tasks and numbers of labels, because
    an encoder is the same on all of them.

    Args:
        scores: By label budget, for every variant or baseline, task and seed.
        seed: Decides which seeds are drawn.

    Returns:
        By variant, task and label budget.
    """
    by_seed: dict[tuple[str, str, int], list[Estimate]] = {}
    for (name, task, _), budgets in scores.items():
        for budget, one in budgets.items():
            by_seed.setdefault((name, task, budget), []).append(one)
    names = list(dict.fromkeys(name for name, _, _ in by_seed))
    found = {}
    for (name, task, budget), of_seeds in by_seed.items():
        values = np.array([one.value for one in of_seeds])
        n, n_resamples = len(of_seeds), len(of_seeds[0].resampled)
        rng = np.random.default_rng([seed, 11, names.index(name)])
        drawn = rng.integers(n, size=(n, n_resamples))
        resampled = np.stack([one.resampled for one in of_seeds])
        draws = [one.draws for one in of_seeds if one.draws is not None]
        mean = replace(
            of_seeds[0],
            value=float(values.mean()),
            resampled=np.take_along_axis(resampled, drawn, axis=0).mean(0),
            left_out=np.mean([one.left_out for one in of_seeds], axis=0),
            draws=np.mean(draws, axis=0) if draws else None,
        )
        spread = float(values.std(ddof=1)) if n > 1 else np.nan
        found[name, task, budget] = Scored(mean, spread, n)
    return found


def list_results(
    scored: ScoredBy, metrics: Mapping[str, str]
) -> list[dict[str, object]]:
    """List the score of every variant and baseline on every task.

    Args:
        scored: From `average_seeds`.
        metrics: Metric of every task.
    """
    return [
        {
            "variant": name,
            "task": task,
            "metric": metrics[task],
            "labels_per_class": budget or "all",
            **_say(one.mean.everything),
            "seed_sd": one.seed_sd,
            "n_seeds": one.n_seeds,
        }
        for (name, task, budget), one in scored.items()
    ]


def list_gains(
    scored: ScoredBy,
    controls: Mapping[str, str],
    tasks: Sequence[Compared],
    settings: ComparisonConfig,
) -> Iterator[dict[str, object]]:
    """List mean gains over the untrained encoder of equal tokens and size.

    Beside every number of labels stands the mean over `settings.few_labels`. Where
    several pretrained variants are compared, the last rows hold what is gained by
    choosing for each task the variant that gains most on the other tasks, in every
    resample anew.

    Args:
        scored: From `average_seeds`.
        controls: Untrained encoder of every variant.
        tasks: Tasks of one metric that count.
        settings: Of the comparison.
    """
    untrained = {name for name in controls if name.startswith(UNTRAINED)}
    for wanted, own, said in _list_budgets(tasks, settings):
        gains = {
            name: np.stack([_subtract(scored, name, control, t, wanted) for t in own])
            for name, control in controls.items()
        }
        for name, gain in gains.items():
            yield {
                "variant": name,
                "control": controls[name],
                **said,
                **_say(gain.mean(0)),
            }
        choice = [gain for name, gain in gains.items() if name not in untrained]
        if len(choice) > 1 and len(own) > 1:
            chosen = choose_on_others(np.stack(choice))
            yield {"variant": CHOSEN, "control": "", **said, **_say(chosen)}


def list_variant_differences(
    scored: ScoredBy,
    variants: Sequence[str],
    tasks: Sequence[Compared],
    settings: ComparisonConfig,
) -> Iterator[dict[str, object]]:
    """List the mean difference between every two pretrained variants.

    Both are asked about the same people, and are resampled together. Intervals are not
    corrected for the number of pairs.

    Args:
        scored: From `average_seeds`.
        variants: Pretrained variants that were scored on the same tasks.
        tasks: Tasks of one metric that count.
        settings: Of the comparison.
    """
    for wanted, own, said in _list_budgets(tasks, settings):
        for other, name in combinations(variants, 2):
            found = [_subtract(scored, name, other, task, wanted) for task in own]
            mean = np.mean(found, axis=0)
            yield {"variant": name, "compared_with": other, **said, **_say(mean)}


def _list_budgets(
    tasks: Sequence[Compared], settings: ComparisonConfig
) -> Iterator[tuple[tuple[int, ...], list[Compared], dict[str, object]]]:
    """List numbers of labels to average over, with their tasks and first columns."""
    budgets: list[tuple[int, ...]] = [(ALL_LABELS,)]
    budgets += [(n,) for n in settings.labels_per_class]
    few = tuple(n for n in settings.few_labels if n in settings.labels_per_class)
    if len(few) > 1:
        budgets.append(few)
    for wanted in budgets:
        own = [task for task in tasks if all(n in task.splits for n in wanted)]
        if own:
            labels = " and ".join(map(str, wanted)) if wanted[0] else "all"
            metric = own[0].metric
            said = {"metric": metric, "labels_per_class": labels, "n_tasks": len(own)}
            yield wanted, own, said


def list_task_gains(
    scored: ScoredBy, controls: Mapping[str, str], tasks: Sequence[Compared]
) -> list[dict[str, object]]:
    """List the gain on every task alone, at every number of labels.

    Args:
        scored: From `average_seeds`.
        controls: Untrained encoder of every variant.
        tasks: All tasks, also those that are not counted.
    """
    return [
        {
            "variant": name,
            "control": control,
            "task": task.name,
            "metric": task.metric,
            "labels_per_class": n or "all",
            **_say(_subtract(scored, name, control, task, (n,))),
        }
        for name, control in controls.items()
        for task in tasks
        for n in task.splits
    ]


def choose_on_others(gains: FloatArray) -> Scores:
    """Average the gains of the variants that gain most on the other tasks.

    Args:
        gains: Shape `(n_variants, n_tasks, n_resamples)`.

    Returns:
        Shape `(n_resamples,)`.

    Example:
        >>> gains = np.array([[[0.3], [0.1]], [[0.0], [0.2]]])
        >>> choose_on_others(gains)
        array([0.05])
    """
    n_tasks = gains.shape[1]
    others = (gains.sum(1, keepdims=True) - gains) / (n_tasks - 1)
    best = others.argmax(0)[None]
    return np.asarray(np.take_along_axis(gains, best, axis=0)[0].mean(0))


def _subtract(
    scored: ScoredBy, name: str, other: str, task: Compared, budgets: Sequence[int]
) -> Scores:
    """Return one score minus another on a task, averaged over numbers of labels."""
    pairs = (
        (scored[name, task.name, n].mean, scored[other, task.name, n].mean)
        for n in budgets
    )
    found = [one.subtract(another).everything for one, another in pairs]
    return np.asarray(np.mean(found, axis=0))


def _say(values: Scores) -> dict[str, float]:
    """Return the value on everybody, and the interval over resamples."""
    low, high = percentile_interval(values[1:])
    return {"value": float(values[0]), "ci_low": low, "ci_high": high}
