"""Statistics against published numbers, second sources and their own promises."""

from statistics import mean

import numpy as np
import pytest
from scipy import stats

from neurograft.statistics.intervals import draw_bootstrap_weights, percentile_interval
from neurograft.statistics.p_values import holm
from neurograft.statistics.permutation import permutation_p_value, permute_within_blocks


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


def test_permutations_keep_the_cases_of_every_fold():
    labels = np.array([1, 1, 0, 0, 0, 1, 0, 0, 1.0])
    folds = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
    permuted = permute_within_blocks(
        labels, folds, n_permutations=300, rng=np.random.default_rng(0)
    )
    for fold in range(3):
        cases = permuted[:, folds == fold].sum(1)
        assert (cases == labels[folds == fold].sum()).all()
    np.testing.assert_allclose(permuted[:, folds == 0].mean(0), 0.5, atol=0.1)


def test_permutation_p_values_count_the_observed_one():
    null = np.arange(99.0)
    assert permutation_p_value(1000.0, null) == 1 / 100
    assert permutation_p_value(-1.0, null) == 1.0
    assert permutation_p_value(89.0, null) == 11 / 100  # ties are as good


def test_permutation_p_values_are_uniform_under_the_null():
    rng = np.random.default_rng(0)
    p = [permutation_p_value(rng.normal(), rng.normal(size=199)) for _ in range(2000)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_holm_equals_its_definition():
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.2, 7)
    order = np.argsort(p)
    expected = np.empty(7)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, p[index] * (7 - rank)))
        expected[index] = running
    np.testing.assert_allclose(holm(p), expected)
