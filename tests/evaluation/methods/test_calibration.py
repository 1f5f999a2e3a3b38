"""Outputs become log odds that mean what they say, and people keep their order."""

import numpy as np
from scipy.special import expit

from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.evaluation.methods.calibration import OutputLine, fit_line, fit_sigmoid


def calibrate(fitted, labels, weights=None):
    return fit_sigmoid(fitted.out_of_fold, labels, weights).move(fitted)


def test_people_keep_their_order_even_if_those_left_out_were_ordered_badly():
    rng = np.random.default_rng(0)
    for n in (6, 10, 40):
        labels = np.tile(np.arange(n) % 2, (5, 1)).astype(float)
        held_out = rng.normal(size=(5, n)) - 3 * labels  # worse than chance
        outputs = rng.normal(size=(5, 20))
        after = calibrate(Fitted(held_out, outputs), labels)
        np.testing.assert_array_equal(after.outputs.argsort(1), outputs.argsort(1))
        assert np.isfinite(after.outputs).all()


def test_probabilities_are_the_shares_of_cases():
    rng = np.random.default_rng(1)
    n = 4000
    log_odds = rng.normal(-1, 1.5, n)
    labels = (rng.random(n) < expit(log_odds)).astype(float)
    # Of another scale and place, as the outputs of a regression on 0 and 1 are.
    fitted = Fitted((0.2 * log_odds + 5)[None], (0.2 * log_odds[:500] + 5)[None])
    after = calibrate(fitted, labels[None])
    assert np.abs(expit(after.outputs[0]) - expit(log_odds[:500])).max() < 0.04


def test_people_told_apart_perfectly_get_no_certainty():
    labels = np.array([[0.0, 0, 0, 0, 0, 1, 1, 1, 1, 1]])
    after = calibrate(Fitted(labels * 2 - 1, labels * 2 - 1), labels)
    # Platt's targets of five and five: one sixth, one seventh from the end.
    assert expit(after.outputs).max() < 0.9
    assert expit(after.outputs).min() > 0.1


def test_weights_count_as_people():
    rng = np.random.default_rng(2)
    labels = rng.permutation(np.arange(12) % 2).astype(float)[None]
    held_out = rng.normal(size=(1, 12)) + labels
    fitted = Fitted(held_out, held_out)
    same = calibrate(fitted, labels, np.ones(12)).outputs
    np.testing.assert_allclose(same, calibrate(fitted, labels).outputs)
    cases = calibrate(fitted, labels, np.where(labels[0] > 0, 3.0, 1.0)).outputs
    assert (cases > same).all()


def test_a_line_to_numbers_is_that_of_least_squares_and_never_falls():
    rng = np.random.default_rng(3)
    outputs = rng.normal(5, 2, size=(1, 50))
    numbers = 3 * outputs - 7 + rng.normal(size=(1, 50))
    line = fit_line(outputs, numbers)
    assert isinstance(line, OutputLine)
    slope, intercept = np.polyfit(outputs[0], numbers[0], 1)
    moved = line.move(Fitted(outputs, outputs)).outputs[0]
    np.testing.assert_allclose(moved, slope * outputs[0] + intercept)
    level = fit_line(outputs, -numbers).move(Fitted(outputs, outputs)).outputs
    np.testing.assert_allclose(level, -numbers.mean())
