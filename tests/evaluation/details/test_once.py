"""Everybody counts once, however many repeats tested them."""

import numpy as np
import pytest

from neurograft.evaluation.details.once import (
    average_repeats,
    decide_once,
    has_two_groups,
    keep_known,
)

NAN = np.nan


def test_a_mean_is_over_the_repeats_that_say_something():
    values = np.array([[1.0, NAN, NAN], [3.0, 5.0, NAN]])
    np.testing.assert_array_equal(average_repeats(values), [2, 5, NAN])


def test_two_groups_are_told_apart_by_the_mean_probability(evaluate_by_hand):
    scores = np.array([[0.9, 0.4, 0.5, NAN], [0.2, 0.3, 0.5, NAN]])
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"a": scores})
    assert has_two_groups(one)
    np.testing.assert_array_equal(decide_once(one.full["a"]), [1, 0, 1, NAN])


def test_of_more_groups_that_of_most_repeats_is_taken(evaluate_by_hand):
    a, b, c = np.eye(3)
    repeats = [[b, c, 0.6 * a + 0.4 * c], [b, a, 0.9 * b + 0.1 * a], [a, a, NAN * a]]
    one = evaluate_by_hand("multiclass", [0, 1, 2], {"m": np.array(repeats)})
    assert not has_two_groups(one)
    # The last is undecided between `a` and `b`, and `b` is the likelier.
    np.testing.assert_array_equal(decide_once(one.full["m"]), [1, 0, 1])


@pytest.mark.parametrize("is_whole", [True, False])
def test_who_has_no_score_is_not_tested(evaluate_by_hand, is_whole):
    scores = np.full((2, 4), 0.5)
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"a": scores})
    scores[:, 1] = NAN
    if not is_whole:
        scores[0, 1] = 0.3
    p = one.full["a"].predictions
    p.scores[:] = scores  # in a fold, and still without a score
    assert keep_known(p).is_tested.tolist() == [True, not is_whole, True, True]
