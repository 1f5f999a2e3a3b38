"""Promises that the metrics of every kind of task keep."""

import numpy as np
import pytest
from sklearn import metrics as reference

from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.predictions import Predictions

KINDS = ("classification", "ordinal", "regression")


def make_predictions(kind, n=60, n_repeats=3, seed=0):
    rng = np.random.default_rng(seed)
    folds = np.zeros((n_repeats, n), int)
    noise = rng.standard_normal((n_repeats, n))
    if kind == "regression":
        labels = rng.normal(50, 15, n)
        return Predictions(labels, labels + 10 * noise, labels + 10 * noise, folds)
    if kind == "classification":
        labels = (np.arange(n) % 3 == 0).astype(float)
        scores = np.round(1 / (1 + np.exp(-labels - noise)), 1)  # with ties
        return Predictions(labels, scores, (scores > 0.6).astype(float), folds)
    labels = rng.integers(0, 3, n).astype(float)
    scores = rng.dirichlet(np.ones(3), (n_repeats, n))
    scores[:, np.arange(n), labels.astype(int)] += 0.5
    scores /= scores.sum(-1, keepdims=True)
    return Predictions(labels, scores, scores.argmax(-1).astype(float), folds)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_count_people_as_if_they_stood_there_so_often(kind):
    p = make_predictions(kind)
    weights = np.random.default_rng(1).integers(0, 4, (1, 60)).astype(float)
    weights[:, :6] += 1
    rows = np.repeat(np.arange(60), weights[0].astype(int))
    repeated = Predictions(
        p.labels[rows], p.scores[:, rows], p.decisions[:, rows], p.folds[:, rows]
    )
    for name, metric in choose_metrics(kind).items():
        if name == "Spearman r":
            continue  # ranks are those of everybody, for speed
        once = metric(repeated, np.ones((1, len(rows))))[0]
        assert metric(p, weights)[0] == pytest.approx(once, abs=1e-6), name


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_nobody_tested_never_count(kind):
    p = make_predictions(kind)
    kept = np.arange(60) < 45
    hidden = Predictions(
        p.labels,
        np.where(kept if p.scores.ndim == 2 else kept[:, None], p.scores, np.nan),
        np.where(kept, p.decisions, np.nan),
        np.where(kept, p.folds, -1),
    )
    only = Predictions(
        p.labels[kept], p.scores[:, kept], p.decisions[:, kept], p.folds[:, kept]
    )
    for name, metric in choose_metrics(kind).items():
        expected = metric(only, np.ones((1, 45)))[0]
        assert metric(hidden, np.ones((1, 60)))[0] == pytest.approx(expected), name


def test_with_two_groups_the_mean_area_is_the_area():
    p = make_predictions("classification")
    both = Predictions(
        p.labels, np.stack([1 - p.scores, p.scores], -1), p.decisions, p.folds
    )
    everybody = np.ones((1, 60))
    mean, area = (
        choose_metrics(kind)["AUROC"](one, everybody)
        for kind, one in (("multiclass", both), ("classification", p))
    )
    assert mean == pytest.approx(area)


@pytest.mark.parametrize("kind", ["multiclass", "ordinal"])
def test_metrics_of_classes_equal_a_second_source(kind):
    p = make_predictions("ordinal", n=80, n_repeats=1)
    labels, scores, decisions = p.labels, p.scores[0], p.decisions[0]
    values = {
        name: metric(p, np.ones((1, 80)))[0]
        for name, metric in choose_metrics(kind).items()
    }
    truth = np.eye(3)[labels.astype(int)]
    expected = {
        "AUROC": reference.roc_auc_score(labels, scores, multi_class="ovo"),
        "balanced accuracy": reference.balanced_accuracy_score(labels, decisions),
        "Brier score": ((scores - truth) ** 2).sum(1).mean(),
    }
    if kind == "ordinal":
        expected["quadratic kappa"] = reference.cohen_kappa_score(
            labels, decisions, weights="quadratic"
        )
        expected["mean error in steps"] = np.abs(labels - decisions).mean()
    assert values == pytest.approx(expected)


def test_the_primary_metric_comes_first():
    assert next(iter(choose_metrics("classification"))) == "AUROC"
    assert next(iter(choose_metrics("multiclass"))) == "AUROC"
    assert next(iter(choose_metrics("regression"))) == "mean absolute error"
