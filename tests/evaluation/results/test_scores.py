"""Scores with few labels: intervals hold whom the labels fell on."""

from dataclasses import replace

import numpy as np
import pytest

from neurograft.evaluation.cross_validation import list_learned
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.estimates import Resampling
from neurograft.evaluation.results.scores import Score, estimate
from neurograft.statistics.intervals import leave_out_weights
from neurograft.statistics.metrics.by_kind import brier_of_classes
from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.splits import Split

N, EACH, N_DRAWS = 24, 5, 60
LABELS = np.repeat([0.0, 1.0], N)


def draw_cohort(rng, *, n_draws=N_DRAWS):
    """Draws of few people, a discriminant of each, and scores of everybody else."""
    features = rng.normal(size=(2 * N, 6)) + 0.8 * LABELS[:, None] * np.eye(6)[0]
    scores, folds = np.zeros((n_draws, 2 * N)), np.full((n_draws, 2 * N), -1)
    splits = []
    for draw in range(n_draws):
        train = np.concatenate(
            [rng.permutation(np.flatnonzero(k == LABELS))[:EACH] for k in (0, 1)]
        )
        test = np.setdiff1d(np.arange(2 * N), train)
        means = [features[train[LABELS[train] == k]].mean(0) for k in (0, 1)]
        scores[draw, test] = features[test] @ (means[1] - means[0])
        folds[draw, test] = 0
        splits.append(Split(draw, 0, train, test))
    return Predictions(LABELS, scores, scores, folds), splits


def resample_people(rng, n_bootstraps=300):
    weights = np.zeros((n_bootstraps, 2 * N))
    for k in (0, 1):
        own = np.flatnonzero(k == LABELS)
        weights[:, own] = rng.multinomial(N, np.full(N, 1 / N), size=n_bootstraps)
    rows = np.arange(2 * N)
    return Resampling(weights, 1 - np.eye(2 * N), LABELS.astype(int), rows)


def test_the_spread_between_cohorts_lies_in_the_interval_of_one():
    """Resampled tested people alone promise too much: others might have been there."""
    rng = np.random.default_rng(0)
    values, narrow, whole = [], [], []
    for _ in range(80):
        p, splits = draw_cohort(rng)
        resampling = resample_people(rng)
        one = estimate(p, auroc, resampling, list_learned(splits, 2 * N))
        values.append(one.value)
        narrow.append(one.resampled.std())
        whole.append(one.everything[1:].std())
    spread = np.std(values, ddof=1)
    assert np.mean(whole) == pytest.approx(spread, rel=0.25)
    assert np.mean(narrow) < 0.9 * spread


@pytest.mark.slow
def test_more_draws_do_not_make_an_interval_narrow():
    """Ten times as many draws tell more of the same people, and of no others."""
    few, many = [], []
    for seed in range(8):
        for n_draws, found in ((N_DRAWS, few), (10 * N_DRAWS, many)):
            rng = np.random.default_rng(seed)
            p, splits = draw_cohort(rng, n_draws=n_draws)
            own = list_learned(splits, 2 * N)
            one = estimate(p, auroc, resample_people(rng), own)
            low, high = one.limit()
            found.append(high - low)
    assert np.mean(many) > 0.7 * np.mean(few)


def test_without_those_learned_from_only_the_tested_are_resampled():
    rng = np.random.default_rng(1)
    p, splits = draw_cohort(rng)
    resampling = resample_people(rng)
    plain = estimate(p, auroc, resampling)
    np.testing.assert_array_equal(plain.everything[1:], plain.resampled)
    also = estimate(p, auroc, resampling, list_learned(splits, 2 * N))
    np.testing.assert_array_equal(also.resampled, plain.resampled)
    assert also.everything[0] == plain.value
    assert np.abs(also.everything - plain.everything).max() > 0


def test_no_interval_passes_the_ends_of_its_metric():
    """People learned from are resampled to first order, which knows no ends."""
    rng = np.random.default_rng(4)
    p, _ = draw_cohort(rng, n_draws=2)
    result = MethodResult("classification", p, np.empty(0), 1 / 3)
    score = Score(result, auroc, resample_people(rng))
    whole = score.estimate
    far = whole.value + 6 * (whole.resampled - whole.value)
    score.estimate = replace(whole, resampled=far)
    assert score.estimate.limit()[1] > 1
    low, high = score.limit("AUROC")
    assert 0 <= low < score.value < high == 1
    assert score.limit("a slope") == score.estimate.limit()


def score_perfectly(n_each, n_recordings):
    """Score people who are told apart without a fault, each in several recordings."""
    labels = np.repeat([0.0, 1.0], n_each * n_recordings)
    clusters = np.repeat(np.arange(2 * n_each), n_recordings)
    p = Predictions(
        labels, labels[None], labels[None], np.zeros((1, len(labels)), dtype=int)
    )
    strata = np.repeat([0, 1], n_each)
    left_out = leave_out_weights(clusters)
    once = np.ones((100, len(labels)))
    result = MethodResult("classification", p, np.empty(0), 0.25)
    return Score(result, auroc, Resampling(once, left_out, strata)).limit("AUROC")


def test_more_recordings_of_the_same_people_make_perfection_no_surer():
    assert score_perfectly(8, 6) == score_perfectly(8, 1)
    assert score_perfectly(16, 1)[0] > score_perfectly(8, 1)[0]


def test_a_brier_score_of_three_groups_lies_in_its_interval_above_one_too():
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3.0
    wrong = np.eye(3)[(labels.astype(int) + 1) % 3]
    said = 0.9 * wrong + 0.1 * rng.dirichlet(np.ones(3), 30)
    p = Predictions(labels, said[None], labels[None], np.zeros((1, 30), dtype=int))
    weights = rng.multinomial(30, np.full(30, 1 / 30), size=200).astype(float)
    rows = np.zeros(30, dtype=int)
    result = MethodResult("multiclass", p, np.empty(0), 0.25)
    score = Score(result, brier_of_classes, Resampling(weights, 1 - np.eye(30), rows))
    low, high = score.limit("Brier score")
    assert 1 < low < score.value < high < 2
