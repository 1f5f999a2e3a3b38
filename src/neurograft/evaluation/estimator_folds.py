"""Cross-validate scikit-learn estimators on the folds of a task, beside our methods."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from scipy.special import expit, softmax
from sklearn.base import clone

from neurograft.config.method_table import KNOWN_MEAN
from neurograft.config.methods import Method
from neurograft.errors import DataError
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.methods.preparation import sign_domains
from neurograft.evaluation.prepared_task import PreparedTask, number_domains
from neurograft.evaluation.slow_permutation import Job, permute_slowly
from neurograft.tasks.splits import Split
from neurograft.types import FloatArray, IntArray, Progress, no_progress

# What stands for the features and the learner of somebody's own estimator.
OWN = "estimator"


class OwnMethod(NamedTuple):
    """An estimator with its features.

    Attributes:
        estimator: Unfitted; cloned in every fold.
        X: Features of every sample, `(n_samples, ...)`.
        adapter: Aligns sites before the estimator, or None.
        known_mean: Mean label known of sites that nobody is learned from, or None.
    """

    estimator: Any
    X: FloatArray
    adapter: Any = None
    known_mean: float | None = None

    def describe(self, name: str) -> Method:
        """Return how tables know the method."""
        block = OWN if self.known_mean is None else f"{OWN}@{KNOWN_MEAN}"
        return Method(name, (block,), OWN)


@dataclass(frozen=True)
class EstimatorLearner:
    """Fits estimators in the folds of a task.

    Attributes:
        one: The task.
        row_of: Row of the task that every sample belongs to, `(n_samples,)`.
        n_jobs: Processes.
        progress: Called after every fold.
    """

    one: PreparedTask
    row_of: IntArray
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
        """Learn shuffled labels too; stops early where there is no effect."""
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
        domain = number_domains(self.one.task)
        question = self.one.question
        calls = (
            delayed(fit_fold)(
                method, labels, split, self.row_of, domain, question.n_classes
            )
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
    return replace(
        evaluated, full=evaluated.full | full, own={**evaluated.own, **described}
    )


def fit_fold(
    method: OwnMethod,
    labels: FloatArray,
    split: Split,
    row_of: IntArray,
    domain: IntArray,
    n_classes: int,
) -> FloatArray:
    """Fit an estimator to a fold's training rows and predict its tested rows.

    Samples of a row are predicted one by one and averaged.

    Args:
        method: The estimator with its features.
        labels: Of the rows, `(n_rows,)`.
        split: The fold.
        row_of: Row of every sample, `(n_samples,)`.
        domain: Number of every row's site, from 1, `(n_rows,)`.
        n_classes: Groups; 0 for a number.

    Returns:
        Shape `(n_test, n_outputs)`: values, probabilities of a case, or of each group.
    """
    train = np.flatnonzero(np.isin(row_of, split.train))
    test = np.flatnonzero(np.isin(row_of, split.test))
    y, rows = labels[row_of[train]], row_of[test]
    X_train, X_test = method.X[train], method.X[test]
    if method.adapter is not None:
        adapter = clone(method.adapter)
        source, target = sign_domains(domain[row_of[train]], domain[rows])
        adapter.fit(X_train, y, sample_domain=source)
        X_train = adapter.transform(X_train, sample_domain=source)
        X_test = adapter.transform(X_test, sample_domain=target)
    estimator = clone(method.estimator)
    known = inspect.signature(estimator.fit).parameters
    extra = {"groups": row_of[train]} if "groups" in known else {}
    estimator.fit(X_train, y.astype(int) if n_classes else y, **extra)
    outputs = _predict(estimator, X_test, n_classes)
    member = (split.test[:, None] == rows).astype(float)
    averaged = member @ outputs / member.sum(1, keepdims=True)
    if method.known_mean is not None:
        new = ~np.isin(domain[split.test], domain[split.train])
        averaged[new] += method.known_mean - averaged[new].mean()
    return np.asarray(averaged)


def _predict(estimator: Any, X: FloatArray, n_classes: int) -> FloatArray:
    """Predict values `(n, 1)`, or probabilities `(n, 1)` or `(n, n_classes)`."""
    if not n_classes:
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
    whole = np.zeros((len(X), n_classes))
    whole[:, np.asarray(estimator.classes_, dtype=int)] = p
    return whole[:, 1:] if n_classes == 2 else whole
