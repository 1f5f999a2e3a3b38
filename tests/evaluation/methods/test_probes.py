"""Probes are scikit-learn estimators."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification, make_regression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from neurograft.evaluation.methods.probes import (
    LogisticProbe,
    RidgeProbe,
    SubjectPCA,
    make_probe,
)

# Sets numbers of other types, which the run-time type checks of these tests refuse.
TYPE_CHANGING = "check_do_not_raise_errors_in_init_or_set_params"


@pytest.mark.parametrize("probe", [LogisticProbe(), RidgeProbe(), SubjectPCA()])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_accepts_the_estimator(probe):
    checks = list(estimator_checks_generator(probe, legacy=False))
    assert len(checks) > 5
    for estimator, check in checks:
        if check.func.__name__ != TYPE_CHANGING:
            check(estimator)


def test_the_logistic_probe_finds_what_is_there():
    X, y = make_classification(150, 40, n_informative=5, class_sep=2, random_state=0)
    scores = cross_val_score(make_probe("classification"), X, y, scoring="roc_auc")
    assert scores.mean() > 0.9


def test_probabilities_follow_the_classes_whatever_they_are_called():
    X, y = make_classification(80, 6, random_state=0)
    names = np.where(y == 1, "patient", "control")
    probe = make_probe("classification").fit(X, names)
    assert probe.classes_.tolist() == ["control", "patient"]
    p = probe.predict_proba(X)
    np.testing.assert_allclose(p.sum(1), 1)
    assert roc_auc_score(y, p[:, 1]) > 0.8


def test_a_rare_class_is_still_predicted():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    y = (X[:, 0] + 0.8 * rng.standard_normal(200) > 1.6).astype(int)
    probe = LogisticProbe().fit(X, y)
    assert probe.threshold_ == y.mean() < 0.2
    assert probe.predict(X)[y == 1].mean() > 0.7
    assert abs(probe.predict_proba(X)[:, 1].mean() - y.mean()) < 0.03


def test_the_ridge_probe_finds_what_is_there():
    X, y = make_regression(100, 10, n_informative=3, noise=5, random_state=0)
    assert cross_val_score(make_probe("regression"), X, y, scoring="r2").mean() > 0.7


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="found 1 class"):
        LogisticProbe().fit(np.eye(4), np.zeros(4))


@pytest.mark.parametrize(
    ("n", "d", "components"), [(30, 90, 10), (300, 90, 64), (30, 4, 4), (2, 5, 1)]
)
def test_components_are_fewer_than_a_third_of_the_people(n, d, components):
    X = np.random.default_rng(0).standard_normal((n, d))
    assert SubjectPCA().fit(X).transform(X).shape == (n, components)


def test_a_probe_can_be_cloned_and_set():
    probe = clone(make_probe("classification", n_inner=3, random_state=4))
    assert probe.get_params()["probe__n_inner"] == 3
    assert probe.set_params(probe__n_inner=7).named_steps["probe"].n_inner == 7
