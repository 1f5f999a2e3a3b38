"""Solvers of many models agree with scikit-learn, a model at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

from neurograft.statistics.folds import inner_folds
from neurograft.statistics.linear.partial_least_squares import (
    solve_partial_least_squares,
)
from neurograft.statistics.linear.solvers import (
    LOGISTIC,
    RIDGE,
    Family,
    fit_tuned,
    log_loss,
    solve_logistic,
    solve_ridge,
    squared_loss,
)

PENALTIES = np.array([0.1, 10.0, 1000.0])
COMPONENTS = Family(solve_partial_least_squares, squared_loss, np.array([1.0, 2.0]))


def make_problem(seed=0, n=40, d=6, n_labels=4):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.linspace(5, 0.5, d)
    chance = 1 / (1 + np.exp(-X[:, :1].T + rng.standard_normal((n_labels, n))))
    return X, (chance > 0.5).astype(float), rng.standard_normal((n_labels, n)) + X[:, 0]


@pytest.mark.parametrize("seed", range(5))
def test_logistic_regression_equals_scikit_learn(seed):
    X, Y, _ = make_problem(seed)
    weights = solve_logistic(X, Y, PENALTIES)
    for i, penalty in enumerate(PENALTIES):
        for labels, found in zip(Y, weights[i], strict=True):
            model = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=5000)
            model.fit(X, labels)
            expected = [*model.coef_[0], model.intercept_[0]]
            np.testing.assert_allclose(found, expected, atol=2e-4, rtol=1e-3)


def test_separable_and_one_class_labels_stay_finite():
    X = np.linspace(-1, 1, 20)[:, None] * 100
    Y = np.stack([(X[:, 0] > 0).astype(float), np.ones(20), np.zeros(20)])
    weights = solve_logistic(X, Y, np.array([1e-3]))[0]
    assert np.isfinite(weights).all()
    assert weights[0, 0] > 0
    assert weights[1, 1] > 5 > -5 > weights[2, 1]


@pytest.mark.parametrize("d", [6, 80])
def test_ridge_regression_equals_scikit_learn(d):
    X, _, Y = make_problem(d=d)
    weights = solve_ridge(X, Y, PENALTIES)
    for i, penalty in enumerate(PENALTIES):
        for values, found in zip(Y, weights[i], strict=True):
            model = Ridge(alpha=penalty).fit(X, values)
            np.testing.assert_allclose(
                found, [*model.coef_, model.intercept_], atol=1e-8
            )


@pytest.mark.parametrize("solve", [solve_logistic, solve_ridge])
def test_a_design_of_its_own_for_every_label_vector(solve):
    X, Y, values = make_problem()
    targets = Y if solve is solve_logistic else values
    designs = np.stack([X + shift for shift in range(4)])
    together = solve(designs, targets, PENALTIES)
    for row in range(4):
        alone = solve(designs[row], targets[[row]], PENALTIES)
        np.testing.assert_allclose(together[:, row], alone[:, 0], atol=1e-6)


@pytest.mark.parametrize("solve", [solve_logistic, solve_ridge])
def test_a_weight_of_two_is_a_row_twice_and_of_zero_a_row_less(solve):
    X, Y, values = make_problem()
    targets = Y if solve is solve_logistic else values
    counts = np.random.default_rng(1).integers(0, 3, size=targets.shape)
    together = solve(X, targets, PENALTIES, counts.astype(float))
    shared = solve(X, targets, PENALTIES, counts[0].astype(float))
    np.testing.assert_allclose(shared[:, 0], together[:, 0], atol=1e-6)
    for row, count in enumerate(counts):
        again = np.repeat(np.arange(len(X)), count)
        expected = solve(X[again], targets[[row]][:, again], PENALTIES)
        np.testing.assert_allclose(together[:, row], expected[:, 0], atol=1e-6)


def test_rows_without_weight_decide_neither_fit_nor_penalty():
    X, _, Y = make_problem(n=60, n_labels=1)
    weights = (np.arange(60) % 3 > 0).astype(float)
    spoilt = np.where(weights > 0, Y, 1e3)
    settings = {
        "family": RIDGE, "n_inner": 3, "seed": 0, "sample_weight": weights,
    }  # fmt: skip
    clean, with_spoilt = fit_tuned(X, Y, **settings), fit_tuned(X, spoilt, **settings)
    np.testing.assert_allclose(clean.weights, with_spoilt.weights, atol=1e-8)
    assert clean.penalty == with_spoilt.penalty


@given(st.floats(-800, 800), st.sampled_from([0.0, 1.0]))
def test_the_logistic_loss_is_that_of_the_textbook(margin, label):
    found = log_loss(np.array([label]), np.array([margin]))[0]
    assert found == pytest.approx(np.logaddexp(0, margin) - label * margin, abs=1e-12)


@pytest.mark.parametrize("family", [LOGISTIC, RIDGE])
def test_the_penalty_is_the_best_on_rows_the_model_did_not_see(family):
    X, Y, values = make_problem(n_labels=1)
    targets = Y if family is LOGISTIC else values
    solve, loss, _ = family
    own = family._replace(penalties=PENALTIES)
    fit = fit_tuned(X, targets, own, n_inner=4, seed=1)
    losses = []
    for penalty in PENALTIES:
        held_out = np.empty(len(X))
        for test in inner_folds(np.arange(len(X)), n_inner=4, seed=1):
            train = np.setdiff1d(np.arange(len(X)), test)
            w = solve(X[train], targets[:, train], np.array([penalty]))[0, 0]
            held_out[test] = X[test] @ w[:-1] + w[-1]
        losses.append(loss(targets[0], held_out).mean())
        if penalty == fit.penalty[0]:
            np.testing.assert_allclose(fit.out_of_fold[0], held_out, atol=1e-6)
    assert fit.penalty[0] == PENALTIES[np.argmin(losses)]
    final = solve(X, targets, fit.penalty)[0]
    np.testing.assert_allclose(fit.weights, final, atol=1e-8)
    np.testing.assert_allclose(fit.predict(X)[0], X @ final[0, :-1] + final[0, -1])


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("family", [LOGISTIC, RIDGE, COMPONENTS])
def test_many_label_vectors_are_each_tuned_as_if_alone(family, is_weighted):
    X, Y, values = make_problem(n_labels=6)
    Y = values if family is RIDGE else Y
    rng = np.random.default_rng(3)
    settings = {
        "family": family, "n_inner": 3, "seed": 0, "groups": np.arange(len(X)) // 2,
        "sample_weight": rng.uniform(0, 2, size=len(X)) if is_weighted else None,
    }  # fmt: skip
    together = fit_tuned(X, Y, **settings)
    for row in range(6):
        alone = fit_tuned(X, Y[[row]], **settings)
        assert together.penalty[row] == alone.penalty[0]
        for name in ("weights", "out_of_fold"):
            found, expected = getattr(together, name)[row], getattr(alone, name)[0]
            np.testing.assert_allclose(found, expected, atol=1e-6)
