"""Labels that are mixed otherwise in the target are seen, and weighed."""

import numpy as np
import pytest

from neurograft.adaptation.label_shift import (
    shift_to_mean,
    suspect_label_shift,
    weigh_labels,
)
from neurograft.errors import DataError


def test_label_weights_give_the_prevalence_of_the_target():
    rng = np.random.default_rng(4)
    y = np.repeat([0.0, 1.0], (300, 300))
    target = np.repeat([0.0, 1.0], (100, 300))
    X = np.concatenate([y, target])[:, None] * 2.5 + rng.normal(size=(1000, 3))
    weights = weigh_labels(X, y, np.repeat([1, -1], (600, 400)))
    assert weights.mean() == pytest.approx(1)
    assert (weights * y).mean() == pytest.approx(0.75, abs=0.06)
    assert np.unique(weights.round(9)).size == 2


def test_label_weights_move_a_numbers_mean_towards_the_targets():
    rng = np.random.default_rng(5)
    y, target = rng.uniform(20, 80, 400), rng.uniform(50, 80, 300)
    X = np.concatenate([y, target])[:, None] / 10 + 0.5 * rng.normal(size=(700, 2))
    weights = weigh_labels(X, y, np.repeat([1, -1], (400, 300)))
    moved = (weights * y).mean()
    assert abs(moved - target.mean()) < 0.35 * abs(y.mean() - target.mean())
    with pytest.raises(DataError, match="no target"):
        weigh_labels(X[:400], y, np.ones(400, int))


def test_label_shift_is_suspected_when_it_is_there_and_rarely_when_not():
    rng = np.random.default_rng(6)
    domain = np.repeat([1, -1], 80)
    shifted = np.concatenate([rng.uniform(20, 60, 80), rng.uniform(45, 80, 80)])
    found = suspect_label_shift(shifted, domain)
    assert found.is_suspect
    assert "re-centring would remove part of the label" in found.sentence
    groups = np.concatenate([np.tile([0.0, 1.0], 40), np.repeat([0.0, 1.0], (10, 70))])
    assert suspect_label_shift(groups, domain).is_suspect
    alarms = [
        suspect_label_shift(rng.uniform(20, 80, 160), domain).is_suspect
        for _ in range(300)
    ]
    assert np.mean(alarms) < 0.09
    assert not suspect_label_shift(shifted, np.ones(160, int)).is_suspect


def test_a_known_mean_moves_all_predictions_alike():
    predicted = np.array([30.0, 50.0, 70.0])
    moved = shift_to_mean(predicted, 62.0)
    np.testing.assert_allclose(moved, [42, 62, 82])
    with pytest.raises(DataError, match="mean is nan"):
        shift_to_mean(predicted, float("nan"))


def test_known_means_move_each_label_vector_to_its_mean():
    predicted = np.random.default_rng(0).normal(size=(3, 10))
    means = np.array([1.0, -2.0, 40.0])
    moved = shift_to_mean(predicted, means)
    np.testing.assert_allclose(moved.mean(1), means)
    np.testing.assert_allclose(np.diff(moved), np.diff(predicted))
    np.testing.assert_allclose(moved[1], shift_to_mean(predicted[1], -2.0))
