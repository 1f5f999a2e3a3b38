"""Learners: they find what is there, and their outputs are probabilities or numbers."""

import numpy as np
import pytest

from neurograft.evaluation.methods.learners import make_learner, predict_with

N = 40
NAMES = ("svm", "kernel", "boosting", "forest")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = np.tile([0.0, 1.0], N // 2)
    X = rng.standard_normal((N, 4))
    X[:, 0] += 4 * y
    return X, y


def predict(name, X, y, *, is_classification, seed=0):
    return predict_with(
        name,
        (X, y),
        X,
        groups=np.arange(len(y)),
        is_classification=is_classification,
        n_inner=3,
        seed=seed,
    )


@pytest.mark.parametrize("name", NAMES)
def test_groups_that_differ_are_told_apart_by_probabilities(name, data):
    X, y = data
    p = predict(name, X, y, is_classification=True)
    assert p.shape == (N, 1)
    assert ((p >= 0) & (p <= 1)).all()
    assert p[y == 1].mean() > p[y == 0].mean() + 0.5


@pytest.mark.parametrize("name", NAMES)
def test_a_number_is_predicted_in_its_order(name, data):
    X, _ = data
    predicted = predict(name, X, 10 * X[:, 0], is_classification=False)
    assert predicted.shape == (N, 1)
    assert np.corrcoef(predicted[:, 0], X[:, 0])[0, 1] > 0.8


def test_three_groups_have_a_probability_each(data):
    X, _ = data
    y = np.arange(N) % 3
    p = predict("svm", X, y.astype(float), is_classification=True)
    assert p.shape == (N, 3)
    np.testing.assert_allclose(p.sum(1), 1)


def test_the_same_seed_gives_the_same_predictions(data):
    X, y = data
    first, second = (
        predict("boosting", X, y, is_classification=True, seed=3) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", NAMES)
def test_settings_of_the_grid_are_settings_of_the_learner(name):
    for is_classification in (True, False):
        learner, grid = make_learner(name, is_classification=is_classification, seed=0)
        assert set(grid) <= set(learner.get_params())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_inner", [5, 10])
def test_fewer_people_than_inner_folds_are_learned_from(name, n_inner):
    rng = np.random.default_rng(0)
    y = np.tile([0.0, 1.0], 4)
    X = rng.standard_normal((8, 3)) + 5 * y[:, None]
    found = predict_with(
        name,
        (X, y),
        X,
        groups=np.arange(8),
        is_classification=True,
        n_inner=n_inner,
        seed=0,
    )
    assert np.isfinite(found).all()
