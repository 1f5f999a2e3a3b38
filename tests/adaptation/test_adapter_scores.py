"""Scores without labels prefer what they should."""

import numpy as np
import pytest

from neurograft.adaptation.adapter_scores import (
    score_by_entropy,
    score_by_neighbourhood,
    score_by_weighted_source,
)


def test_scores_without_labels_prefer_what_they_should():
    sure = np.array([[0.99, 0.01], [0.02, 0.98]])
    torn = np.array([[0.6, 0.4], [0.45, 0.55]])
    assert score_by_entropy(sure) > score_by_entropy(torn)
    rng = np.random.default_rng(10)
    centres = np.repeat(np.eye(2) * 4, 30, axis=0)
    tight = centres + 0.05 * rng.normal(size=(60, 2))
    spread = rng.normal(size=(60, 2))
    assert score_by_neighbourhood(tight) > score_by_neighbourhood(spread)
    losses, weights = np.array([0.1, 2.0]), np.array([3.0, 1.0])
    assert score_by_weighted_source(losses, weights) == pytest.approx(-0.575)


def test_the_neighbourhood_of_identical_rows_is_as_dense_as_can_be():
    same = np.ones((20, 3))
    assert score_by_neighbourhood(same) == pytest.approx(np.log(19))
