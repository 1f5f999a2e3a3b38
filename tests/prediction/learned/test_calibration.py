"""Probabilities come true as often as they say; sets and intervals hold the truth."""

import numpy as np
import pytest
from scipy.special import expit, logit

from neurograft.prediction.learned.calibration import (
    COVERAGE,
    expect_coverage,
    fit_group_calibration,
    fit_number_calibration,
    move_to_prevalence,
)
from neurograft.prediction.learned.held_out import (
    HeldOut,
    collect_held_out,
    take_logarithms,
)
from neurograft.statistics.metrics.conformal import find_quantile
from neurograft.statistics.metrics.predictions import Predictions


def make_held_out(n=4000, slope=2.0, offset=-1.0, seed=0):
    """Make answers that are too sure by a slope and too high by an offset."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(0, 1.2, n)
    labels = (rng.random(n) < expit(log_odds)).astype(float)
    said = expit(slope * log_odds - offset)
    return take_logarithms(HeldOut(labels, said[:, None], np.arange(n))), log_odds


def test_probabilities_are_the_shares_of_cases_whatever_the_method_said():
    held_out, log_odds = make_held_out()
    fitted = fit_group_calibration(held_out)
    found = fitted.calibrate(np.exp(held_out.answers))[:, 1]
    assert np.abs(found - expit(log_odds)).max() < 0.05
    assert fitted.slope == pytest.approx(0.5, abs=0.05)


def test_answers_worse_than_chance_are_not_turned_round():
    held_out, _ = make_held_out(200)
    turned = HeldOut(1 - held_out.labels, held_out.answers, held_out.person)
    fitted = fit_group_calibration(turned)
    p = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert fitted.calibrate(p)[0, 1] < fitted.calibrate(p)[1, 1]


def test_groups_told_apart_perfectly_give_no_certainty():
    labels = np.repeat([0.0, 1.0], 10)
    said = np.where(labels, 0.999, 0.001)[:, None]
    fitted = fit_group_calibration(
        take_logarithms(HeldOut(labels, said, np.arange(20)))
    )
    p = np.concatenate([1 - said, said], axis=1)
    assert fitted.calibrate(p).max() < 0.95


def test_sets_hold_the_truth_of_new_people_in_both_groups():
    held_out, _ = make_held_out(2000, seed=1)
    fitted = fit_group_calibration(held_out)
    new, _ = make_held_out(4000, seed=2)
    sets = fitted.find_sets(fitted.calibrate(np.exp(new.answers)))
    for label in (0, 1):
        own = new.labels == label
        assert sets[own, label].mean() == pytest.approx(COVERAGE, abs=0.02)


def test_three_groups_are_calibrated_together():
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 1, (5000, 3))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (rng.random((5000, 1)) > p.cumsum(1)).sum(1).astype(float)
    sure = p**3 / (p**3).sum(1, keepdims=True)
    held_out = HeldOut(labels, np.log(sure), np.arange(5000))
    assert np.abs(fit_group_calibration(held_out).calibrate(sure) - p).max() < 0.05


def test_everybody_counts_once_however_often_they_were_tested():
    held_out, _ = make_held_out(120)
    rows = np.r_[np.repeat(np.arange(60), 5), np.arange(60, 120)]
    often = HeldOut(
        held_out.labels[rows], held_out.answers[rows], held_out.person[rows]
    )
    one, other = fit_group_calibration(held_out), fit_group_calibration(often)
    assert one.slope == pytest.approx(other.slope, rel=1e-3)
    np.testing.assert_allclose(one.shares, other.shares)
    np.testing.assert_allclose(one.limits, other.limits, atol=0.05)


def test_answers_are_averaged_over_repeats_before_a_slope_is_fitted():
    # Single answers are less steady than their mean, which calibrates the predictor.
    held_out, log_odds = make_held_out(300, slope=1.0, offset=0.0)
    rng = np.random.default_rng(6)
    rows = np.repeat(np.arange(300), 10)
    said = expit(log_odds[rows] + rng.normal(0, 1.5, len(rows)))
    often = take_logarithms(HeldOut(held_out.labels[rows], said[:, None], rows))
    steady = fit_group_calibration(held_out).slope
    assert fit_group_calibration(often).slope == pytest.approx(steady, rel=0.25)


def test_limits_are_those_of_conformal_prediction_and_none_of_few():
    rng = np.random.default_rng(4)
    labels = rng.normal(50, 10, 57)
    said = labels + rng.normal(0, 4, 57)
    fitted = fit_number_calibration(HeldOut(labels, said[:, None], np.arange(57)))
    expected = find_quantile(np.abs(said - labels), confidence=COVERAGE)
    assert fitted.width == pytest.approx(expected)
    few = HeldOut(labels[:8], said[:8, None], np.arange(8))
    assert fit_number_calibration(few).width == np.inf
    assert expect_coverage(8) == 1.0


def test_the_bias_of_predicted_ages_is_removed():
    rng = np.random.default_rng(5)
    ages = rng.uniform(20, 80, 500)
    said = 50 + 0.4 * (ages - 50) + rng.normal(0, 3, 500)
    fitted = fit_number_calibration(HeldOut(ages, said[:, None], np.arange(500)))
    gap = fitted.remove_bias(said, ages) - ages
    assert abs(np.corrcoef(gap, ages)[0, 1]) < 1e-9
    assert abs(gap.mean()) < 1e-9


def test_probabilities_hold_at_the_shares_of_those_learned_from():
    """Also where the people held out were others: one in five of them is a patient."""
    rng = np.random.default_rng(6)
    labels = (rng.random(20_000) < 0.2).astype(float)
    score = rng.normal(1.5 * labels, 1)
    p = 1 / (1 + np.exp(-score))
    held_out = take_logarithms(HeldOut(labels, p[:, None], np.arange(20_000)))
    at = np.array([[0.5, 0.5]])
    there = fit_group_calibration(held_out)
    learned = fit_group_calibration(held_out, np.array([0.5, 0.5]))
    moved = logit(learned.calibrate(at)[0, 1]) - logit(there.calibrate(at)[0, 1])
    assert moved == pytest.approx(-logit(labels.mean()))
    # At equal shares a score in the middle of both groups decides nothing.
    middle = 1 / (1 + np.exp(-0.75))
    middling = learned.calibrate(np.array([[1 - middle, middle]]))
    assert middling[0, 1] == pytest.approx(0.5, abs=0.02)
    np.testing.assert_array_equal(learned.shares, [0.5, 0.5])
    same = [
        one.find_sets(one.calibrate(np.stack([1 - p, p], axis=1)))
        for one in (there, learned)
    ]
    np.testing.assert_array_equal(*same)


def test_thresholds_that_cross_do_not_spoil_everybodys_probability():
    """A group between crossed thresholds has probability 0, and no infinite weight."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0.0, 1.0, 2.0], [30, 8, 30])
    score = rng.normal(labels, 0.8)
    above = 1 / (1 + np.exp(-2 * np.stack([score - 0.7, score - 0.9], axis=1)))
    above[::6, 1] = above[::6, 0]  # crossed
    p = np.stack([1 - above[:, 0], above[:, 0] - above[:, 1], above[:, 1]], axis=1)
    assert (p[:, 1] == 0).sum() == 12
    held_out = take_logarithms(HeldOut(labels, p, np.arange(len(labels))))
    assert held_out.answers.min() > np.log(1e-3)
    found = fit_group_calibration(held_out).calibrate(p)
    loss = -np.log(found[np.arange(len(labels)), labels.astype(int)]).mean()
    shares = np.bincount(labels.astype(int)) / len(labels)
    assert loss < 0.75 * -(shares * np.log(shares)).sum()


def test_a_prevalence_moves_the_odds_by_its_own():
    p = np.array([[0.3, 0.7], [0.5, 0.5]])
    moved = move_to_prevalence(p, np.array([0.5, 0.5]), 0.02)
    expected = logit(0.7) + logit(0.02)
    assert logit(moved[0, 1]) == pytest.approx(expected)
    np.testing.assert_allclose(move_to_prevalence(p, np.array([0.4, 0.6]), 0.6), p)


def test_repeats_in_which_nobody_was_tested_do_not_count():
    scores = np.array([[0.2, 0.8, np.nan], [0.4, np.nan, 0.6]])
    folds = np.array([[0, 1, -1], [1, -1, 0]])
    p = Predictions(np.array([0.0, 1.0, 1.0]), scores, np.round(scores), folds)
    found = collect_held_out(p, np.array([True, True, False]))
    np.testing.assert_allclose(found.answers[:, 0], [0.2, 0.8, 0.4])
    np.testing.assert_array_equal(found.person, [0, 1, 0])
    labels, means = found.average()
    np.testing.assert_allclose(means[:, 0], [0.3, 0.8])
    np.testing.assert_array_equal(labels, [0, 1])
