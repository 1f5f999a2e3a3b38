"""Averages over repeats and people count what was tested, and nothing else."""

import numpy as np

from neurograft.statistics.metrics.predictions import (
    Predictions,
    average,
    average_tested,
    divide,
)

FOLDS = np.array([[0, 1, -1], [1, -1, -1]])
SCORES = np.array([[0.2, 0.4, np.nan], [0.6, np.nan, np.nan]])
TESTED = Predictions(np.array([0.0, 1.0, 1.0]), SCORES, SCORES, FOLDS)


def test_a_person_is_averaged_over_the_repeats_that_tested_the_person():
    np.testing.assert_allclose(TESTED.average(), [0.4, 0.4, np.nan])
    np.testing.assert_allclose(TESTED.average(SCORES**2), [0.2, 0.16, np.nan])


def test_the_order_of_repeats_does_not_matter():
    turned = Predictions(TESTED.labels, SCORES[::-1], SCORES[::-1], FOLDS[::-1])
    np.testing.assert_allclose(turned.average(), TESTED.average())


def test_probabilities_of_several_groups_are_averaged_group_by_group():
    scores = np.stack([SCORES, 1 - SCORES], axis=-1)
    p = Predictions(TESTED.labels, scores, SCORES, FOLDS)
    np.testing.assert_allclose(p.average(), [[0.4, 0.6], [0.4, 0.6], [np.nan, np.nan]])


def test_nobody_who_was_not_tested_counts_whatever_the_weight():
    weights = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 99.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(
        average_tested(TESTED, SCORES, weights), [0.4, 0.4, np.nan]
    )


def test_an_average_is_that_of_numpy_and_unknown_without_weights():
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([[1.0, 0, 3], [0, 0, 0]])
    expected = np.average(values, weights=weights[0])
    np.testing.assert_allclose(average(values, weights), [expected, np.nan])


def test_a_quotient_by_zero_is_unknown():
    np.testing.assert_array_equal(divide(np.ones(2), np.array([2, 0])), [0.5, np.nan])
