import numpy as np
import pytest

from neurograft.statistics.permutation import (
    permutation_p_value,
    permute_sequentially,
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
