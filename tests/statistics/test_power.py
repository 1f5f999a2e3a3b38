import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from neurograft.statistics.power import (
    find_detectable_auroc,
    find_detectable_correlation,
    find_detectable_effect,
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
