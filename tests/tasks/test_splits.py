"""Folds by subject: stratified, repeated, never leaking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import ConfigError, LeakageError
from neurograft.statistics.folds import bin_by_quantile
from neurograft.tasks.leak_guard import (
    check_cohorts,
    check_no_leakage,
    check_pretraining,
    find_shared_cohorts,
)
from neurograft.tasks.splits import draw_few, hold_out, make_splits, split_by


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
    people = pd.DataFrame({"label": labels, "cluster": np.arange(len(labels))})
    splits = make_splits(
        people,
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
    people = pd.DataFrame({"label": labels, "cluster": subjects})
    splits = make_splits(
        people, is_classification=False, n_splits=3, n_repeats=1, seed=seed
    )
    for split in splits:
        assert not set(subjects[split.train]) & set(subjects[split.test])


def test_repeats_differ_and_seeds_repeat():
    labels = np.repeat([1.0, 0.0], 15)
    people = pd.DataFrame({"label": labels, "cluster": np.arange(30)})

    def make(seed):
        return make_splits(
            people, is_classification=True, n_splits=5, n_repeats=2, seed=seed
        )

    a, b, c = make(0), make(0), make(1)
    assert all(np.array_equal(x.test, y.test) for x, y in zip(a, b, strict=True))
    assert not all(np.array_equal(x.test, y.test) for x, y in zip(a, c, strict=True))
    assert not np.array_equal(a[0].test, a[5].test)


def test_folds_of_a_regression_cover_the_range_of_the_target():
    labels = np.linspace(20, 80, 50)
    people = pd.DataFrame({"label": labels, "cluster": np.arange(50)})
    splits = make_splits(
        people, is_classification=False, n_splits=5, n_repeats=3, seed=0
    )
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
    with pytest.raises(LeakageError, match="^.b. is both learned from and tested on"):
        check_no_leakage(["a", "b"], ["b"])
    with pytest.raises(LeakageError, match="'a' and 1 more are both"):
        check_no_leakage(["a", "b"], ["b", "a"])


def test_testing_on_pretraining_people_must_be_allowed():
    check_pretraining({}, cohort="c", allow_transductive=False)
    check_pretraining({"sub-1": "label"}, cohort="c", allow_transductive=True)
    with pytest.raises(LeakageError, match=r"Pretraining sees 1 of the .* by label"):
        check_pretraining({"sub-1": "label"}, cohort="c", allow_transductive=False)


def make_people(n=120, seed=0, sites=("a", "b", "c")):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "label": (rng.random(n) < 0.4).astype(float),
            "cluster": np.arange(n),
            "site": rng.choice(sites, n),
            "cohort": rng.choice(["x", "y"], n),
            "sex": rng.choice(["F", "M"], n),
            "age": rng.uniform(20, 80, n),
        }
    )


def test_folds_are_balanced_over_label_site_sex_and_age():
    people = make_people()
    splits = make_splits(
        people, is_classification=True, n_splits=5, n_repeats=2, seed=0
    )
    for split in splits:
        own = people.iloc[split.test]
        for label in (0, 1):
            expected = (people["label"] == label).sum() / 5
            assert abs((own["label"] == label).sum() - expected) <= 1
        for site in "abc":
            both = (people["site"] == site) & (people["label"] == 1)
            assert abs((both.iloc[split.test]).sum() - both.sum() / 5) <= 1
        assert abs((own["sex"] == "F").mean() - (people["sex"] == "F").mean()) < 0.15
        assert abs(own["age"].mean() - people["age"].mean()) < 6


def test_missing_ages_and_sites_are_dealt_too():
    people = make_people()
    people.loc[:50, ["age", "site", "sex"]] = None
    splits = make_splits(
        people, is_classification=True, n_splits=5, n_repeats=1, seed=0
    )
    assert sorted(np.concatenate([s.test for s in splits])) == list(range(120))


def test_more_folds_than_people_are_refused():
    with pytest.raises(ConfigError, match="3 people cannot fill 5 folds"):
        make_splits(
            make_people(3), is_classification=True, n_splits=5, n_repeats=1, seed=0
        )


def test_one_site_is_left_out_at_a_time():
    people = make_people()
    splits = split_by(people, "site", is_classification=True)
    assert [set(people["site"].iloc[s.test]) for s in splits] == [{"a"}, {"b"}, {"c"}]
    for split in splits:
        assert not set(people["site"].iloc[split.train]) & set(
            people["site"].iloc[split.test]
        )


def test_a_group_that_comes_from_one_site_cannot_be_told_from_it():
    people = make_people()
    people["site"] = np.where(people["label"] == 1, "a", "b")
    with pytest.raises(ConfigError, match="confounded with it"):
        split_by(people, "site", is_classification=True)
    with pytest.raises(ConfigError, match="needs at least two; found unknown"):
        split_by(people.assign(site=None), "site", is_classification=True)


def test_a_person_at_two_sites_is_a_leak():
    people = make_people()
    people.loc[1, "cluster"] = 0
    people.loc[[0, 1], "site"] = ["a", "b"]
    with pytest.raises(LeakageError):
        split_by(people, "site", is_classification=True)


def test_a_holdout_is_balanced_and_depends_on_the_seed_alone():
    people = make_people(200)
    (one,) = hold_out(people, share=0.3, is_classification=True, seed=0)
    (again,) = hold_out(people, share=0.3, is_classification=True, seed=0)
    (other,) = hold_out(people, share=0.3, is_classification=True, seed=1)
    assert np.array_equal(one.test, again.test)
    assert not np.array_equal(one.test, other.test)
    assert len(one.test) == pytest.approx(60, abs=1)
    share = people["label"].iloc[one.test].mean()
    assert share == pytest.approx(people["label"].mean(), abs=0.05)


@pytest.mark.parametrize("known", [{}, {"is_reference": True}])
@pytest.mark.parametrize("n_patients", [2, 5, 8])
def test_a_holdout_seals_its_share_of_every_group_however_small(n_patients, known):
    people = make_people(30 + n_patients).assign(**known)
    people["label"] = np.repeat([0.0, 1.0], [30, n_patients])
    for seed in range(50):
        (one,) = hold_out(people, share=0.3, is_classification=True, seed=seed)
        sealed = people["label"].iloc[one.test]
        assert (sealed == 0).sum() == 9
        assert (sealed == 1).sum() == max(1, round(0.3 * n_patients))
        assert (people["label"].iloc[one.train] == 1).any()


def test_a_holdout_is_spread_over_ages_and_chosen_at_random():
    people = make_people(100).assign(
        label=0.0, site="a", sex="F", age=np.arange(100) * 0.6 + 20
    )
    seals = [
        hold_out(people, share=0.2, is_classification=True, seed=seed)[0].test
        for seed in range(40)
    ]
    assert {len(test) for test in seals} == {20}
    for test in seals:
        assert abs(people["age"].iloc[test].mean() - people["age"].mean()) < 3
    assert len(set(np.concatenate(seals))) == 100


def test_few_labels_are_balanced_and_tested_on_the_same_people():
    people = make_people()
    splits = make_splits(
        people, is_classification=True, n_splits=5, n_repeats=2, seed=0
    )
    few = draw_few(
        splits, people, n_per_class=8, n_draws=4, is_classification=True, seed=0
    )
    assert len(few) == 20
    for number, split in enumerate(few):
        labels = people["label"].iloc[split.train]
        assert (labels == 1).sum() == (labels == 0).sum() == 8
        full = splits[number % 10]
        assert np.array_equal(split.test, full.test)
        assert set(split.train) <= set(full.train)
    assert not np.array_equal(few[0].train, few[10].train)


def test_a_budget_that_would_take_everybody_is_left_out():
    people = make_people(30)
    splits = make_splits(
        people, is_classification=True, n_splits=3, n_repeats=1, seed=0
    )
    assert (
        draw_few(
            splits, people, n_per_class=12, n_draws=2, is_classification=True, seed=0
        )
        == []
    )


def test_few_labelled_people_of_a_contrast_bring_both_recordings():
    people = pd.DataFrame(
        {"label": np.tile([1.0, 0.0], 20), "cluster": np.repeat(np.arange(20), 2)}
    )
    splits = make_splits(
        people, is_classification=True, n_splits=4, n_repeats=1, seed=0
    )
    few = draw_few(
        splits, people, n_per_class=5, n_draws=1, is_classification=True, seed=0
    )
    for split in few:
        assert len(split.train) == 10
        assert people["label"].iloc[split.train].mean() == 0.5


def test_data_sets_with_the_same_people_are_one():
    cards = {"mine": "ds004504", "theirs": "ds006036", "other": "chbp"}

    def check(source, target, **settings):
        settings = {"allow_transductive": False} | settings
        shared = find_shared_cohorts([source], [target], cards=cards)
        check_cohorts(shared, **settings)

    check("other", "mine")
    check("none", "mine")
    with pytest.raises(LeakageError, match="'mine' .* and 'theirs' .* same people"):
        check("mine", "theirs")
    with pytest.raises(LeakageError, match="same people"):
        check("theirs", "mine")
    with pytest.raises(LeakageError, match="is pretrained on and belongs to a task"):
        check("mine", "mine")
    check("mine", "theirs", allow_transductive=True)
    # Sealed people are left out of the cohort that is tested, not of its copies.
    check("mine", "mine", sealed=True)
    with pytest.raises(LeakageError, match="same people"):
        check("mine", "theirs", sealed=True)


def test_cohorts_that_share_a_folder_are_one():
    def compare(source, target):
        return "one folder is read twice" if {source, target} == {"a", "b"} else ""

    shared = find_shared_cohorts(["a", "c"], ["b"], compare_folders=compare)
    assert [one[:2] for one in shared] == [("a", "b")]
    with pytest.raises(LeakageError, match="read twice. Name the cohorts .* without"):
        check_cohorts(shared, allow_transductive=False)
    check_cohorts(shared, allow_transductive=True)
    check_cohorts([], allow_transductive=False)
