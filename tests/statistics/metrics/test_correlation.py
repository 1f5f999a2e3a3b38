"""Weighted correlations are those of repeated rows, and centring forgets the folds."""

import numpy as np
import pytest

from neurograft.statistics.metrics.correlation import (
    centre_within,
    correlate_features,
)


def test_a_weight_of_two_is_a_row_twice():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(20), rng.standard_normal((20, 3)) + 100
    counts = rng.integers(0, 4, (4, 20))
    found = correlate_features(x, y, counts.astype(float))
    for weights, row in zip(counts, found, strict=True):
        many = np.repeat(np.arange(20), weights)
        expected = [np.corrcoef(x[many], y[many, k])[0, 1] for k in range(3)]
        np.testing.assert_allclose(row, expected)


def test_what_is_constant_goes_with_nothing():
    x = np.arange(4.0)
    once = np.ones((1, 4))
    assert correlate_features(x, np.full((4, 1), 0.1), once)[0, 0] == 0
    assert correlate_features(np.full(4, 0.1), x[:, None], once)[0, 0] == 0
    alone = np.array([[0.0, 3, 0, 0]])
    assert correlate_features(x, x[:, None], alone)[0, 0] == 0


def test_centring_takes_off_what_a_fold_adds():
    rng = np.random.default_rng(1)
    folds = np.stack([rng.permutation(np.arange(12) % 3) for _ in range(4)])
    values = rng.standard_normal((4, 12))
    shifted = values + 10.0 * folds
    np.testing.assert_allclose(
        centre_within(shifted, folds), centre_within(values, folds), atol=1e-9
    )


def test_of_one_fold_centring_takes_off_the_mean():
    values = np.arange(6.0)[None]
    folds = np.array([[0, 0, 0, 0, -1, -1]])
    found = centre_within(values, folds)
    assert found[:4].tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert np.isnan(found[4:]).all()


def test_features_of_every_repeat_are_the_same():
    features = np.random.default_rng(2).standard_normal((1, 6, 2))
    folds = np.array([[0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 0, 1]])
    found = centre_within(features, folds)
    for column in range(2):
        alone = centre_within(np.tile(features[..., column], (2, 1)), folds)
        assert found[:, column] == pytest.approx(alone)
