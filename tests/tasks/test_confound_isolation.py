import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.tasks.confound_isolation import correlate, isolate


def make_confounded(n=80, seed=0, strength=1.5):
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 2).astype(float)
    return labels, 50 + 10 * (strength * labels + rng.standard_normal(n))


def test_what_is_left_does_not_tell_the_label():
    labels, age = make_confounded(strength=0.7)
    kept = isolate(labels, age, np.arange(80))
    assert abs(correlate(labels, age)) > 0.3
    assert abs(correlate(labels[kept], age[kept])) <= 0.05
    assert len(kept) >= 0.4 * 80
    assert set(labels[kept]) == {0, 1}


@given(st.integers(0, 30))
def test_only_rows_that_may_be_tested_are_kept_in_their_order(seed):
    labels, age = make_confounded(seed=seed)
    rows = np.random.default_rng(seed).permutation(80)[:30]
    kept = isolate(labels, age, rows)
    positions = [rows.tolist().index(row) for row in kept]
    assert positions == sorted(positions)


def test_each_step_takes_the_row_that_helps_most():
    labels, age = make_confounded(n=20)
    kept = isolate(labels, age, np.arange(20), min_share=0.95)
    by_hand = [
        abs(np.corrcoef(np.delete(labels, i), np.delete(age, i))[0, 1])
        for i in range(20)
    ]
    assert set(range(20)) - set(kept) == {int(np.argmin(by_hand))}


def test_unrelated_confounds_cost_nobody():
    labels = np.tile([0.0, 1.0], 10)
    age = np.repeat(np.arange(10.0), 2)
    assert isolate(labels, age, np.arange(20)).tolist() == list(range(20))


def test_rows_without_a_known_confound_go_first():
    labels, age = make_confounded(strength=0.0)
    age[3] = np.nan
    assert 3 not in isolate(labels, age, np.arange(80))


def test_the_least_share_is_kept_even_if_the_groups_do_not_overlap():
    labels = np.repeat([0.0, 1.0], 10)
    kept = isolate(labels, 100 * labels, np.arange(20))
    assert len(kept) == 8
    assert (labels[kept] == 1).sum() >= 2
    assert (labels[kept] == 0).sum() >= 2


def test_a_group_of_two_is_never_thinned_out():
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    kept = isolate(labels, labels, np.arange(4), min_share=0.1)
    assert len(kept) == 4
    six = np.array([1.0, 1.0, 0.0, 0.0, 2.0, 2.0])
    assert len(isolate(six, six, np.arange(6), min_share=0.1)) == 4


def test_a_constant_correlates_with_nothing():
    assert correlate(np.ones(5), np.arange(5.0)) == pytest.approx(0)
