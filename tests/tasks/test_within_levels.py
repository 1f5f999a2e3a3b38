"""Comparing people alike takes the factor away."""

import numpy as np
import pandas as pd
import pytest

from neurograft.tasks.within_levels import compare_within, cut_levels


def test_comparing_within_strata_takes_the_confound_away():
    rng = np.random.default_rng(5)
    n = 400
    site = rng.integers(0, 2, n).astype(float)
    y = (rng.random(n) < 0.15 + 0.7 * site).astype(float)
    scores = site + 0.01 * rng.normal(size=n)  # knows the site and nothing else
    value, low, high, n_pairs = compare_within(y, scores, site)
    assert low < 0.5 < high
    assert value == pytest.approx(0.5, abs=0.08)
    inside = [(y[site == s] == 1).sum() * (y[site == s] == 0).sum() for s in (0, 1)]
    assert n_pairs == sum(inside)
    everybody = compare_within(y, scores, np.zeros(n))
    assert everybody[0] > 0.8


def test_without_a_pair_nothing_is_compared():
    y = np.array([0.0, 0.0, 1.0, 1.0])
    value, _, _, n_pairs = compare_within(y, y, y)
    assert np.isnan(value)
    assert n_pairs == 0


def test_levels_are_groups_or_quantiles():
    np.testing.assert_array_equal(
        cut_levels(pd.Series(["b", None, "a"])), [1, np.nan, 0]
    )
    levels = cut_levels(pd.Series(np.arange(100.0)))
    assert np.unique(levels).tolist() == [1, 2, 3, 4]
    assert np.bincount(levels.astype(int))[1:].tolist() == [25, 25, 25, 25]
