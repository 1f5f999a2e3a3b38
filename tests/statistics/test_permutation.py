"""Permutation p-values are exact, however early a test stops."""

import numpy as np
import pytest
from scipy import stats

from neurograft.statistics.permutation import (
    flip_signs,
    permutation_p_value,
    permute_sequentially,
    permute_within_blocks,
    sequential_p_value,
    shuffle_answers,
    shuffle_groups,
)


def draw(values):
    return lambda first, last: values[first:last]


def test_an_effect_needs_all_permutations_and_has_the_usual_p():
    values = np.random.default_rng(0).normal(size=1000)
    found = permute_sequentially(4.0, draw(values), n_permutations=1000)
    assert found.n_permutations == 1000
    assert found.p == permutation_p_value(4.0, values)


def test_no_effect_stops_early():
    values = np.random.default_rng(0).normal(size=100_000)
    found = permute_sequentially(0.0, draw(values), n_permutations=100_000)
    assert found.n_permutations < 100
    assert found.p == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_batches_do_not_matter(batch_size):
    values = np.random.default_rng(1).normal(size=1000)
    expected = sequential_p_value(1.5, values)
    found = permute_sequentially(
        1.5, draw(values), n_permutations=1000, batch_size=batch_size
    )
    assert found[:2] == expected[:2]
    assert found.permuted.tolist() == expected.permuted.tolist()
    assert len(found.permuted) == found.n_permutations


def test_under_the_null_p_is_as_small_as_it_says():
    rng = np.random.default_rng(2)
    p = np.array(
        [sequential_p_value(rng.normal(), rng.normal(size=500)).p for _ in range(4000)]
    )
    for alpha in (0.05, 0.1, 0.5):
        assert (p <= alpha).mean() <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / 4000)
    assert (p <= 0.05).mean() > 0.03


def test_permutations_keep_the_cases_of_every_fold():
    labels = np.array([1, 1, 0, 0, 0, 1, 0, 0, 1.0])
    folds = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
    permuted = permute_within_blocks(
        labels, folds, n_permutations=300, rng=np.random.default_rng(0)
    )
    for fold in range(3):
        cases = permuted[:, folds == fold].sum(1)
        assert (cases == labels[folds == fold].sum()).all()
    np.testing.assert_allclose(permuted[:, folds == 0].mean(0), 0.5, atol=0.1)


def test_permutation_p_values_count_the_observed_one():
    null = np.arange(99.0)
    assert permutation_p_value(1000.0, null) == 1 / 100
    assert permutation_p_value(-1.0, null) == 1.0
    assert permutation_p_value(89.0, null) == 11 / 100  # ties are as good


