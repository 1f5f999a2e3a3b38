"""Weighted metrics of classes equal those of scikit-learn on resampled people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from neurograft.statistics.metrics import classification as metrics
from neurograft.statistics.metrics.predictions import Predictions

CASES = [
    ("auroc", lambda y, s, d, w: reference.roc_auc_score(y, s, sample_weight=w)),
    (
        "balanced_accuracy",
        lambda y, s, d, w: reference.balanced_accuracy_score(y, d, sample_weight=w),
    ),
    ("brier", lambda y, s, d, w: reference.brier_score_loss(y, s, sample_weight=w)),
    (
        "auprc",
        lambda y, s, d, w: reference.average_precision_score(y, s, sample_weight=w),
    ),
    (
        "matthews",
        lambda y, s, d, w: reference.matthews_corrcoef(y, d, sample_weight=w),
    ),
    (
        "sensitivity",
        lambda y, s, d, w: find_sensitivity(*reference.roc_curve(
            y, s, sample_weight=w, drop_intermediate=False)),
    ),
]  # fmt: skip


def make_predictions(seed=0, n=30, n_repeats=3, n_folds=1):
    """Probabilities with ties, better than chance."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(float)
    noise = rng.standard_normal((n_repeats, n))
    scores = np.round(1 / (1 + np.exp(-labels - noise)), 1)
    folds = np.stack(
        [rng.permutation(np.arange(n) % n_folds) for _ in range(n_repeats)]
    )
    return Predictions(labels, scores, (scores > 0.6).astype(float), folds)


def draw_weights(p, seed=1, n=4):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, (n, len(p.labels)))
    counts[:, :6] += 1
    return counts.astype(float)


def find_sensitivity(false_positive_rate, true_positive_rate, _):
    return true_positive_rate[false_positive_rate <= 0.1 + 1e-9].max()


def test_auroc_never_compares_subjects_of_different_folds():
    p = make_predictions(n_folds=3)
    offset = np.where(p.folds == 0, 100.0, 0.0)  # one fold's model is shifted
    shifted = Predictions(p.labels, p.scores + offset, p.decisions, p.folds)
    everybody = np.ones((1, 30))
    assert metrics.auroc(shifted, everybody) == pytest.approx(
        metrics.auroc(p, everybody)
    )


def test_the_area_of_turned_scores_is_what_is_missing_to_one():
    p = make_predictions(n_folds=2)
    turned = Predictions(p.labels, 1 - p.scores, p.decisions, p.folds)
    weights = draw_weights(p)
    np.testing.assert_allclose(
        metrics.auroc(turned, weights), 1 - metrics.auroc(p, weights)
    )


def test_ranks_alone_decide_the_area_and_the_average_precision():
    p = make_predictions()
    warped = Predictions(p.labels, np.exp(3 * p.scores), p.decisions, p.folds)
    weights = draw_weights(p)
    for metric in (metrics.auroc, metrics.auprc, metrics.sensitivity):
        np.testing.assert_allclose(metric(warped, weights), metric(p, weights))


@given(st.integers(0, 50))
def test_a_constant_score_has_an_auroc_of_one_half(seed):
    p = make_predictions(seed)
    flat = Predictions(p.labels, 0 * p.scores, p.decisions, p.folds)
    assert metrics.auroc(flat, draw_weights(p, seed)) == pytest.approx(0.5)


@given(st.integers(0, 50))
def test_metrics_are_between_their_bounds(seed):
    p = make_predictions(seed)
    weights = draw_weights(p, seed)
    unbounded = ("calibration slope", "calibration intercept")
    for name, metric in metrics.CLASSIFICATION_METRICS.items():
        values = metric(p, weights)
        if name not in unbounded:
            assert ((values >= -(name == "MCC")) & (values <= 1)).all(), name


def test_calibration_is_that_of_one_probability_per_person():
    p = make_predictions(n=200)
    mean = p.scores.mean(0)[None]
    one = Predictions(p.labels, mean, p.decisions[:1], p.folds[:1])
    everybody = np.ones((1, 200))
    for metric in (
        metrics.calibration_slope,
        metrics.calibration_intercept,
        metrics.calibration_error,
    ):
        assert metric(p, everybody)[0] == pytest.approx(metric(one, everybody)[0])


@pytest.mark.parametrize(("name", "expected"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_metrics_equal_a_second_source(name, expected, seed):
    p = make_predictions(seed)
    weights = draw_weights(p)
    values = getattr(metrics, name)(p, weights)
    for value, w in zip(values, weights, strict=True):
        by_repeat = [
            expected(p.labels, s, d, w)
            for s, d in zip(p.scores, p.decisions, strict=True)
        ]
        assert value == pytest.approx(np.mean(by_repeat))


def test_a_fold_of_one_group_has_no_pairs():
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    scores = np.array([[0.9, 0.8, 0.1, 0.2]])
    folds = np.array([[0, 0, 1, 1]])
    p = Predictions(labels, scores, scores, folds)
    assert np.isnan(metrics.auroc(p, np.ones((1, 4)))[0])
