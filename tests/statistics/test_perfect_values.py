"""Intervals of perfect values end below 1, and cover the truth."""

import numpy as np
import pytest
from scipy import stats

from neurograft.statistics.perfect_values import limit_auroc, limit_share, widen_perfect


def test_the_limit_of_a_perfect_area_solves_the_equation_of_its_paper():
    n, m = 12, 20
    area = limit_auroc(n, m)
    half = (n + m) / 2 - 1
    variance = area * (1 - area) / (n * m)
    variance *= 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
    assert (1 - area) / np.sqrt(variance) == pytest.approx(stats.norm.isf(0.025))


@pytest.mark.parametrize("n", [3, 10, 40])
def test_more_people_and_less_confidence_narrow_the_interval(n):
    assert 0.5 < limit_auroc(n, n) < limit_auroc(2 * n, n) < limit_auroc(2 * n, 2 * n)
    assert limit_auroc(n, n, confidence=0.99) < limit_auroc(n, n)
    assert limit_share(n) == pytest.approx(
        stats.binomtest(n, n).proportion_ci(method="exact").low
    )


def test_areas_below_the_limit_are_rarely_seen_as_perfect():
    n, rng = 10, np.random.default_rng(0)
    shift = stats.norm.ppf(limit_auroc(n, n)) * np.sqrt(2)
    cases, controls = rng.normal(shift, size=(4000, n)), rng.normal(size=(4000, n))
    assert (cases.min(1) > controls.max(1)).mean() < 0.05


def test_only_perfect_values_of_bounded_metrics_are_widened():
    assert widen_perfect("AUROC", (0.9, 1.0), (10, 10)) == (0.9, 1.0)
    assert widen_perfect("Brier score", (1.0, 1.0), (10, 10)) == (1.0, 1.0)
    assert widen_perfect("AUROC", (0.0, 0.0), (10, 10)) == (0, 1 - limit_auroc(10, 10))
    low, high = widen_perfect("balanced accuracy", (1.0, 1.0), (30, 10, 20))
    assert (low, high) == (limit_share(10), 1.0)
