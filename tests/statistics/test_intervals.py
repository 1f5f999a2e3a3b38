"""Intervals of resampled people cover the truth and agree with scipy."""

from statistics import mean

import numpy as np
import pytest
from scipy import stats

from neurograft.statistics.intervals import (
    bca_interval,
    draw_bootstrap_weights,
    leave_out_weights,
    percentile_band,
    percentile_interval,
)


def bca_of(x, statistic, strata, n=100_000):
    weights = draw_bootstrap_weights(
        strata, n_bootstraps=n, rng=np.random.default_rng(0)
    )
    everybody = np.ones((1, len(x)))
    left_out = leave_out_weights(np.arange(len(x)))
    return bca_interval(
        statistic(everybody)[0], statistic(weights), statistic(left_out), strata=strata
    )


def test_bca_is_that_of_scipy():
    x = np.random.default_rng(1).exponential(size=30)

    def statistic(weights):
        mean = weights @ x / weights.sum(1)
        return np.sqrt(weights @ x**2 / weights.sum(1) - mean**2)

    own = bca_of(x, statistic, np.zeros(30, int))
    other = stats.bootstrap(
        (x,), np.std, n_resamples=100_000, method="BCa", vectorized=True, rng=2
    ).confidence_interval
    assert own == pytest.approx(tuple(other), rel=0.03)
    percentile = np.percentile(np.std(x), [2.5, 97.5])
    assert own != pytest.approx(tuple(percentile), rel=0.03)


def test_bca_of_two_samples_is_that_of_scipy():
    rng = np.random.default_rng(3)
    a, b = rng.exponential(size=25), rng.exponential(2.0, size=40)
    x, strata = np.concatenate([a, b]), np.repeat([0, 1], [25, 40])

    def statistic(weights):
        first, second = weights[:, :25], weights[:, 25:]
        return first @ a / first.sum(1) - second @ b / second.sum(1)

    own = bca_of(x, statistic, strata)
    other = stats.bootstrap(
        (a, b),
        lambda p, q, axis: p.mean(axis) - q.mean(axis),
        n_resamples=20000,
        method="BCa",
        rng=4,
    ).confidence_interval
    assert own == pytest.approx(tuple(other), abs=0.04)


def test_a_statistic_that_never_varies_has_a_point_as_interval():
    same = np.full(100, 0.5)
    strata = np.zeros(10, int)
    assert bca_interval(0.5, same, np.full(10, 0.5), strata=strata) == (0.5, 0.5)


def test_a_symmetric_statistic_needs_no_acceleration():
    resampled = np.linspace(-1, 1, 1001)
    low, high = bca_interval(0.0, resampled, np.zeros(9), strata=np.zeros(9, int))
    assert (low, high) == pytest.approx((-0.95, 0.95), abs=0.01)


def test_a_cluster_is_left_out_whole():
    weights = leave_out_weights(np.array([0, 0, 1, 2, 2]))
    assert weights.tolist() == [[0, 0, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 1, 0, 0]]


def test_bootstrap_resamples_keep_the_size_of_each_class():
    strata = np.repeat([0, 1], [12, 7])
    weights = draw_bootstrap_weights(
        strata, n_bootstraps=200, rng=np.random.default_rng(0)
    )
    assert (weights[:, strata == 0].sum(1) == 12).all()
    assert (weights[:, strata == 1].sum(1) == 7).all()
    np.testing.assert_allclose(weights.mean(0), 1, atol=0.25)


def test_bootstrap_intervals_of_a_mean_equal_scipy():
    values = np.random.default_rng(0).exponential(3, 60)
    weights = draw_bootstrap_weights(
        np.zeros(60, int), n_bootstraps=20000, rng=np.random.default_rng(1)
    )
    low, high = percentile_interval(weights @ values / 60)
    other = stats.bootstrap(
        (values,),
        np.mean,
        method="percentile",
        n_resamples=20000,
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert (low, high) == pytest.approx((other.low, other.high), abs=0.04)


def test_bootstrap_intervals_cover_the_truth():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        sample = rng.normal(1, 1, 40)
        weights = draw_bootstrap_weights(np.zeros(40, int), n_bootstraps=400, rng=rng)
        low, high = percentile_interval(weights @ sample / 40)
        covered.append(low <= 1 <= high)
    assert 0.91 < mean(covered) < 0.98


def test_undefined_resamples_are_left_out():
    low, high = percentile_interval(np.array([np.nan, *np.linspace(0, 1, 1001)]))
    assert (low, high) == pytest.approx((0.025, 0.975))
    assert np.isnan(percentile_interval(np.array([np.nan]))[0])


def test_a_band_is_the_interval_of_every_point():
    values = np.random.default_rng(5).normal([0, 5, 9], size=(400, 3))
    band = percentile_band(values)
    for point, ends in enumerate(band.T):
        assert tuple(ends) == percentile_interval(values[:, point])
    values[3, 1] = np.nan
    np.testing.assert_allclose(percentile_band(values), band, atol=0.1)
    assert np.isnan(percentile_band(np.full((4, 2), np.nan))).all()


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_the_interval_scales_with_its_values(scale):
    rng = np.random.default_rng(0)
    resampled, left_out = rng.standard_gamma(2, 500), rng.standard_gamma(2, 20)
    strata = np.zeros(20, int)
    plain = np.array(bca_interval(2.0, resampled, left_out, strata=strata))
    scaled = bca_interval(2 * scale, resampled * scale, left_out * scale, strata=strata)
    np.testing.assert_allclose(scaled, plain * scale)


def test_the_largest_numbers_that_there_are_have_an_interval():
    resampled = np.linspace(0, 1, 101)
    left_out = np.array([0.0] * 8 + [-1e308, 1e308])
    low, high = bca_interval(0.5, resampled, left_out, strata=np.zeros(10, int))
    assert 0 <= low < high <= 1
