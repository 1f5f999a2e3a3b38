"""The area under the curve is the AUROC, whatever the folds, repeats and weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_curve

from neurograft.statistics.metrics.classification import auroc
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.metrics.roc import GRID, trace_roc

# The curve is read at hundredths; between two of them a step may lie anywhere.
OF_THE_GRID = 0.5 / 100 + 1e-9


def make_predictions(seed, *, n=37, n_repeats=3, n_folds=3, digits=1):
    """Scores better than chance; unequal folds, and some who are tested in none."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(float)
    labels[:2] = 0, 1
    scores = np.round(labels + rng.standard_normal((n_repeats, n)), digits)
    shares = np.arange(1, n_folds + 2) / np.arange(1, n_folds + 2).sum()
    folds = rng.choice(np.arange(-1, n_folds), (n_repeats, n), p=shares)
    folds[:, :2] = 0
    return Predictions(labels, np.where(folds < 0, np.nan, scores), scores, folds)


def find_area(curve):
    return np.trapezoid(curve, GRID, axis=-1)


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 8]))
def test_the_area_is_the_auroc(seed, digits):
    p = make_predictions(seed, digits=digits)
    weights = np.random.default_rng(seed).integers(0, 4, (5, len(p.labels)))
    weights = weights.astype(float)
    weights[:, :2] += 1
    curve = trace_roc(p, weights)
    np.testing.assert_allclose(find_area(curve), auroc(p, weights), atol=OF_THE_GRID)
    assert (np.diff(curve, axis=1) >= -1e-12).all()
    np.testing.assert_allclose(curve[:, -1], 1)


def test_scores_that_all_tie_give_the_diagonal_of_chance():
    p = make_predictions(0)
    p = Predictions(p.labels, 0 * p.decisions, p.decisions, p.folds)
    curve = trace_roc(p, np.ones((1, len(p.labels))))
    np.testing.assert_allclose(curve[0], GRID, atol=1e-9)


def test_a_single_fold_gives_the_usual_curve():
    rng = np.random.default_rng(1)
    labels = np.repeat([0.0, 1.0], [37, 23])  # no step of 1 / 37 lies on the grid
    scores = np.round(labels + rng.standard_normal(60), 1)
    p = Predictions(labels, scores[None], scores[None], np.zeros((1, 60), dtype=int))
    curve = trace_roc(p, np.ones((1, 60)))[0]
    x, y, _ = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve[1:-1], np.interp(GRID[1:-1], x, y), atol=1e-9)


def test_a_shift_of_one_fold_changes_nothing():
    p = make_predictions(2)
    shifted = np.where(p.folds == 0, 5.0, 0.0) + p.scores
    once = np.ones((1, len(p.labels)))
    moved = Predictions(p.labels, shifted, p.decisions, p.folds)
    np.testing.assert_allclose(trace_roc(moved, once), trace_roc(p, once), atol=1e-9)


def test_a_person_drawn_twice_counts_as_two():
    p = make_predictions(3)
    weights = np.ones((1, len(p.labels)))
    weights[0, 4:9] = 2
    twice = p.rows(np.append(np.arange(len(p.labels)), np.arange(4, 9)))
    np.testing.assert_allclose(
        trace_roc(p, weights),
        trace_roc(twice, np.ones((1, len(twice.labels)))),
        atol=1e-9,
    )


@pytest.mark.parametrize("folds", [[0, 1], [-1, 0], [-1, -1]])
def test_without_a_fold_of_both_groups_there_is_no_curve(folds):
    scores = np.array([[0.2, 0.8]])
    p = Predictions(np.array([0.0, 1.0]), scores, scores, np.array([folds]))
    assert np.isnan(trace_roc(p, np.ones((2, 2)))).all()


def test_repeats_give_small_rates_that_a_fold_of_few_controls_cannot():
    rng = np.random.default_rng(4)
    labels = np.repeat([0.0, 1.0], 36)
    truth = norm.sf(norm.isf(0.05) - 1.2)
    gaps = {1: [], 10: []}
    for _ in range(60):
        scores = 1.2 * labels + rng.standard_normal(72)
        for n_repeats, found in gaps.items():
            folds = np.stack([rng.permutation(np.arange(72) % 5)] * n_repeats)
            folds = rng.permuted(folds, axis=1)
            said = np.tile(scores, (n_repeats, 1))
            p = Predictions(labels, said, said, folds)
            found.append(trace_roc(p, np.ones((1, 72)))[0, 5] - truth)
    assert np.mean(gaps[10]) == pytest.approx(0, abs=0.05)
    assert np.mean(gaps[1]) > 0.08
