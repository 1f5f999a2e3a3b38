"""Evaluate any scikit-learn estimator on any table of features, by subject.

Beside the estimators stand the dummy, and age, sex and site where they are given. Folds
are balanced over label, site, sex and age; whatever is fitted sees training people
only. No statistic takes a row for a person. What is called `encoder` is compared with
`random-encoder`, its untrained twin; what is told a known mean counts as no evidence.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from neurograft.api.folds import make_folds
from neurograft.api.questions import check_domains, check_estimators
from neurograft.api.results import Results, make_results
from neurograft.api.samples import (
    Samples,
    gather_samples,
    list_known_factors,
    make_task,
)
from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.method_table import KNOWN_MEAN
from neurograft.config.methods import parse_method
from neurograft.errors import ConfigError
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.estimator_folds import (
    EstimatorLearner,
    OwnMethod,
    add_estimators,
)
from neurograft.evaluation.feature_reader import collect_demographics
from neurograft.evaluation.guard import UNGUARDED
from neurograft.evaluation.prepared_task import PreparedTask, number_domains
from neurograft.tasks.design_audit import code_acquisition
from neurograft.tasks.label_shuffles import permute_labels
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task
from neurograft.types import Progress, no_progress

# The dummy, demographics and the site are linear: their shuffles cost nothing.
LEAST_PERMUTATIONS = 19
# Fewer resamples have no 2.5 % tail to speak of; the bound of a study.
LEAST_BOOTSTRAPS = 100


class Folds(NamedTuple):
    """Arguments of `evaluate` that divide people into folds."""

    cv: Any
    n_repeats: int
    train_on: Any
    known_mean: float | None


class Effort(NamedTuple):
    """Arguments of `evaluate` that say how much is drawn, and on how many processes."""

    n_permutations: int
    n_bootstraps: int
    seed: int
    n_jobs: int
    progress: Progress


# Every argument is a column of the same table, or a count.
def evaluate(  # noqa: PLR0913
    estimators: Mapping[str, Any],
    X: Any,
    y: Any,
    groups: Any = None,
    *,
    site: Any = None,
    age: Any = None,
    sex: Any = None,
    covariates: Any = None,
    cv: Any = 5,
    n_repeats: int = 10,
    sample_domain: Any = None,
    train_on: Any = None,
    known_mean: float | None = None,
    n_permutations: int = 200,
    n_bootstraps: int = 2000,
    name: str = "task",
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> Results:
    """Evaluate estimators on people, beside the dummy and what is known without EEG.

    Args:
        estimators: By name; or pairs `(adapter, estimator)`, see `AlignDomains`.
        X: Features, a row per row of `y`, or such by estimator; or recordings.
        y: Groups or numbers. Of two labels everybody may have both: a contrast.
        groups: Person of every row, whose predictions are averaged; None: a row each.
        site: Site of every row.
        age: Age of every row, years.
        sex: `F` or `M` of every row.
        covariates: Further columns by name, such as the device: possible confounds.
        cv: Folds, `leave-one-site-out`, a splitter of people, or pairs of row numbers.
        n_repeats: Repeats of the folds, where `cv` is a number.
        sample_domain: Positive where people are learned from, negative where tested.
        train_on: Site, or sites, learned from; every other site is tested.
        known_mean: Mean of `y` at tested sites: predictions are shown moved to it, too.
        n_permutations: Shuffles of the labels, at most.
        n_bootstraps: Resamples of people.
        name: Of the task.
        random_state: Decides folds, shuffles and resamples.
        n_jobs: Processes.
        progress: Called along the way.

    Raises:
        DataError: If lengths differ, or a person has two labels, ages or sites.
        ConfigError: If the task cannot be evaluated so.
        LeakageError: If `cv` has a person on both sides, or two have the same features.

    Example:
        >>> from sklearn.naive_bayes import GaussianNB
        >>> y, rng = np.repeat(["control", "patient"], 20), np.random.default_rng(0)
        >>> X = rng.normal(size=(40, 3)) + (y == "patient")[:, None]
        >>> list(evaluate({"bayes": GaussianNB()}, X, y).results["method"].unique())
        ['dummy', 'bayes']
    """
    check_estimators(estimators)
    if train_on is not None and sample_domain is not None:
        raise ConfigError(
            "train_on and sample_domain both say who is learned from; give one of them."
        )
    if site is None and sample_domain is None:
        check_domains(estimators)
    columns = {"age": age, "sex": sex, "site": site, "domain": sample_domain}
    columns["covariates"] = covariates
    samples = gather_samples(estimators, X, y, groups, columns)
    folds = Folds(cv, n_repeats, train_on, known_mean)
    effort = Effort(n_permutations, n_bootstraps, random_state, n_jobs, progress)
    return evaluate_samples(name, estimators, samples, folds, effort)


def evaluate_samples(
    name: str,
    estimators: Mapping[str, Any],
    samples: Samples,
    folds: Folds,
    effort: Effort,
) -> Results:
    """Evaluate estimators on people whose rows have been read.

    Args:
        name: Of the task.
        estimators: By name.
        samples: Rows and people.
        folds: How people are divided.
        effort: How much is drawn.

    Raises:
        ConfigError: If the task cannot be evaluated so.
    """
    n_permutations, n_bootstraps, seed, n_jobs, progress = effort
    _check_counts(n_permutations, n_bootstraps)
    task = make_task(name, samples)
    splits = make_folds(
        task,
        samples.row_of,
        folds.cv,
        n_repeats=folds.n_repeats,
        train_on=folds.train_on,
        seed=seed,
    )
    _check_known_mean(task, splits, folds.known_mean)
    prepared = _prepare(task, samples, splits, n_permutations, seed)
    (evaluated,) = cross_validate([prepared], n_jobs=n_jobs, progress=progress)
    learner = EstimatorLearner(
        prepared, samples.row_of, samples.values, n_jobs, progress
    )
    methods = _list_methods(estimators, samples, folds.known_mean)
    evaluated = add_estimators(
        evaluated, learner, methods, n_permutations=n_permutations
    )
    return make_results(
        [evaluated], n_bootstraps=n_bootstraps, seed=seed, progress=progress
    )


def _check_counts(n_permutations: int, n_bootstraps: int) -> None:
    """Check counts of resamples.

    Raises:
        ConfigError: If they are too few.
    """
    if 0 < n_permutations < LEAST_PERMUTATIONS or n_permutations < 0:
        raise ConfigError(
            f"n_permutations={n_permutations} cannot give p < .05; take at least "
            f"{LEAST_PERMUTATIONS}, or 0 for no p-values."
        )
    if n_bootstraps < LEAST_BOOTSTRAPS:
        raise ConfigError(
            f"n_bootstraps={n_bootstraps} cannot give a 95 % interval; take at least "
            f"{LEAST_BOOTSTRAPS}."
        )


def _check_known_mean(
    task: Task, splits: list[Split], known_mean: float | None
) -> None:
    """Check that a known mean is a number's, and of sites that nobody is learned from.

    Raises:
        ConfigError: If not.
    """
    if known_mean is None:
        return
    if not np.isfinite(known_mean):
        raise ConfigError(f"known_mean={known_mean} is no number; leave it out.")
    if task.is_classification:
        raise ConfigError("known_mean is the mean of a number, and y holds groups.")
    domain = number_domains(task)
    if all(np.isin(domain[one.test], domain[one.train]).all() for one in splits):
        raise ConfigError(
            "known_mean is of sites that nobody is learned from, and there are none; "
            "give train_on, sample_domain, or cv='leave-one-site-out'."
        )


def _prepare(
    task: Task, samples: Samples, splits: list[Split], n_permutations: int, seed: int
) -> PreparedTask:
    """Prepare the task with what needs no EEG: the dummy, demographics, the site.

    Args:
        task: The task.
        samples: Its rows.
        splits: Its folds.
        n_permutations: Number of shuffles.
        seed: Of the shuffles.
    """
    factors = list_known_factors(task, samples)
    features = {
        name: values
        for name, values in (
            ("demographics", collect_demographics(task)),
            ("acquisition", code_acquisition(factors)),
        )
        if values is not None
    }
    names = ("dummy", *features)
    n_shuffles = max(n_permutations, LEAST_PERMUTATIONS)
    return PreparedTask(
        task=task,
        methods=tuple(parse_method(name) for name in names),
        features=features,
        splits=splits,
        few={},
        permuted=permute_labels(task, splits, n_permutations=n_shuffles, seed=seed),
        guarded=UNGUARDED,
        not_run={},
        n_inner=EvaluationConfig().n_inner,
        curve_methods=(),
        factors=factors,
    )


def _list_methods(
    estimators: Mapping[str, Any], samples: Samples, known_mean: float | None
) -> dict[str, OwnMethod]:
    """List estimators with their features, and once more with a known mean."""
    methods = {}
    for name, given in estimators.items():
        adapter, estimator = given if isinstance(given, tuple) else (None, given)
        methods[name] = OwnMethod(estimator, samples.features[name], adapter)
    if known_mean is None:
        return methods
    moved = (
        (f"{name}@{KNOWN_MEAN}", own._replace(known_mean=known_mean))
        for name, own in methods.items()
    )
    return dict(chain(methods.items(), moved))
