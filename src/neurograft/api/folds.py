"""From `cv`, `train_on` and `sample_domain` to folds of people, checked."""

import warnings
from numbers import Integral
from typing import Any

import numpy as np

from neurograft.api.columns import read_names
from neurograft.config.evaluation import EvaluationConfig
from neurograft.errors import ConfigError
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, number_splits, split_by
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, IntArray

LEAVE_SITE_OUT = "leave-one-site-out"


def make_folds(
    task: Task, row_of: IntArray, cv: Any, *, n_repeats: int, train_on: Any, seed: int
) -> list[Split]:
    """Make the folds of a task's people.

    Args:
        task: The people.
        row_of: Row of the task of every sample, `(n_samples,)`.
        cv: Number of folds, `leave-one-site-out`, a scikit-learn splitter of people, or
            pairs of training and tested rows of samples.
        n_repeats: Repeats, where `cv` is a number.
        train_on: Site or sites that are learned from, or None.
        seed: Decides folds.

    Raises:
        ConfigError: If nobody is left to learn from, to test, or to compare.
        LeakageError: If somebody is on both sides.
    """
    learned = _choose_source(task, train_on)
    if learned is not None:
        splits = _split_sites(task, learned)
    elif isinstance(cv, str) and cv == LEAVE_SITE_OUT:
        splits = split_by(task.subjects, "site", is_classification=False)
    elif isinstance(cv, Integral) and not isinstance(cv, bool):
        splits = _repeat_folds(task, int(cv), n_repeats, seed)
    elif hasattr(cv, "get_n_splits"):
        splits = _split_with(task, cv)
    else:
        splits = _take_pairs(task, row_of, cv)
    _check_folds(task, splits)
    return splits


def _repeat_folds(task: Task, n_splits: int, n_repeats: int, seed: int) -> list[Split]:
    """Cut people into folds, repeatedly.

    Raises:
        ConfigError: If there are fewer people of a group than folds.
    """
    if n_splits < 2 or n_repeats < 1:
        raise ConfigError(
            f"cv={n_splits} and n_repeats={n_repeats} make no folds; two folds and one "
            "repeat are the least."
        )
    if task.is_classification:
        counts = np.bincount(task.labels.astype(int))
        least, name = int(counts.min()), task.classes[int(counts.argmin())]
        what = f"{least} people are {name!r}"
    else:
        least, what = len(task.labels) // 2, f"y has {len(task.labels)} people"
    if least < n_splits:
        raise ConfigError(
            f"{what}, too few for cv={n_splits}; add people, or lower cv"
            + (f" to {least}." if least > 1 else ".")
        )
    settings = EvaluationConfig(n_splits=n_splits, n_repeats=n_repeats)
    return make_protocol_splits(task, settings, seed=seed)


def _split_with(task: Task, cv: Any) -> list[Split]:
    """Split people with a scikit-learn splitter.

    Raises:
        ConfigError: If it cannot split them.
    """
    nothing = np.zeros((len(task.labels), 1))
    y = task.labels.astype(int) if task.is_classification else task.labels
    with warnings.catch_warnings():
        # It is not told by its type whether a splitter heeds groups.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        try:
            pairs = list(cv.split(nothing, y, task.clusters))
        except ValueError as error:
            what = str(error).split("\n")[0].rstrip(".")
            raise ConfigError(
                f"{type(cv).__name__} cannot split {len(y)} people: {what}."
            ) from error
    return number_splits(pairs, task.clusters)


def _take_pairs(task: Task, row_of: IntArray, cv: Any) -> list[Split]:
    """Take pairs of rows to learn from and rows to test.

    Raises:
        ConfigError: If `cv` is nothing known.
    """
    try:
        pairs = [
            (_find_people(row_of, train), _find_people(row_of, test))
            for train, test in ([] if isinstance(cv, str) else cv)
        ]
    except (IndexError, TypeError, ValueError) as error:
        raise ConfigError(_explain_cv(cv)) from error
    if not pairs:
        raise ConfigError(_explain_cv(cv))
    return number_splits(pairs, task.clusters)


def _find_people(row_of: IntArray, samples: Any) -> IntArray:
    """Find the rows of the task that samples belong to."""
    chosen = np.asarray(samples)
    return np.unique(row_of[chosen if chosen.size else chosen.astype(int)])


def _explain_cv(cv: Any) -> str:
    return (
        f"cv={str(cv)[:40]!r} is unknown; give a number of folds, a scikit-learn "
        f"splitter, pairs of row numbers, or {LEAVE_SITE_OUT!r}."
    )


def _choose_source(task: Task, train_on: Any) -> BoolArray | None:
    """Return who may be learned from; None if folds are made within everybody.

    Raises:
        ConfigError: If that is nobody or everybody.
    """
    people = task.subjects
    if train_on is not None:
        given = np.atleast_1d(np.asarray(train_on, dtype=object))
        sites = read_names(given, "train_on", len(given))
        unknown = sorted(set(map(str, sites)) - set(people["site"].dropna()))
        learned = people["site"].isin(sites).to_numpy()
        if unknown or learned.all():
            found = ", ".join(sorted(people["site"].dropna().unique()))
            raise ConfigError(
                f"train_on={train_on!r} must name some of the sites, not all; sites "
                f"are {found or 'not given'}."
            )
        return np.asarray(learned)
    domain = people["domain"].to_numpy(dtype=float)
    if np.isnan(domain).all():
        return None
    source = domain > 0
    if not source.any() or not (domain < 0).any() or (domain == 0).any():
        raise ConfigError(
            "sample_domain needs positive numbers (learned from) and negative ones "
            f"(tested), and no other; found {int(source.sum())} positive and "
            f"{int((domain < 0).sum())} negative of {len(source)}."
        )
    return np.asarray(source)


def _split_sites(task: Task, learned: BoolArray) -> list[Split]:
    """Test every site that nobody is learned from in a fold of its own."""
    site = task.subjects["site"].astype("string").fillna("unknown").to_numpy(dtype=str)
    train = np.flatnonzero(learned)
    pairs = (
        (train, np.flatnonzero(~learned & (site == value)))
        for value in sorted(set(site[~learned]))
    )
    return number_splits(pairs, task.clusters)


def _check_folds(task: Task, splits: list[Split]) -> None:
    """Check that every fold learns from every group, and some fold tests two.

    Raises:
        ConfigError: If not.
    """
    labels = task.labels
    for split in splits:
        if not len(split.train) or not len(split.test):
            raise ConfigError(
                f"Fold {split.fold + 1} learns from {len(split.train)} and tests "
                f"{len(split.test)} people; both need somebody."
            )
        missing = [
            name
            for label, name in enumerate(task.classes)
            if not (labels[split.train] == label).any()
        ]
        if missing:
            raise ConfigError(
                f"Fold {split.fold + 1} learns from nobody who is {missing[0]!r}; the "
                "groups cannot be learned so, choose other folds or sites."
            )
    n_tested = [len(np.unique(labels[split.test])) for split in splits]
    if task.is_classification and max(n_tested) < 2:
        raise ConfigError(
            "No fold tests people of two groups, so that nobody can be ranked against "
            "anybody; choose fewer, larger folds."
        )