def test_permutation_p_values_are_uniform_under_the_null():
    rng = np.random.default_rng(0)
    p = [permutation_p_value(rng.normal(), rng.normal(size=199)) for _ in range(2000)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_labels_of_any_type_are_exchanged_within_blocks_and_without_blocks_freely():
    labels = np.array(["a", "b", "b", "c"])
    rng = np.random.default_rng(0)
    free = permute_within_blocks(labels, n_permutations=200, rng=rng)
    assert (np.sort(free, axis=1) == labels).all()
    assert {row[0] for row in free} == {"a", "b", "c"}
    fixed = permute_within_blocks(labels, np.arange(4), n_permutations=3, rng=rng)
    assert (fixed == labels).all()


def make_noise(n_people, n_features, seed):
    """Features of people that resemble their neighbours, as sensors do."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((n_people, n_features + 4))
    return sum(values[:, i : i + n_features] for i in range(5)), rng


def test_a_planted_difference_survives_and_elsewhere_nothing_does():
    values, rng = make_noise(60, 76, 0)
    is_second = np.arange(60) < 25
    values[is_second, 30:34] += 3.5
    found = shuffle_groups(values, is_second, n_permutations=500, rng=rng)
    assert (found.p[30:34] < 0.05).all()
    assert (found.t[30:34] > 4).all()
    assert (found.p[45:] > 0.05).all()
    assert found.p.min() >= 1 / 501


def test_welch_t_is_that_of_scipy():
    values, rng = make_noise(20, 6, 1)
    is_second = np.arange(20) < 7
    found = shuffle_groups(1e4 + values, is_second, n_permutations=9, rng=rng)
    expected = stats.ttest_ind(values[is_second], values[~is_second], equal_var=False)
    np.testing.assert_allclose(found.t, expected.statistic)
    pairs = flip_signs(values, n_permutations=9, rng=rng)
    np.testing.assert_allclose(pairs.t, stats.ttest_1samp(values, 0).statistic)


@pytest.mark.parametrize("kind", ["groups", "blocks", "pairs"])
def test_without_a_difference_hardly_anything_is_found(kind):
    """Of 200 samples some feature is found in 5 % (binomial, 99.9 %: 1 to 10 %)."""
    n_found = 0
    for seed in range(200):
        values, rng = make_noise(24, 40, seed)
        is_second, blocks = np.arange(24) % 3 == 0, None
        if kind == "blocks":  # two sites that differ, with other shares of groups
            blocks = (np.arange(24) < 8).astype(int)
            is_second = np.where(blocks, np.arange(24) % 4 != 0, np.arange(24) % 4 == 0)
            values[blocks == 1] += 5
        if kind == "pairs":
            found = flip_signs(values, n_permutations=99, rng=rng)
        else:
            found = shuffle_groups(
                values, is_second, blocks, n_permutations=99, rng=rng
            )
        n_found += found.p.min() <= 0.05
    assert 2 <= n_found <= 20


def test_a_planted_difference_within_pairs_survives():
    values, rng = make_noise(20, 40, 0)
    values[:, 3] += 3
    found = flip_signs(values, n_permutations=999, rng=rng)
    assert found.p[3] < 0.05
    assert found.t[3] > 0


def test_the_same_seed_gives_the_same_p_values():
    values, _ = make_noise(20, 10, 0)
    is_second = np.arange(20) < 10
    first, second = (
        shuffle_groups(
            values, is_second, n_permutations=99, rng=np.random.default_rng(3)
        )
        for _ in range(2)
    )
    assert first.p.tolist() == second.p.tolist()


def test_what_does_not_vary_or_has_one_member_is_not_found():
    values = np.zeros((10, 3))
    values[:, 1] = np.arange(10)
    is_second = np.arange(10) < 5
    rng = np.random.default_rng(0)
    found = shuffle_groups(values, is_second, n_permutations=19, rng=rng)
    assert found.t[0] == found.t[2] == 0
    assert found.p[0] == 1
    alone = shuffle_groups(values, np.arange(10) == 0, n_permutations=19, rng=rng)
    assert np.isnan(alone.t).all()
    assert np.isnan(alone.p).all()
    one_pair = flip_signs(values[:1], n_permutations=19, rng=rng)
    assert np.isnan(one_pair.p).all()


def test_answers_are_correlated_with_every_feature():
    rng = np.random.default_rng(0)
    answers, values = rng.standard_normal(30), rng.standard_normal((30, 4))
    values[:, 2] = 3 * answers + 1
    values[:, 3] = 7.0
    found = shuffle_answers(answers, values, n_permutations=99, rng=rng)
    expected = [np.corrcoef(answers, values[:, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(found.t, [*expected, 0], atol=1e-12)
    assert found.p[2] == 1 / 100
    assert found.p[3] == 1


def test_answers_that_go_with_nothing_are_found_in_one_of_twenty_draws():
    rng = np.random.default_rng(1)
    shared = rng.standard_normal((300, 24, 1))
    values = shared + rng.standard_normal((300, 24, 10))
    smallest = [
        shuffle_answers(
            rng.standard_normal(24), own, n_permutations=99, rng=rng
        ).p.min()
        for own in values
    ]
    assert np.mean(np.array(smallest) <= 0.05) == pytest.approx(0.05, abs=0.03)


def test_shuffled_answers_lose_the_means_of_folds_too():
    rng = np.random.default_rng(3)
    folds = np.arange(12) // 2  # half of all directions are means of folds
    means = (folds[:, None] == folds) / 2
    centring = np.eye(12) - means
    found = {True: [], False: []}
    for _ in range(200):
        answers, values = rng.standard_normal(12), rng.standard_normal((12, 3))
        for is_told, levels in found.items():
            test = shuffle_answers(
                centring @ answers, centring @ values, n_permutations=99, rng=rng,
                centring=centring if is_told else None,
            )  # fmt: skip
            levels.append(test.p.min() <= 0.05)
    assert np.mean(found[True]) == pytest.approx(0.05, abs=0.04)
    assert np.mean(found[False]) > 0.15


def test_answers_are_exchanged_within_blocks_only():
    rng = np.random.default_rng(2)
    blocks = np.repeat([0, 1], 15)
    answers = blocks + 0.01 * rng.standard_normal(30)
    values = blocks[:, None] + 0.01 * rng.standard_normal((30, 1))
    everybody, within = (
        shuffle_answers(answers, values, own, n_permutations=199, rng=rng).p[0]
        for own in (None, blocks)
    )
    assert everybody == 1 / 200
    assert within > 0.05
