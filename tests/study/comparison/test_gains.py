"""Gains hold the variance of seeds, and a choice among variants is judged elsewhere."""

import numpy as np
import pytest

from neurograft.study.comparison.compare import join_seeds
from neurograft.study.comparison.gains import average_seeds, choose_on_others


def make_scores(values, n_resamples=400):
    """Scores of seeds that differ by seed only, the same in every resample."""
    return {
        ("mae", "disease", seed): {5: np.full(1 + n_resamples, value)}
        for seed, value in enumerate(values)
    }


def test_seeds_are_drawn_anew_in_every_resample():
    values = [0.6, 0.7, 0.9]
    one = average_seeds(make_scores(values), seed=0)["mae", "disease", 5]
    assert one.mean[0] == pytest.approx(np.mean(values))
    assert one.n_seeds == 3
    assert one.seed_sd == pytest.approx(np.std(values, ddof=1))
    # The mean of three of three seeds drawn with replacement: SD / sqrt(3).
    assert one.mean[1:].std() == pytest.approx(np.std(values) / np.sqrt(3), rel=0.15)
    assert one.mean[1:].mean() == pytest.approx(np.mean(values), abs=0.02)


def test_one_seed_says_nothing_about_the_variance_of_seeds():
    one = average_seeds(make_scores([0.6]), seed=0)["mae", "disease", 5]
    assert np.isnan(one.seed_sd)
    assert one.mean.std() < 1e-12


def test_the_seeds_of_a_resample_are_the_same_on_every_task():
    scores = {
        ("mae", task, seed): {n: np.full(51, float(seed)) for n in (0, 5)}
        for task in ("a", "b")
        for seed in range(4)
    }
    found = average_seeds(scores, seed=3)
    first = found["mae", "a", 0].mean
    assert first[1:].std() > 0
    for key in found:
        np.testing.assert_array_equal(found[key].mean, first)


def test_the_best_of_many_variants_without_an_effect_gains_nothing():
    """The largest mean of thirty would; chosen on other tasks, it does not."""
    rng = np.random.default_rng(0)
    gains = rng.normal(0, 0.02, (30, 5, 2000))
    assert gains.mean(1).max(0).mean() > 0.015
    assert choose_on_others(gains).mean() == pytest.approx(0, abs=0.001)


def test_a_variant_that_is_best_everywhere_is_chosen_everywhere():
    gains = np.zeros((3, 4, 10))
    gains[1] = 0.05
    np.testing.assert_allclose(choose_on_others(gains), 0.05)


def test_four_untrained_encoders_are_one_four_times_as_wide():
    seeds = [np.full((3, 2), float(seed)) for seed in range(10)]
    wide = join_seeds(seeds)
    assert [one.shape for one in wide] == [(3, 8), (3, 8)]  # the last two are left over
    np.testing.assert_array_equal(wide[1][0], [4, 4, 5, 5, 6, 6, 7, 7])
    assert join_seeds(seeds[:3]) == []
