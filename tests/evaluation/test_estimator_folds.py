"""An estimator learns from training people, in its own words, and predicts people."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from neurograft.errors import DataError
from neurograft.evaluation.estimator_folds import OwnMethod, SampleRows, fit_fold
from neurograft.tasks.splits import Split

NONE = np.empty(0)
SEEN: list = []
GROUPS = np.array(["control", "patient"])


def make_rows(row_of, domain=None, values=NONE):
    n_rows = max(row_of) + 1
    domain = np.ones(n_rows, dtype=int) if domain is None else np.array(domain)
    return SampleRows(np.array(row_of), 10 + np.arange(n_rows), domain, values)


def make_split(train, test):
    return Split(0, 2, np.array(train), np.array(test))


class First(RegressorMixin, BaseEstimator):
    """Predicts the first feature, whatever it is taught."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X[:, 0]


class Witness(ClassifierMixin, BaseEstimator):
    """Predicts nothing, and tells what it was taught."""

    def fit(self, X, y, groups):
        self.classes_ = np.unique(y)
        SEEN[:] = [X[:, 0].tolist(), y.tolist(), groups.tolist()]
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def test_samples_of_a_person_are_averaged_in_the_order_of_the_tested_rows():
    X = np.array([1.0, 2.0, 30.0, 4.0, 60.0, 90.0])[:, None]
    rows = make_rows([0, 0, 1, 2, 1, 1])
    found = fit_fold(
        OwnMethod(First(), X), np.zeros(3), make_split([0], [2, 1]), rows, "first"
    )
    assert found.tolist() == [[4.0], [60.0]]


def test_the_labels_of_the_job_are_learned_not_those_of_the_task():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    split, rows = make_split(range(12), range(12, 20)), make_rows(range(20))
    for labels in (y, rng.permutation(y)):
        found = fit_fold(OwnMethod(Ridge(), X), labels, split, rows, "ridge")
        alone = Ridge().fit(X[:12], labels[:12]).predict(X[12:])
        np.testing.assert_allclose(found[:, 0], alone)


@pytest.mark.parametrize("is_last_of_pipeline", [False, True])
def test_training_samples_come_with_their_groups_and_people(is_last_of_pipeline):
    X = np.arange(5.0)[:, None]
    witness = Witness()
    if is_last_of_pipeline:
        witness = make_pipeline(
            StandardScaler(with_mean=False, with_std=False), witness
        )
    rows = make_rows([2, 0, 1, 0, 2], values=GROUPS)
    fit_fold(
        OwnMethod(witness, X),
        np.array([1.0, 0.0, 0.0]),
        make_split([0, 2], [1]),
        rows,
        "witness",
    )
    features, groups, people = SEEN
    assert features == [0, 1, 3, 4]
    assert groups == ["control", "patient", "patient", "control"]
    assert people == [12, 10, 10, 12]


def test_a_search_keeps_people_together():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(16, 2)), np.array([0.0, 0, 1, 1, 0, 1, 0, 1])
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=GroupKFold(2))
    rows = make_rows(np.repeat(np.arange(8), 2), values=GROUPS)
    split = make_split(range(6), [6, 7])
    assert fit_fold(OwnMethod(search, X), labels, split, rows, "s").shape == (2, 1)


def test_a_group_that_is_missing_in_training_has_no_probability():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(9, 2)), np.repeat([0.0, 1.0, 2.0], 3)
    rows = make_rows(range(9), values=np.array(["a", "b", "c"]))
    train = [0, 1, 2, 6, 7, 8]
    found = fit_fold(
        OwnMethod(LogisticRegression(), X), labels, make_split(train, [3, 4]), rows, "l"
    )
    assert found.shape == (2, 3)
    assert (found[:, 1] == 0).all()
    alone = LogisticRegression().fit(X[train], labels[train]).predict_proba(X[3:5])
    np.testing.assert_allclose(found[:, [0, 2]], alone)


def test_scores_become_the_probability_of_the_second_group():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(12, 2)), np.tile([0.0, 1.0], 6)
    X[:, 0] += 5 * labels
    split, rows = make_split(range(8), range(8, 12)), make_rows(range(12), None, GROUPS)
    found = fit_fold(OwnMethod(LinearSVC(), X), labels, split, rows, "svc")[:, 0]
    alone = LinearSVC().fit(X[:8], labels[:8]).decision_function(X[8:])
    np.testing.assert_allclose(found, expit(alone), rtol=1e-3)
    assert (found > 0.5).tolist() == [False, True, False, True]


def test_a_known_mean_moves_new_sites_each_by_itself_and_no_other():
    X = np.array([0.0, 1.0, 2.0, 10.0, 20.0, 100.0])[:, None]
    rows = make_rows(range(6), domain=[1, 1, 1, 2, 2, 3])
    split = make_split([0, 1], [3, 2, 4, 5])
    plain, moved = (
        fit_fold(OwnMethod(First(), X, None, mean), np.zeros(6), split, rows, "f")
        for mean in (None, 50.0)
    )
    assert plain[:, 0].tolist() == [10, 2, 20, 100]
    assert moved[:, 0].tolist() == [45, 2, 55, 50]


class Signs(BaseEstimator):
    """An adapter that replaces features by the domain it is told."""

    def fit(self, X, y, *, sample_domain):
        assert y.tolist() == [7, 8]
        return self

    def transform(self, X, *, sample_domain):
        return sample_domain[:, None].astype(float)


def test_an_adapter_is_told_new_sites_by_a_negative_sign():
    rows = make_rows(range(4), domain=[1, 2, 2, 3])
    labels = np.array([7.0, 8.0, 9.0, 9.0])
    found = fit_fold(
        OwnMethod(First(), np.zeros((4, 1)), Signs()),
        labels,
        make_split([0, 1], [2, 3]),
        rows,
        "f",
    )
    assert found[:, 0].tolist() == [2, -3]


def test_a_failure_names_estimator_and_fold():
    X = np.full((4, 1), np.nan)
    with pytest.raises(
        DataError, match="mine: Ridge fails in fold 3: Input X contains"
    ):
        fit_fold(
            OwnMethod(Ridge(), X),
            np.arange(4.0),
            make_split([0, 1], [2, 3]),
            make_rows(range(4)),
            "mine",
        )


def test_what_is_told_a_mean_is_known_to_be():
    method = OwnMethod(Ridge(), np.zeros((2, 1)))
    assert not method.describe("r").knows_mean
    told = method._replace(known_mean=3.0).describe("r@known-mean")
    assert told.name == "r@known-mean"
    assert told.knows_mean
