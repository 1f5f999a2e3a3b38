"""Cross-validate scikit-learn estimators on the folds of a task, beside our methods."""

import inspect
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline

from neurograft.config.method_table import KNOWN_MEAN
from neurograft.config.methods import Method
from neurograft.errors import DataError
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.methods.preparation import sign_domains
from neurograft.evaluation.prepared_task import (
    PreparedTask,
    has_new_sites,
    number_domains,
)
from neurograft.evaluation.slow_permutation import Job, permute_slowly
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, IntArray, Progress, no_progress

# What stands for the features and the learner of somebody's own estimator.
OWN = "estimator"


class OwnMethod(NamedTuple):
    """An estimator with its features.

    Attributes:
        estimator: Unfitted; cloned in every fold.
        X: Features of every sample, `(n_samples, ...)`, or recordings, `(n_samples,)`.
        adapter: Aligns sites before the estimator, or None.
        known_mean: Mean label known of sites that nobody is learned from, or None.
    """

    estimator: Any
    X: npt.NDArray[Any]
    adapter: Any = None
    known_mean: float | None = None

    def describe(self, name: str) -> Method:
        """Return how tables know the method."""
        block = OWN if self.known_mean is None else f"{OWN}@{KNOWN_MEAN}"
        return Method(name, (block,), OWN)


class SampleRows(NamedTuple):
    """Person, row and site of every sample.

    Attributes:
        row_of: Row of the task of every sample, `(n_samples,)`.
        person: Number of every row's person, `(n_rows,)`.
        domain: Number of every row's site, from 1, `(n_rows,)`.
        values: Groups as estimators see them; of a number, none.
    """

    row_of: IntArray
    person: IntArray
    domain: IntArray
    values: npt.NDArray[Any]


@dataclass(frozen=True)
class EstimatorLearner:
    """Fits estimators in the folds of a task.

    Attributes:
        one: The task.
        row_of: Row of the task that every sample belongs to, `(n_samples,)`.
        values: Groups as estimators see them, in the order of their labels; of a
            number, none.
        n_jobs: Processes.
        progress: Called after every fold.
    """

    one: PreparedTask
    row_of: IntArray
    values: npt.NDArray[Any]
    n_jobs: int = 1
    progress: Progress = no_progress

    def cross_validate(self, name: str, method: OwnMethod) -> MethodResult:
        """Learn the real labels and predict in every fold."""
        one, labels = self.one, self.one.task.labels
        jobs = [(labels, split) for split in one.splits]
        outputs = self.predict(method, jobs, name)
        return gather_method(
            labels,
            np.empty((0, len(labels))),
            one.splits,
            [output[None] for output in outputs],
            one.question,
            one.judged,
        )

    def permute(
        self, name: str, method: OwnMethod, result: MethodResult, n_permutations: int
    ) -> MethodResult:
        """Learn shuffled labels too; stops early where there is no effect.

        Args:
            name: Of the estimator, for the progress that is told.
            method: The estimator with its features.
            result: What it predicted from the real labels.
            n_permutations: Shuffles of the labels, at most.
        """
        one = self.one
        return permute_slowly(
            lambda jobs: self.predict(method, jobs, f"{name}, shuffled labels"),
            result,
            one.permuted[:n_permutations],
            one.splits,
            one.question,
            one.judged,
        )

    def predict(
        self, method: OwnMethod, jobs: Sequence[Job], what: str
    ) -> list[FloatArray]:
        """Predict the tested rows of every job: `(n_test, n_outputs)`."""
        task = self.one.task
        rows = SampleRows(self.row_of, task.clusters, number_domains(task), self.values)
        calls = (
            delayed(fit_fold)(method, labels, split, rows, what)
            for labels, split in jobs
        )
        found = []
        for output in Parallel(n_jobs=self.n_jobs, return_as="generator")(calls):
            found.append(output)
            self.progress(what, len(found), len(jobs))
        return found


def add_estimators(
    evaluated: EvaluatedTask,
    learner: EstimatorLearner,
    methods: Mapping[str, OwnMethod],
    *,
    n_permutations: int,
) -> EvaluatedTask:
    """Return the task with estimators among its methods.

    Args:
        evaluated: Results of our own methods.
        learner: Fits estimators.
        methods: By name.
        n_permutations: Shuffles of the labels, at most.
    """
    full = {name: learner.cross_validate(name, own) for name, own in methods.items()}
    if n_permutations:
        full = {
            name: learner.permute(name, methods[name], result, n_permutations)
            for name, result in full.items()
        }
    described = {name: own.describe(name) for name, own in methods.items()}
    adapts = any(own.adapter is not None for own in methods.values())
    return replace(
        evaluated,
        full=evaluated.full | full,
        own={**evaluated.own, **described},
        facts={
            **evaluated.facts,
            "adapts_to_tested": adapts and has_new_sites(learner.one),
        },
    )


