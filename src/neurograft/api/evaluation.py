"""Evaluate any scikit-learn estimator on any table of features, by subject."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from neurograft.api.results import Results, make_results
from neurograft.api.samples import gather_samples, list_known_factors, make_task
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
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.tasks.design_audit import code_acquisition
from neurograft.tasks.label_shuffles import permute_labels
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, number_splits
from neurograft.tasks.task import Task, check_task
from neurograft.types import BoolArray, Progress, no_progress


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
    """Evaluate estimators with honest statistics: people, intervals, nulls, verdicts.

    Beside the estimators stand what they must beat: the dummy, and age, sex and site
    where they are given. Folds are balanced over label, site, sex and age; whatever is
    fitted sees training people only. Rows of one person are predicted one by one and
    their predictions averaged: no statistic takes a row for a person.

    Args:
        estimators: scikit-learn estimators by name; a pair `(adapter, estimator)` is
            fitted after the adapter has aligned the sites (see `AlignDomains`). What is
            called `encoder` is compared with `random-encoder`, its untrained twin.
        X: Features `(n_rows, ...)`, an array or a DataFrame; or one such by estimator.
        y: Labels of the rows, `(n_rows,)`: two groups, several groups, or numbers (a
            float column with more than ten values). Where everybody has both of two
            labels, people are compared with themselves.
        groups: Person of every row; None, every row is a person.
        site: Site of every row.
        age: Age of every row, years.
        sex: `F` or `M` of every row.
        cv: Number of folds, or a scikit-learn splitter.
        n_repeats: Repeats of the folds, where `cv` is a number.
        sample_domain: Positive where people may be learned from, negative where they
            are tested (skada); by default folds are made within everybody.
        train_on: Site, or list of sites, that is learned from; all others are tested.
        known_mean: Mean of `y` known of the tested sites: every estimator is shown once
            more with its predictions moved to it, and counts as no evidence so.
        n_permutations: Shuffles of the labels, stopped early where there is no effect.
        n_bootstraps: Resamples of people.
        name: Of the task, for tables and sentences.
        random_state: Decides folds, shuffles and resamples.
        n_jobs: Processes.
        progress: Called along the way.

    Returns:
        Tables by name, and sentences: `print(results)`.

    Raises:
        DataError: If lengths differ, or a person has two labels, ages or sites.
        ConfigError: If the task cannot be evaluated so.

    Example:
        >>> from sklearn.linear_model import LogisticRegression
        >>> y = np.repeat(["control", "patient"], 20)
        >>> X = np.random.default_rng(0).normal(size=(40, 3))
        >>> X[20:] += 2
        >>> found = evaluate({"logistic": LogisticRegression()}, X, y, n_repeats=2,
        ...                  n_permutations=39, n_bootstraps=200)
        >>> bool(found.results.query("method == 'logistic'")["value"].iloc[0] > 0.9)
        True
    """
    columns = {"age": age, "sex": sex, "site": site, "domain": sample_domain}
    samples = gather_samples(estimators, X, y, groups, columns)
    task = make_task(name, samples)
    n_splits = cv if isinstance(cv, int) else 2
    check_task(task, n_splits=n_splits)
    settings = EvaluationConfig(
        n_splits=n_splits, n_repeats=n_repeats, n_permutations=max(n_permutations, 19)
    )
    learned = _choose_source(task, train_on)
    if learned is not None:
        splits = _split_sites(task, learned)
    elif isinstance(cv, int):
        splits = make_protocol_splits(task, settings, seed=random_state)
    else:
        splits = number_splits(
            cv.split(np.zeros((len(task.labels), 1)), task.labels, task.clusters),
            task.clusters,
        )
    prepared = _prepare(task, splits, settings, random_state)
    (evaluated,) = cross_validate([prepared], n_jobs=n_jobs, progress=progress)
    methods = _list_methods(estimators, samples.features, known_mean)
    learner = EstimatorLearner(prepared, samples.row_of, n_jobs, progress)
    evaluated = add_estimators(
        evaluated, learner, methods, n_permutations=n_permutations
    )
    return make_results(
        [evaluated], n_bootstraps=n_bootstraps, seed=random_state, progress=progress
    )


def _choose_source(task: Task, train_on: Any) -> BoolArray | None:
    """Return who may be learned from; None if folds are made within everybody."""
    people = task.subjects
    if train_on is not None:
        sites = [train_on] if isinstance(train_on, str) else list(train_on)
        learned = people["site"].isin(sites).to_numpy()
        if not learned.any() or learned.all():
            found = ", ".join(map(str, sorted(people["site"].dropna().unique())))
            raise ConfigError(
                f"train_on={train_on!r} leaves nobody to learn from, or nobody to "
                f"test; sites are {found or 'not given'}."
            )
        return np.asarray(learned)
    if people["domain"].isna().all():
        return None
    source = people["domain"].to_numpy(dtype=float) > 0
    if source.all() or not source.any():
        raise ConfigError(
            "sample_domain needs positive numbers (learned from) and negative ones "
            f"(tested); found {int(source.sum())} positive of {len(source)}."
        )
    return np.asarray(source)


def _split_sites(task: Task, learned: BoolArray) -> list[Split]:
    """Test every site that nobody is learned from in a fold of its own."""
    site = task.subjects["site"].astype("string").fillna("unknown").to_numpy(dtype=str)
    train = np.flatnonzero(learned)
    return [
        Split(0, fold, train, np.flatnonzero(~learned & (site == value)))
        for fold, value in enumerate(sorted(set(site[~learned])))
    ]


def _prepare(
    task: Task, splits: list[Split], settings: EvaluationConfig, seed: int
) -> PreparedTask:
    """Prepare the task with what needs no EEG: the dummy, demographics, the site."""
    factors = list_known_factors(task)
    features = {
        name: values
        for name, values in (
            ("demographics", collect_demographics(task)),
            ("acquisition", code_acquisition(factors)),
        )
        if values is not None
    }
    names = ("dummy", *features)
    return PreparedTask(
        task=task,
        methods=tuple(parse_method(name) for name in names),
        features=features,
        splits=splits,
        few={},
        permuted=permute_labels(
            task, splits, n_permutations=settings.n_permutations, seed=seed
        ),
        is_transductive=False,
        not_run={},
        n_inner=settings.n_inner,
        curve_methods=(),
        factors=factors,
    )


def _list_methods(
    estimators: Mapping[str, Any],
    features: Mapping[str, Any],
    known_mean: float | None,
) -> dict[str, OwnMethod]:
    """List estimators with their features, and once more with a known mean."""
    methods = {}
    for name, given in estimators.items():
        adapter, estimator = given if isinstance(given, tuple) else (None, given)
        methods[name] = OwnMethod(estimator, features[name], adapter)
    if known_mean is None:
        return methods
    moved = (
        (f"{name}@{KNOWN_MEAN}", own._replace(known_mean=known_mean))
        for name, own in methods.items()
    )
    return dict(chain(methods.items(), moved))
