"""Partial least squares of many label vectors is that of each, as scikit-learn's is."""

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression

from neurograft.statistics.linear.partial_least_squares import (
    solve_partial_least_squares,
)


@pytest.mark.parametrize(("n", "d"), [(10, 300), (40, 12), (60, 60)])
@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_the_predictions_are_those_of_scikit_learn(n, d, n_components):
    rng = np.random.default_rng(n + n_components)
    X, new = rng.normal(2, 3, (n, d)), rng.normal(2, 3, (7, d))
    Y = np.stack([rng.permutation(np.arange(n) % 2), rng.normal(5, 2, n)])
    weights = solve_partial_least_squares(X, Y, np.array([n_components]))[0]
    for y, one in zip(Y, weights, strict=True):
        model = PLSRegression(n_components, scale=False).fit(X, y)
        expected = np.asarray(model.predict(new)).ravel()
        np.testing.assert_allclose(new @ one[:-1] + one[-1], expected, atol=1e-8)


@pytest.mark.parametrize("shape", ["of all", "of every label vector"])
def test_a_weight_counts_as_rows_that_are_there_so_often(shape):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(12, 30)), rng.normal(size=(3, 12))
    counts = rng.integers(1, 4, (3, 12))
    if shape == "of all":
        counts = counts[0]
    weighted = solve_partial_least_squares(X, Y, np.array([2]), counts.astype(float))[0]
    for number, y in enumerate(Y):
        times = counts if counts.ndim == 1 else counts[number]
        repeated = solve_partial_least_squares(
            np.repeat(X, times, axis=0), np.repeat(y, times)[None], np.array([2])
        )
        np.testing.assert_allclose(weighted[number], repeated[0, 0], atol=1e-10)


def test_labels_of_one_class_are_predicted_as_that_class():
    X = np.random.default_rng(0).normal(size=(8, 20))
    weights = solve_partial_least_squares(X, np.ones((1, 8)), np.array([2]))[0, 0]
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(X @ weights[:-1] + weights[-1], 1, atol=1e-9)


def test_every_number_of_components_is_that_of_its_own_fit():
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(20, 9)), rng.normal(size=(4, 20))
    together = solve_partial_least_squares(X, Y, np.array([3, 1]))
    for number, one in zip((3, 1), together, strict=True):
        alone = solve_partial_least_squares(X, Y, np.array([number]))[0]
        np.testing.assert_allclose(one, alone, atol=1e-10)
