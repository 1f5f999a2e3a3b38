"""Folds are of people: nobody is on both sides, and everybody is tested as promised."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold

from neurograft.api.folds import LEAVE_SITE_OUT, make_folds
from neurograft.api.samples import gather_samples, make_task
from neurograft.errors import ConfigError, LeakageError

N = 24
Y = np.tile(["control", "patient"], N // 2)


def people(y=Y, groups=None, *, estimator=None, **columns):
    """A task, and the row of it that every sample belongs to."""
    given = dict.fromkeys(("age", "sex", "site", "domain")) | columns
    estimators = {"own": estimator or LogisticRegression()}
    X = np.zeros((len(y), 1))
    samples = gather_samples(estimators, X, y, groups, given)
    return make_task("t", samples), samples.row_of


def fold(task, row_of, cv=5, *, n_repeats=1, train_on=None, seed=0):
    return make_folds(
        task, row_of, cv, n_repeats=n_repeats, train_on=train_on, seed=seed
    )


def test_everybody_is_tested_once_in_every_repeat():
    splits = fold(*people(), cv=4, n_repeats=3)
    assert [(s.repeat, s.fold) for s in splits] == [
        (repeat, number) for repeat in range(3) for number in range(4)
    ]
    for repeat in range(3):
        tested = np.concatenate([s.test for s in splits if s.repeat == repeat])
        assert sorted(tested) == list(range(N))
    for split in splits:
        assert sorted([*split.train, *split.test]) == list(range(N))


def test_the_seed_decides_the_folds():
    one, same, other = (fold(*people(), cv=4, seed=seed) for seed in (1, 1, 2))
    tests = [[s.test.tolist() for s in splits] for splits in (one, same, other)]
    assert tests[0] == tests[1] != tests[2]


def test_pairs_of_samples_become_pairs_of_people():
    task, row_of = people(np.repeat(Y[:4], 3), np.repeat(["d", "c", "b", "a"], 3))
    (split,) = fold(task, row_of, cv=[([0, 1, 3, 4], [7, 8, 9])])
    assert split.train.tolist() == [0, 1]
    assert split.test.tolist() == [2, 3]
    mask = np.arange(12) < 6
    (by_mask,) = fold(task, row_of, cv=[(mask, ~mask)])
    assert by_mask.test.tolist() == [2, 3]
    with pytest.raises(LeakageError, match="both learned from and tested"):
        fold(task, row_of, cv=[(range(7), range(7, 12))])


def test_every_site_that_nobody_is_learned_from_is_a_fold():
    site = np.repeat([1, 2, 3], 8).astype(object)
    site[20:] = None
    task, row_of = people(site=site)
    splits = fold(task, row_of, train_on=1)
    assert [s.train.tolist() for s in splits] == [list(range(8))] * 3
    assert [s.test.tolist() for s in splits] == [
        list(range(8, 16)),
        list(range(16, 20)),
        list(range(20, 24)),
    ]
    (last,) = fold(task, row_of, train_on=["1", 2.0])[:1]
    assert last.train.tolist() == list(range(16))
    with pytest.raises(ConfigError, match="must name some of the sites, not all"):
        fold(people(site=["a"] * N)[0], np.arange(N), train_on="a")


def test_the_sign_of_a_domain_says_who_is_learned_from():
    domain = np.repeat([-1, 2, -3], 8)
    splits = fold(*people(domain=domain))
    assert [s.train.tolist() for s in splits] == [list(range(8, 16))] * 2
    assert sorted(s.test.tolist() for s in splits) == [
        list(range(8)),
        list(range(16, 24)),
    ]
    for wrong in (np.ones(N), -np.ones(N), np.repeat([1, 0, -1], 8)):
        with pytest.raises(ConfigError, match="sample_domain needs positive"):
            fold(*people(domain=wrong))


def test_one_site_is_left_out_at_a_time():
    site = np.repeat(["b", "a", "c"], 8)
    splits = fold(*people(site=site), cv=LEAVE_SITE_OUT)
    assert [set(site[s.test]) for s in splits] == [{"a"}, {"b"}, {"c"}]
    assert all(set(site[s.train]) & set(site[s.test]) == set() for s in splits)


def test_a_splitter_is_told_who_belongs_together():
    task, row_of = people(np.tile(["open", "closed"], 6), np.repeat(np.arange(6), 2))
    for split in fold(task, row_of, cv=GroupKFold(3)):
        assert not set(task.clusters[split.train]) & set(task.clusters[split.test])


def test_there_must_be_two_people_per_fold_of_a_number_and_one_of_a_group():
    ages = np.arange(8.0)
    assert len(fold(*people(ages, estimator=Ridge()), cv=4)) == 4
    with pytest.raises(ConfigError, match="y has 8 people, too few for cv=5"):
        fold(*people(ages, estimator=Ridge()), cv=5)
    few = ["a"] * 9 + ["b"] * 3
    assert len(fold(*people(few), cv=3)) == 3
    with pytest.raises(ConfigError, match="3 people are 'b'.*lower cv to 3"):
        fold(*people(few), cv=4)


def test_a_fold_that_learns_from_one_group_is_refused():
    pairs = [(np.arange(0, N, 2), np.arange(1, N, 2))]
    with pytest.raises(ConfigError, match="learns from nobody who is 'patient'"):
        fold(*people(), cv=pairs)
    one_each = [(np.setdiff1d(np.arange(N), row), [row]) for row in range(N)]
    with pytest.raises(ConfigError, match="No fold tests people of two groups"):
        fold(*people(), cv=one_each)
