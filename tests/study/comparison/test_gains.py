"""Gains hold the variance of seeds, and a choice among variants is judged elsewhere."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.variants.comparison import ComparisonConfig
from neurograft.evaluation.results.estimates import Estimate, Resampling
from neurograft.study.comparison.compare import join_seeds
from neurograft.study.comparison.comparison_task import Compared
from neurograft.study.comparison.gains import (
    average_seeds,
    choose_on_others,
    list_variant_differences,
)
from neurograft.tasks.task import Task

RESAMPLING = Resampling(np.ones((400, 4)), np.ones((4, 4)), np.zeros(4, int))


def make_estimate(value, n_resamples=400):
    """The same value in every resample."""
    return Estimate(value, np.full(n_resamples, value), np.full(4, value), RESAMPLING)


def make_scores(values):
    """Scores of seeds that differ by seed only, the same in every resample."""
    return {
        ("mae", "disease", seed): {5: make_estimate(value)}
        for seed, value in enumerate(values)
    }


def test_seeds_are_drawn_anew_in_every_resample():
    values = [0.6, 0.7, 0.9]
    one = average_seeds(make_scores(values), seed=0)["mae", "disease", 5]
    assert one.mean.value == pytest.approx(np.mean(values))
    assert one.n_seeds == 3
    assert one.seed_sd == pytest.approx(np.std(values, ddof=1))
    # The mean of three of three seeds drawn with replacement: SD / sqrt(3).
    assert one.mean.resampled.std() == pytest.approx(
        np.std(values) / np.sqrt(3), rel=0.15
    )
    assert one.mean.resampled.mean() == pytest.approx(np.mean(values), abs=0.02)


def test_one_seed_says_nothing_about_the_variance_of_seeds():
    one = average_seeds(make_scores([0.6]), seed=0)["mae", "disease", 5]
    assert np.isnan(one.seed_sd)
    assert one.mean.everything.std() < 1e-12


def test_the_seeds_of_a_resample_are_the_same_on_every_task():
    scores = {
        ("mae", task, seed): {n: make_estimate(float(seed), 50) for n in (0, 5)}
        for task in ("a", "b")
        for seed in range(4)
    }
    found = average_seeds(scores, seed=3)
    first = found["mae", "a", 0].mean.resampled
    assert first.std() > 0
    for key in found:
        np.testing.assert_array_equal(found[key].mean.resampled, first)


def test_a_gain_varies_with_whom_few_labels_fell_on():
    """Half of the people are good to learn from: more of them, more gained."""
    rng = np.random.default_rng(4)
    n, n_draws = 24, 300
    weights = rng.multinomial(n, np.full(n, 1 / n), size=500).astype(float)
    resampling = Resampling(weights, 1 - np.eye(n), np.zeros(n, int), np.arange(n))
    learned = np.zeros((n_draws, n), dtype=bool)
    for row in learned:
        row[rng.permutation(n)[:6]] = True
    draws = np.tile((learned[:, :12].mean(1) * 0.2)[:, None], n)
    flat = np.full(500, draws.mean())
    own = Estimate(
        float(draws.mean()), flat, flat[:n], resampling, draws, is_learned=learned
    )
    other = replace(own, draws=0 * draws)
    assert own.subtract(own).everything.std() == 0
    gained = own.subtract(other).everything[1:]
    # Each of six learned from adds .2 / 12: the mean of 24 people, drawn again.
    adds = np.repeat([0.2 / 12, 0.0], 12)
    assert gained.std() == pytest.approx(6 * adds.std() / np.sqrt(n), rel=0.15)


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


def test_two_variants_are_compared_on_the_same_people():
    """What people share leaves the difference, a mean over tasks and labels."""
    rng = np.random.default_rng(0)
    shared, own = rng.normal(0, 0.1, 400), rng.normal(0, 0.01, (3, 400))
    levels = {"mae": 0.70, "jepa": 0.65, "latent": 0.72}
    # How much lower the second variant is on a task, and with ten labels.
    below = {"a": 0.00, "b": 0.04}
    scores = {}
    for (name, level), noise in zip(levels.items(), own, strict=True):
        for task in below:
            budgets = {}
            for n in (0, 5, 10):
                lost = (below[task] + 0.02 * (n == 10)) * (name == "jepa")
                everybody = level - lost
                resampled = everybody + shared + noise
                budgets[n] = Estimate(
                    everybody, resampled, np.full(4, everybody), RESAMPLING
                )
            scores[name, task, 0] = budgets
    groups = ("control", "case")
    tasks = [
        Compared(
            Task(name, "classification", groups, (), pd.DataFrame(), {}),
            (),
            {0: [], 5: [], 10: []},
            RESAMPLING,
        )
        for name in below
    ]
    scored, settings = average_seeds(scores, seed=0), ComparisonConfig()
    rows = list(list_variant_differences(scored, list(levels), tasks, settings))
    pairs = [(row["variant"], row["compared_with"]) for row in rows[:3]]
    assert pairs == [("jepa", "mae"), ("latent", "mae"), ("latent", "jepa")]
    jepa = {row["labels_per_class"]: row for row in rows[::3]}
    found = {labels: row["value"] for labels, row in jepa.items()}
    assert found == pytest.approx(
        {"all": -0.07, "5": -0.07, "10": -0.09, "5 and 10": -0.08}
    )
    for row in jepa.values():
        assert row["n_tasks"] == 2
        assert row["ci_low"] < row["value"] < row["ci_high"] < 0
        assert row["ci_high"] - row["ci_low"] < 0.08  # people alone spread .4
