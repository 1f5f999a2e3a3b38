"""Weighted metrics equal scikit-learn's on resampled subjects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from neurograft.statistics.metrics import classification as metrics
from neurograft.statistics.metrics import regression
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.predictions import Predictions


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


def find_sensitivity(false_positive_rate, true_positive_rate, _):
    return true_positive_rate[false_positive_rate <= 0.1 + 1e-9].max()


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
        "auprc",
        lambda y, s, d, w: reference.average_precision_score(y, s, sample_weight=w),
        True,
    ),
    (
        "matthews",
        lambda y, s, d, w: reference.matthews_corrcoef(y, d, sample_weight=w),
        True,
    ),
    (
        "sensitivity",
        lambda y, s, d, w: find_sensitivity(*reference.roc_curve(
            y, s, sample_weight=w, drop_intermediate=False)),
        True,
    ),
    (
        "root_mean_square",
        lambda y, s, d, w: reference.root_mean_squared_error(y, s, sample_weight=w),
        False,
    ),
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
    found = getattr(metrics if classes else regression, name)(p, weights)
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
    np.testing.assert_array_equal(regression.pearson_r(flat, draw_weights(p)), 0)


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


def test_weights_count_people_as_if_they_stood_there_so_often():
    for classes, table in (
        (True, metrics.CLASSIFICATION_METRICS),
        (False, regression.REGRESSION_METRICS),
    ):
        p = make_predictions(n=60, classes=classes)
        weights = draw_weights(p, n=1)
        rows = np.repeat(np.arange(60), weights[0].astype(int))
        repeated = Predictions(
            p.labels[rows], p.scores[:, rows], p.decisions[:, rows], p.folds[:, rows]
        )
        for name, metric in table.items():
            if name == "Spearman r":
                continue  # ranks are those of everybody, for speed
            once = metric(repeated, np.ones((1, len(rows))))[0]
            assert metric(p, weights)[0] == pytest.approx(once, abs=1e-6), name


def test_rows_that_nobody_tested_never_count():
    for classes, table in (
        (True, metrics.CLASSIFICATION_METRICS),
        (False, regression.REGRESSION_METRICS),
    ):
        p = make_predictions(n=60, classes=classes)
        kept = np.arange(60) < 45
        hidden = Predictions(
            p.labels,
            np.where(kept, p.scores, np.nan),
            np.where(kept, p.decisions, np.nan),
            np.where(kept, p.folds, -1),
        )
        only = Predictions(
            p.labels[kept], p.scores[:, kept], p.decisions[:, kept], p.folds[:, kept]
        )
        for name, metric in table.items():
            expected = metric(only, np.ones((1, 45)))[0]
            assert metric(hidden, np.ones((1, 60)))[0] == pytest.approx(expected), name


def test_a_fold_of_one_group_has_no_pairs():
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    scores = np.array([[0.9, 0.8, 0.1, 0.2]])
    folds = np.array([[0, 0, 1, 1]])
    p = Predictions(labels, scores, scores, folds)
    assert np.isnan(metrics.auroc(p, np.ones((1, 4)))[0])


@pytest.mark.parametrize("kind", ["multiclass", "ordinal"])
def test_metrics_of_classes_equal_a_second_source(kind):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 80).astype(float)
    scores = rng.dirichlet(np.ones(3), (1, 80))
    scores[0, np.arange(80), labels.astype(int)] += 0.5
    scores /= scores.sum(-1, keepdims=True)
    decisions = scores.argmax(-1).astype(float)
    p = Predictions(labels, scores, decisions, np.zeros((1, 80), int))
    found = {
        name: metric(p, np.ones((1, 80)))[0]
        for name, metric in choose_metrics(kind).items()
    }
    assert found["AUROC"] == pytest.approx(
        reference.roc_auc_score(labels, scores[0], multi_class="ovo")
    )
    assert found["balanced accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(labels, decisions[0])
    )
    truth = np.eye(3)[labels.astype(int)]
    assert found["Brier score"] == pytest.approx(
        ((scores[0] - truth) ** 2).sum(1).mean()
    )
    if kind == "ordinal":
        assert found["quadratic kappa"] == pytest.approx(
            reference.cohen_kappa_score(labels, decisions[0], weights="quadratic")
        )
        assert found["mean error in steps"] == pytest.approx(
            np.abs(labels - decisions[0]).mean()
        )


def test_the_primary_metric_comes_first():
    assert next(iter(choose_metrics("classification"))) == "AUROC"
    assert next(iter(choose_metrics("multiclass"))) == "AUROC"
    assert next(iter(choose_metrics("regression"))) == "mean absolute error"