def fit_fold(
    method: OwnMethod, labels: FloatArray, split: Split, rows: SampleRows, what: str
) -> FloatArray:
    """Fit an estimator to a fold's training rows and predict its tested rows.

    Samples of a row are predicted one by one and averaged.

    Args:
        method: The estimator with its features.
        labels: Of the rows, `(n_rows,)`.
        split: The fold.
        rows: Whose every sample is.
        what: Name of the estimator, for sentences.

    Returns:
        Shape `(n_test, n_outputs)`: values, probabilities of a case, or of each group.

    Raises:
        DataError: If the estimator cannot be fitted, or predicts no numbers.
    """
    row_of, domain = rows.row_of, rows.domain
    train = np.flatnonzero(np.isin(row_of, split.train))
    test = np.flatnonzero(np.isin(row_of, split.test))
    tested = row_of[test]
    try:
        X_train, X_test = _align(method, labels, train, test, rows)
        estimator = _fit(method.estimator, X_train, labels, train, rows)
        outputs = _predict(estimator, X_test, rows.values)
    except (TypeError, ValueError) as error:
        said = next((line for line in str(error).split("\n") if line.strip()), "")
        raise DataError(
            f"{what}: {type(method.estimator).__name__} fails in fold "
            f"{split.fold + 1}: {said.strip()}"
        ) from error
    member = (split.test[:, None] == tested).astype(float)
    averaged = np.asarray(member @ outputs / member.sum(1, keepdims=True))
    if method.known_mean is not None:
        sites = domain[split.test]
        for new in np.setdiff1d(sites, domain[split.train]):
            own = sites == new
            averaged[own] += method.known_mean - averaged[own].mean()
    return averaged


def _align(
    method: OwnMethod,
    labels: FloatArray,
    train: IntArray,
    test: IntArray,
    rows: SampleRows,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return training and tested features, aligned if there is an adapter."""
    X_train, X_test = method.X[train], method.X[test]
    if method.adapter is None:
        return X_train, X_test
    domain = rows.domain[rows.row_of]
    source, target = sign_domains(domain[train], domain[test])
    adapter = clone(method.adapter)
    adapter.fit(X_train, labels[rows.row_of[train]], sample_domain=source)
    return (
        adapter.transform(X_train, sample_domain=source),
        adapter.transform(X_test, sample_domain=target),
    )


def _fit(
    unfitted: Any,
    X: npt.NDArray[Any],
    labels: FloatArray,
    train: IntArray,
    rows: SampleRows,
) -> Any:
    """Fit a copy of an estimator; it sees groups as they are called in `y`."""
    y = labels[rows.row_of[train]]
    if len(rows.values):
        y = rows.values[y.astype(int)]
    estimator = clone(unfitted)
    people = rows.person[rows.row_of[train]]
    with warnings.catch_warnings():
        # A search with folds of its own need not heed groups.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        estimator.fit(X, y, **_name_groups(estimator, people))
    return estimator


def _name_groups(estimator: Any, people: IntArray) -> dict[str, IntArray]:
    """Return the people as an argument of `fit`, if it takes them."""
    if isinstance(estimator, BaseSearchCV):
        return {"groups": people}
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        named = _name_groups(last, people) if hasattr(last, "fit") else {}
        return {f"{step}__{key}": value for key, value in named.items()}
    known = inspect.signature(estimator.fit).parameters
    return {"groups": people} if "groups" in known else {}


def _predict(
    estimator: Any, X: npt.NDArray[Any], values: npt.NDArray[Any]
) -> FloatArray:
    """Predict values `(n, 1)`, or probabilities `(n, 1)` or `(n, n_classes)`.

    Raises:
        DataError: If an estimator of groups gives neither probabilities nor scores.
    """
    if not len(values):
        return np.asarray(estimator.predict(X), dtype=float).reshape(len(X), 1)
    if hasattr(estimator, "predict_proba"):
        p = np.asarray(estimator.predict_proba(X), dtype=float)
    elif hasattr(estimator, "decision_function"):
        scores = np.asarray(estimator.decision_function(X), dtype=float)
        if scores.ndim == 1:
            p = np.stack([1 - expit(scores), expit(scores)], axis=1)
        else:
            p = softmax(scores, axis=1)
    else:
        raise DataError(
            f"{type(estimator).__name__} has neither predict_proba nor "
            "decision_function; groups need one of them."
        )
    whole = np.zeros((len(X), len(values)))
    whole[:, [values.tolist().index(c) for c in estimator.classes_.tolist()]] = p
    return whole[:, 1:] if len(values) == 2 else whole
