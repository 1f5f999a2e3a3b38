"""Folds by subject: stratified, repeated, never leaking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import LeakageError
from neurograft.evaluation.leakage import (
    check_no_leakage,
    check_pretraining,
    find_seen_subjects,
)
from neurograft.evaluation.splits import bin_by_quantile, make_splits
from neurograft.provenance import hash_subject


@given(
    n_cases=st.integers(5, 20),
    n_controls=st.integers(5, 20),
    n_splits=st.integers(2, 5),
    seed=st.integers(0, 5),
)
def test_every_subject_is_tested_once_per_repeat_in_balanced_folds(
    n_cases, n_controls, n_splits, seed
):
    labels = np.repeat([1.0, 0.0], [n_cases, n_controls])
    groups = [f"sub-{i}" for i in range(len(labels))]
    splits = make_splits(
        labels,
        groups,
        is_classification=True,
        n_splits=n_splits,
        n_repeats=2,
        seed=seed,
    )
    assert len(splits) == 2 * n_splits
    for repeat in (0, 1):
        folds = [split for split in splits if split.repeat == repeat]
        tested = np.concatenate([split.test for split in folds])
        assert sorted(tested.tolist()) == list(range(len(labels)))
        cases = [labels[split.test].sum() for split in folds]
        assert max(cases) - min(cases) <= 1
        for split in folds:
            assert not set(split.train) & set(split.test)
            assert len(split.train) + len(split.test) == len(labels)


@given(
    rows=st.lists(st.integers(0, 8), min_size=12, max_size=40), seed=st.integers(0, 5)
)
def test_rows_of_one_subject_stay_together(rows, seed):
    subjects = np.array(rows)
    if len(np.unique(subjects)) < 3:
        return
    labels = (subjects % 2).astype(float)
    groups = [f"sub-{s}" for s in subjects]
    splits = make_splits(
        labels, groups, is_classification=False, n_splits=3, n_repeats=1, seed=seed
    )
    for split in splits:
        assert not set(subjects[split.train]) & set(subjects[split.test])


def test_repeats_differ_and_seeds_repeat():
    labels = np.repeat([1.0, 0.0], 15)
    groups = [str(i) for i in range(30)]

    def make(seed):
        return make_splits(
            labels, groups, is_classification=True, n_splits=5, n_repeats=2, seed=seed
        )

    a, b, c = make(0), make(0), make(1)
    assert all(np.array_equal(x.test, y.test) for x, y in zip(a, b, strict=True))
    assert not all(np.array_equal(x.test, y.test) for x, y in zip(a, c, strict=True))
    assert not np.array_equal(a[0].test, a[5].test)


def test_folds_of_a_regression_cover_the_range_of_the_target():
    labels = np.linspace(20, 80, 50)
    splits = make_splits(
        labels, [str(i) for i in range(50)], is_classification=False, n_splits=5,
        n_repeats=3, seed=0,
    )  # fmt: skip
    means = [labels[split.test].mean() for split in splits]
    assert max(means) - min(means) < 12


@given(st.lists(st.floats(-50, 50), min_size=10, max_size=60), st.integers(2, 10))
def test_quantile_bins_are_even_and_ordered(values, n_splits):
    bins = bin_by_quantile(np.array(values), n_splits)
    counts = np.bincount(bins)
    assert counts.max() - counts.min() <= 1
    order = np.argsort(values, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()


def test_a_subject_on_both_sides_is_a_leak():
    check_no_leakage(["a", "b"], ["c"])
    with pytest.raises(LeakageError, match="^b is both learned from and tested on"):
        check_no_leakage(["a", "b"], ["b"])
    with pytest.raises(LeakageError, match="a and 1 more are both"):
        check_no_leakage(["a", "b"], ["b", "a"])


CARD = {
    "seen_subjects": [hash_subject("c", "sub-1")],
    "seen_signals": ["hash of a file"],
}


def test_people_seen_in_pretraining_are_found_by_label_and_by_signal():
    signals = {"sub-1": {"x"}, "sub-2": {"y"}, "sub-3": {"z", "hash of a file"}}
    assert find_seen_subjects(CARD, "c", signals) == ["sub-1", "sub-3"]
    assert find_seen_subjects(CARD, "other", signals) == ["sub-3"]


def test_testing_on_pretraining_people_must_be_allowed():
    check_pretraining([], cohort="c", allow_transductive=False)
    check_pretraining(["sub-1"], cohort="c", allow_transductive=True)
    with pytest.raises(LeakageError, match=r"pretrained on 1 of the people of 'c'"):
        check_pretraining(["sub-1"], cohort="c", allow_transductive=False)
