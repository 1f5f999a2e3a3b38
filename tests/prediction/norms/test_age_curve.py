"""Curves over age promise to new healthy people what they keep."""

import numpy as np
import pytest
from scipy import stats

from neurograft.prediction.norms.age_curve import (
    AgeCurve,
    fit_age_curve,
    place_knots,
    spread_ages,
)


def draw(n, rng, n_values=40):
    """Draw people whose values bend over age, with SD 2 around the bend."""
    ages = rng.uniform(20, 80, n)
    bend = ((ages - 50) / 30) ** 2
    return ages, bend[:, None] + rng.normal(0, 2, (n, n_values))


def find_z(curve, ages, values):
    return np.stack(
        [
            (own - curve.expect(age)) / curve.find_error(age)
            for age, own in zip(ages, values, strict=True)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 200])
def test_z_scores_of_new_healthy_people_are_standard_and_so_many_lie_beyond(n):
    rng = np.random.default_rng(n)
    found, by_chance = [], []
    for seed in range(8):
        curve = fit_age_curve(*draw(n, rng), seed=seed)
        found.append(find_z(curve, *draw(200, rng)))
        by_chance.append(curve.find_share_beyond(2))
    z = np.stack(found)
    assert z.mean() == pytest.approx(0, abs=0.05)
    assert z.std() == pytest.approx(1, abs=0.07)
    assert (np.abs(z) > 2).mean() == pytest.approx(np.mean(by_chance), abs=0.012)
    assert np.mean(by_chance) == pytest.approx(0.05, abs=0.007)


@pytest.mark.slow
def test_the_prediction_interval_holds_as_many_as_it_says_and_narrows_with_people():
    rng = np.random.default_rng(1)
    widths, held = {}, {}
    for n in (30, 120, 1000):
        reached, inside = [], []
        for seed in range(6):
            curve = fit_age_curve(*draw(n, rng), seed=seed)
            reach = curve.find_reach(0.95)
            reached.append((reach * curve.find_error(75.0)).mean())
            inside.append((np.abs(find_z(curve, *draw(100, rng))) < reach).mean())
        widths[n], held[n] = np.mean(reached), np.mean(inside)
    assert widths[30] > widths[120] > widths[1000]
    assert widths[1000] == pytest.approx(1.96 * 2, rel=0.03)
    assert all(share == pytest.approx(0.95, abs=0.012) for share in held.values())


def test_the_error_of_a_straight_line_is_that_of_the_textbook():
    ages = np.repeat([40.0, 50.0, 60.0], 12)
    knots = np.array([50.0])
    terms = spread_ages(ages, knots)
    assert terms.shape == (36, 2)
    inverse = np.linalg.inv(terms.T @ terms)
    curve = AgeCurve(knots, np.zeros((2, 1)), inverse, np.ones(1), 36)
    leverage = 1 / 36 + (60 - 50) ** 2 / ((ages - 50) ** 2).sum()
    assert curve.find_error(60.0)[0] == pytest.approx(np.sqrt(1 + leverage))
    assert curve.find_reach(0.95) == pytest.approx(stats.t.ppf(0.975, 34))


def test_the_curve_is_straight_beyond_the_outer_knots_and_smooth_at_all():
    knots = np.array([30.0, 50.0, 70.0])
    ages = np.linspace(10, 95, 8501)
    bend = spread_ages(ages, knots)[:, 2]
    second = np.gradient(np.gradient(bend, ages), ages)
    assert np.abs(second[ages < 29.9]).max() < 1e-6
    assert np.abs(second[(ages > 70.1) & (ages < 94.9)]).max() < 1e-6
    assert np.abs(np.diff(second[5:-5])).max() < 1e-3


def test_knots_tell_nobodys_age_and_people_of_one_age_have_a_line():
    ages = np.random.default_rng(2).uniform(18, 90, 40)
    assert set(place_knots(ages) % 5) == {0.0}
    assert place_knots(np.full(30, 33.0)).tolist() == [35.0]
    curve = fit_age_curve(np.full(30, 33.0), np.ones((30, 1)), seed=0)
    assert curve.expect(33.0)[0] == pytest.approx(1.0)


def test_spread_comes_from_people_left_out():
    rng = np.random.default_rng(3)
    spreads = [fit_age_curve(*draw(30, rng), seed=s).spread.mean() for s in range(20)]
    assert np.mean(np.square(spreads)) == pytest.approx(4.0, rel=0.06)
