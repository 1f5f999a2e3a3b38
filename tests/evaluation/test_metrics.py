"""Weighted metrics equal scikit-learn's on resampled subjects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from neurograft.evaluation import metrics
from neurograft.evaluation.metrics import Predictions


def make_predictions(seed=0, n=30, n_repeats=3, n_folds=1, classes=True):
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(float) if classes else rng.normal(50, 15, n)
    noise = rng.standard_normal((n_repeats, n))
    if classes:
        scores = np.round(1 / (1 + np.exp(-labels - noise)), 1)  # with ties
        decisions = (scores > 0.6).astype(float)
    else:
        scores = decisions = labels + 10 * noise
    folds = np.stack(
        [rng.permutation(np.arange(n) % n_folds) for _ in range(n_repeats)]
    )
    return Predictions(labels, scores, decisions, folds)


def draw_weights(p, seed=1, n=4):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, (n, len(p.labels)))
    counts[:, :6] += 1
    return counts.astype(float)


CASES = [
    ("auroc", lambda y, s, d, w: reference.roc_auc_score(y, s, sample_weight=w), True),
    (
        "balanced_accuracy",
        lambda y, s, d, w: reference.balanced_accuracy_score(y, d, sample_weight=w),
        True,
    ),
    (
        "brier",
        lambda y, s, d, w: reference.brier_score_loss(y, s, sample_weight=w),
        True,
    ),
    (
        "mean_absolute_error",
        lambda y, s, d, w: reference.mean_absolute_error(y, s, sample_weight=w),
        False,
    ),
    ("r2", lambda y, s, d, w: reference.r2_score(y, s, sample_weight=w), False),
    (
        "pearson_r",
        lambda y, s, d, w: np.corrcoef(np.repeat([y, s], w.astype(int), axis=1))[0, 1],
        False,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected", "classes"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_metrics_equal_a_second_source(name, expected, classes, seed):
    p = make_predictions(seed, classes=classes)
    weights = draw_weights(p)
    found = getattr(metrics, name)(p, weights)
    for row, w in zip(found, weights, strict=True):
        by_repeat = [
            expected(p.labels, s, d, w)
            for s, d in zip(p.scores, p.decisions, strict=True)
        ]
        assert row == pytest.approx(np.mean(by_repeat))


def test_auroc_never_compares_subjects_of_different_folds():
    p = make_predictions(n_folds=3)
    offset = np.where(p.folds == 0, 100.0, 0.0)  # one fold's model is shifted
    shifted = Predictions(p.labels, p.scores + offset, p.decisions, p.folds)
    everybody = np.ones((1, 30))
    assert metrics.auroc(shifted, everybody) == pytest.approx(
        metrics.auroc(p, everybody)
    )


@given(st.integers(0, 50))
def test_a_constant_score_has_an_auroc_of_one_half(seed):
    p = make_predictions(seed)
    flat = Predictions(p.labels, 0 * p.scores, p.decisions, p.folds)
    assert metrics.auroc(flat, draw_weights(p, seed)) == pytest.approx(0.5)


def test_a_constant_prediction_correlates_with_nothing():
    p = make_predictions(classes=False)
    flat = Predictions(p.labels, np.full_like(p.scores, 51.3), p.decisions, p.folds)
    np.testing.assert_array_equal(metrics.pearson_r(flat, draw_weights(p)), 0)


@given(st.integers(0, 50))
def test_metrics_are_between_their_bounds(seed):
    p = make_predictions(seed)
    weights = draw_weights(p, seed)
    for metric in metrics.CLASSIFICATION_METRICS.values():
        values = metric(p, weights)
        assert ((values >= 0) & (values <= 1)).all()


def test_the_primary_metric_comes_first():
    assert next(iter(metrics.choose_metrics(is_classification=True))) == "AUROC"
    assert (
        next(iter(metrics.choose_metrics(is_classification=False)))
        == "mean absolute error"
    )
