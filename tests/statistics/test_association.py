"""Associations agree with scipy and do not depend on how groups are named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from neurograft.statistics.association import (
    N_TABLES,
    code_factor,
    correlate_ranks,
    find_auroc,
    measure_association,
    measure_number_by_group,
)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=8))
def test_an_association_is_symmetric_bounded_and_blind_to_names(pairs):
    groups, others = np.array(pairs).T
    answer = measure_association(groups, others)
    assert 0 <= answer.v <= 1
    assert 0 <= answer.p <= 1
    assert answer.n == len(pairs)
    for same in (
        measure_association(others, groups),
        measure_association(np.array(["x", "a", "m"])[groups], others),
    ):
        assert same.v == pytest.approx(answer.v)
        assert same.p == pytest.approx(answer.p, abs=0.06)
        assert same[2:4] == answer[2:4]


def test_groups_that_follow_from_each_other_are_associated_wholly():
    groups = np.repeat([0, 1, 2], 20)
    answer = measure_association(groups, np.array(["c", "a", "b"])[groups])
    assert answer.v == pytest.approx(1)
    assert answer.smallest_cell == 0


def test_groups_without_relation_have_no_bias_towards_one():
    rng = np.random.default_rng(0)
    v = [
        measure_association(rng.integers(0, 4, 60), rng.integers(0, 4, 60)).v
        for _ in range(200)
    ]
    assert np.mean(v) < 0.1  # without the correction it is .22


def test_a_single_group_is_associated_with_nothing():
    assert measure_association(np.zeros(9), np.arange(9)) == (0.0, 1.0, 1, 9, False)


def test_association_is_the_corrected_v_of_its_paper():
    """Bergsma 2013, eqs. 8 to 10, from scipy's phi squared."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 3, 80)
    others = np.where(rng.random(80) < 0.5, groups, rng.integers(0, 4, 80))
    table = stats.contingency.crosstab(groups, others).count
    r, c = table.shape
    phi2 = stats.contingency.association(table, "cramer") ** 2 * (min(r, c) - 1)
    corrected = max(0, phi2 - (r - 1) * (c - 1) / 79)
    r, c = (k - (k - 1) ** 2 / 79 for k in (r, c))
    answer = measure_association(groups, others)
    assert answer.v == pytest.approx(np.sqrt(corrected / (min(r, c) - 1)))
    assert answer.p == 1 / (1 + N_TABLES)  # two cells expect fewer than five people
    large = measure_association(np.tile(groups, 3), np.tile(others, 3))
    asked = stats.chi2_contingency(3 * table, correction=False)
    assert large.p == pytest.approx(asked.pvalue)


def test_a_table_with_few_people_is_tested_by_drawing_tables():
    rng = np.random.default_rng(3)
    p = [
        measure_association(np.repeat(np.arange(6), 3), rng.integers(0, 2, 18)).p
        for _ in range(200)
    ]
    assert np.mean(np.array(p) < 0.05) < 0.09
    nested = np.repeat(np.arange(6), 3)
    answer = measure_association(nested, nested // 3)
    assert answer.p < 0.01
    assert answer.is_complete


def test_a_number_by_group_has_the_eta_of_its_ranks():
    rng = np.random.default_rng(4)
    groups, numbers = np.repeat(["a", "b", "c"], 20), rng.normal(size=60)
    numbers[:20] += 1.5
    found = measure_number_by_group(groups, numbers)
    ranks = stats.rankdata(numbers)
    between = (
        sum(20 * (ranks[groups == g].mean() - ranks.mean()) ** 2 for g in "abc")
        / ((ranks - ranks.mean()) ** 2).sum()
    )
    unbiased = (59 * between - 2) / 57
    assert found.size == pytest.approx(np.sqrt(unbiased))
    assert found.p == stats.kruskal(*numbers.reshape(3, 20)).pvalue
    whole = measure_number_by_group(np.array(["a", "b"] * 8), np.tile([10.0, 30.0], 8))
    assert whole.is_complete
    assert whole.size == pytest.approx(1)


def test_ranks_are_correlated_whatever_the_direction():
    x = np.arange(12.0)
    assert correlate_ranks(x, -(x**3)).is_complete
    assert correlate_ranks(x, -(x**3)).size == pytest.approx(1)
    assert not correlate_ranks(x, np.sin(x)).is_complete


def test_small_tables_are_tested_exactly():
    groups, others = np.repeat([0, 1], [6, 5]), np.array([0] * 5 + [1] * 6)
    expected = stats.fisher_exact([[5, 1], [0, 5]]).pvalue
    assert measure_association(groups, others).p == pytest.approx(expected)


SAMPLES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=20)


@given(SAMPLES, SAMPLES)
def test_the_area_is_that_of_scikit_learn_and_turns_with_the_groups(controls, cases):
    low, high = np.array(controls), np.array(cases)
    area = find_auroc(low, high)
    labels = np.repeat([0, 1], [len(low), len(high)])
    assert area == pytest.approx(roc_auc_score(labels, np.concatenate([low, high])))
    assert find_auroc(high, low) == pytest.approx(1 - area)


def test_a_factor_becomes_standardised_numbers_or_groups():
    ages = code_factor(pd.Series([20.0, 40.0, np.nan, 60.0]))
    np.testing.assert_allclose(ages[:, 0], [-np.sqrt(1.5), 0, 0, np.sqrt(1.5)])
    sites = code_factor(pd.Series(["b", "a", None, "b"]))
    np.testing.assert_array_equal(sites, [[0, 1], [1, 0], [0, 0], [0, 1]])
    np.testing.assert_array_equal(code_factor(pd.Series([7.0, 7.0])), [[0], [0]])
