"""Tables and sentences say what the numbers allow, and no more."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config import EvaluationConfig
from neurograft.evaluation.crossvalidation import MethodResult
from neurograft.evaluation.metrics import Predictions, auroc
from neurograft.evaluation.summary import draw_verdicts, summarise_task
from neurograft.evaluation.tasks import Task

N = 60
SETTINGS = EvaluationConfig(n_bootstraps=300)
LABELS = (np.arange(N) % 2).astype(float)


def make_task(labels=LABELS, kind="classification"):
    people = pd.DataFrame(
        {"participant_id": [f"sub-{i}" for i in range(N)], "label": labels}
    )
    return Task("t", kind, "c", (), people, {})


def make_result(skill, seed=0, labels=LABELS, kind="classification"):
    """A method whose scores know the labels as well as `skill` says."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((4, N))
    folds = np.stack([rng.permutation(np.arange(N) % 5) for _ in range(4)])
    if kind == "classification":
        scores = 1 / (1 + np.exp(-(skill * (2 * labels - 1) + noise)))
        decisions = (scores > 0.5).astype(float)
    else:
        scores = decisions = labels + noise / max(skill, 1e-2)
    p = Predictions(labels, scores, decisions, folds)
    if kind == "classification":
        observed = float(auroc(p, np.ones((1, N)))[0])
        by_fold = np.array([observed + 0.02 * z for z in rng.standard_normal(20)])
        null = rng.normal(0.5, 0.08, 199)
    else:
        observed = -float(np.abs(scores - labels).mean())
        by_fold = observed + 0.02 * rng.standard_normal(20)
        null = rng.normal(-3, 0.1, 199)
    return MethodResult(p, null, observed, by_fold)


def summarise(skills, kind="classification", labels=LABELS):
    task = make_task(labels, kind)
    results = {
        method: make_result(skill, seed, labels, kind)
        for seed, (method, skill) in enumerate(skills.items())
    }
    values, comparisons = summarise_task(task, results, SETTINGS, seed=0)
    verdicts = draw_verdicts(task, values, comparisons)
    return values, comparisons, verdicts.set_index("question")


def test_every_method_has_every_metric_with_an_interval_around_it():
    values, _, _ = summarise({"dummy": 0.0, "band-power": 1.0, "encoder": 1.5})
    assert len(values) == 9
    assert (values["ci_low"] <= values["value"]).all()
    assert (values["value"] <= values["ci_high"]).all()
    primary = values[values["metric"] == "AUROC"].set_index("method")
    assert primary.loc["encoder", "p_permutation"] == pytest.approx(1 / 200)
    assert primary.loc["encoder", "p_holm"] == pytest.approx(2 / 200)
    assert np.isnan(primary.loc["dummy", "p_holm"])


def test_each_method_is_compared_with_the_best_baseline():
    _, comparisons, _ = summarise(
        {"dummy": 0.0, "band-power": 1.5, "tokens": 0.5, "encoder": 1.0}
    )
    asked = comparisons[comparisons["question"] == "best baseline"]
    assert set(asked["reference"]) == {"band-power"}
    assert set(asked["method"]) == {"dummy", "tokens", "encoder"}
    assert (asked["difference"] < 0).all()


@pytest.mark.parametrize(
    ("trained", "untrained", "answer"),
    [(3.0, 0.3, "helped"), (0.3, 3.0, "harmed"), (1.0, 1.0, "did not help")],
)
def test_pretraining_helped_only_if_the_interval_says_so(trained, untrained, answer):
    _, comparisons, verdicts = summarise(
        {"random-encoder": untrained, "encoder": trained}
    )
    row = comparisons[comparisons["question"] == "pretraining"].iloc[0]
    assert verdicts.loc["pretraining", "answer"] == answer
    assert f"{row['difference']:+.3f}" in verdicts.loc["pretraining", "sentence"]
    excluded = row["ci_low"] > 0 or row["ci_high"] < 0
    assert excluded == (answer != "did not help")


def test_a_smaller_error_counts_as_help():
    ages = np.linspace(20, 80, N)
    _, comparisons, verdicts = summarise(
        {"dummy": 0.01, "random-encoder": 0.05, "encoder": 1.0}, "regression", ages
    )
    gain = comparisons[comparisons["question"] == "pretraining"].iloc[0]
    assert gain["metric"] == "mean absolute error"
    assert gain["difference"] > 0
    assert verdicts.loc["pretraining", "answer"] == "helped"


def test_without_an_effect_there_is_no_evidence():
    _, _, verdicts = summarise(
        {"band-power": 0.0, "random-encoder": 0.0, "encoder": 0.0}
    )
    assert verdicts.loc["evidence", "answer"] == "no evidence"
    assert verdicts.loc["evidence", "sentence"].startswith(
        "No evidence that the groups"
    )


def test_with_an_effect_there_is_evidence_and_blind_methods_are_a_caution():
    _, _, verdicts = summarise({"duration": 2.0, "encoder": 2.0})
    assert verdicts.loc["evidence", "answer"] == "evidence"
    assert "encoder: AUROC" in verdicts.loc["evidence", "sentence"]
    assert "duration alone, without any EEG" in verdicts.loc["confound", "sentence"]


def test_methods_without_eeg_are_no_evidence():
    _, _, verdicts = summarise({"dummy": 0.0, "duration": 2.0})
    assert verdicts.loc["evidence", "answer"] == "not asked"
