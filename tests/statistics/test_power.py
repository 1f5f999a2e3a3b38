import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from neurograft.statistics.power import (
    find_detectable_auroc,
    find_detectable_correlation,
    find_detectable_effect,
    find_needed_for_auroc,
    find_needed_for_correlation,
    find_needed_pairs,
)


def test_effect_is_that_of_statsmodels():
    expected = TTestIndPower().solve_power(
        nobs1=101, ratio=84 / 101, power=0.8, alpha=0.05
    )
    assert find_detectable_effect(101, 84) == pytest.approx(expected, abs=1e-4)


def test_auroc_is_found_as_often_as_promised():
    n, m = 40, 40
    auroc = find_detectable_auroc(n, m)
    d = np.sqrt(2) * stats.norm.ppf(auroc)
    rng, found = np.random.default_rng(0), 0
    for _ in range(1000):
        u = stats.mannwhitneyu(rng.normal(d, 1, n), rng.normal(size=m)).pvalue
        found += u < 0.05
    assert found / 1000 == pytest.approx(0.8, abs=0.04)


def test_correlation_is_found_as_often_as_promised():
    n = 60
    r = find_detectable_correlation(n)
    rng, found = np.random.default_rng(0), 0
    for _ in range(1000):
        x = rng.normal(size=n)
        y = r * x + np.sqrt(1 - r**2) * rng.normal(size=n)
        found += stats.pearsonr(x, y).pvalue < 0.05
    assert found / 1000 == pytest.approx(0.8, abs=0.04)


def test_more_people_find_less():
    assert find_detectable_auroc(20, 20) > find_detectable_auroc(100, 84) > 0.5
    assert find_detectable_correlation(3) == 1.0
    assert find_detectable_auroc(2, 2) == 1.0


def test_as_many_people_as_needed_detect_the_effect_and_one_less_does_not():
    n = find_needed_for_auroc(0.7)
    assert find_detectable_auroc(n, n) <= 0.7 < find_detectable_auroc(n - 1, n - 1)
    n = find_needed_for_correlation(0.3)
    assert find_detectable_correlation(n) <= 0.3 < find_detectable_correlation(n - 1)


def test_needed_pairs_are_those_of_statsmodels():
    for effect in (0.2, 0.5, 1.2):
        needed = TTestPower().solve_power(effect, alpha=0.05, power=0.8)
        assert find_needed_pairs(effect) == int(np.ceil(needed))
