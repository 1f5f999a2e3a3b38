"""Items are dealt evenly into folds, and groups stay whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neurograft.statistics.folds import bin_by_quantile, deal, inner_folds


@given(n=st.integers(2, 50), n_inner=st.integers(2, 7), seed=st.integers(0, 9))
def test_inner_folds_share_out_the_rows(n, n_inner, seed):
    folds = inner_folds(np.arange(n), n_inner=n_inner, seed=seed)
    assert sorted(np.concatenate(folds).tolist()) == list(range(n))
    assert max(map(len, folds)) - min(map(len, folds)) <= 1


@given(st.lists(st.integers(0, 8), min_size=6, max_size=40), st.integers(0, 9))
def test_inner_folds_never_cut_a_group(groups, seed):
    numbers = np.array(groups)
    folds = inner_folds(numbers, n_inner=4, seed=seed)
    assert sorted(np.concatenate(folds).tolist()) == list(range(len(numbers)))
    for test in folds:
        assert not set(numbers[test]) & set(np.delete(numbers, test))


@given(
    groups=st.lists(st.integers(0, 3), min_size=2, max_size=40),
    n_splits=st.integers(2, 6),
    seed=st.integers(0, 9),
)
def test_dealt_folds_have_the_same_size_and_the_same_share_of_every_group(
    groups, n_splits, seed
):
    numbers = np.array(groups)
    folds = deal([numbers], n_splits, np.random.default_rng(seed))
    assert np.ptp(np.bincount(folds, minlength=n_splits)) <= 1
    for group in np.unique(numbers):
        members = np.bincount(folds[numbers == group], minlength=n_splits)
        assert np.ptp(members) <= 1


def test_a_second_key_decides_within_the_first():
    sex = np.repeat([0, 1], 20)
    age = np.tile(np.arange(20.0), 2)
    folds = deal([sex, age], 5, np.random.default_rng(0))
    for fold in range(5):
        for group in (0, 1):
            inside = np.sort(age[(folds == fold) & (sex == group)])
            assert (np.diff(inside) == 5).all()


def test_ties_are_dealt_by_chance_alone():
    dealt = {
        tuple(deal([np.zeros(6)], 2, np.random.default_rng(seed)).tolist())
        for seed in range(40)
    }
    assert len(dealt) > 10


@given(st.lists(st.floats(-9, 9), min_size=4, max_size=60), st.integers(2, 10))
def test_bins_follow_the_values_and_can_fill_every_fold(values, n_splits):
    numbers = np.array(values)
    bins = bin_by_quantile(numbers, n_splits)
    ordered = bins[np.argsort(numbers, kind="stable")]
    assert (np.diff(ordered) >= 0).all()
    sizes = np.bincount(bins)
    assert len(sizes) <= 5
    assert np.ptp(sizes) <= 1
    assert len(sizes) == 1 or sizes.min() >= n_splits
