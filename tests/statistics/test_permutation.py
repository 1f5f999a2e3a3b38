"""Permutation p-values are exact, however early a test stops."""

import numpy as np
import pytest

from neurograft.statistics.permutation import (
    permutation_p_value,
    permute_sequentially,
    permute_within_blocks,
    sequential_p_value,
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
