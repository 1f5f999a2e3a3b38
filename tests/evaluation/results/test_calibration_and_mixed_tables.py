"""Tables of calibration and of the mixed model hold what was measured."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import brier_score_loss

from neurograft.config.tasks import View
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.method_tables import (
    tabulate_calibration,
    tabulate_mixed,
)
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.task import Task


def make_probabilities(n=400, seed=0, stretch=1.0, shift=0.0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    labels = (rng.random(n) < expit(truth)).astype(float)
    return labels, expit(stretch * truth + shift)


def test_the_table_is_of_the_mean_probability_of_those_who_were_tested():
    labels, p = make_probabilities(n=60)
    rng = np.random.default_rng(1)
    scores = np.clip(p + rng.normal(0, 0.02, (2, 60)), 0, 1)
    folds = np.zeros((2, 60), int)
    folds[0, :10], folds[:, 50:] = -1, -1  # once, and never tested
    scores[folds < 0] = np.nan
    people = pd.DataFrame({"cluster": np.arange(60), "label": labels})
    task = Task("t", "classification", ("a", "b"), (View("c"),), people, {})
    result = MethodResult(
        "classification", Predictions(labels, scores, scores, folds), np.array([]), 0.25
    )
    row = tabulate_calibration(task, {"encoder": result}).iloc[0]
    mean = np.concatenate([scores[1, :10], scores[:, 10:50].mean(0)])
    assert row["brier"] == pytest.approx(brier_score_loss(labels[:50], mean))
    total = row["reliability"] - row["resolution"] + row["uncertainty"] + row["within"]
    assert total == pytest.approx(row["brier"])


def make_contrast(effect, n=40, kind="contrast"):
    rng = np.random.default_rng(0)
    labels = np.tile([0.0, 1.0], n)
    people = pd.DataFrame({"cluster": np.repeat(np.arange(n), 2), "label": labels})
    task = Task("t", kind, ("closed", "open"), (View("c"), View("c")), people, {})
    trait = np.repeat(rng.normal(size=n), 2)
    scores = 0.5 + 0.05 * (trait + effect * labels + rng.normal(0, 0.3, 2 * n))
    folds = np.zeros((1, 2 * n), int)
    p = Predictions(labels, scores[None], scores[None], folds)
    return task, {"encoder": MethodResult("classification", p, np.array([]), 0.25)}


def test_a_contrast_is_looked_at_within_people():
    task, results = make_contrast(1.0)
    row = tabulate_mixed(task, results).iloc[0]
    scores = results["encoder"].predictions.scores[0]
    paired = (scores[1::2] - scores[::2]).mean() / scores.std()
    assert row["estimate"] == pytest.approx(paired, rel=1e-3)
    assert row["ci_low"] > 0
    assert row["between_share"] > 0.8
    nothing = tabulate_mixed(*make_contrast(0.0)).iloc[0]
    assert nothing["ci_low"] < 0 < nothing["ci_high"]


def test_other_tasks_and_constant_scores_have_none():
    task, results = make_contrast(1.0, kind="classification")
    assert tabulate_mixed(task, results).empty
    task, results = make_contrast(1.0)
    p = results["encoder"].predictions
    flat = replace(p, scores=np.full(p.scores.shape, 0.5) + 1e-12 * p.labels)
    constant = MethodResult("contrast", flat, np.array([]), 0.25)
    assert tabulate_mixed(task, {"encoder": constant}).empty
