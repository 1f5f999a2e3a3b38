from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.errors import DataError
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.results.method_tables import tabulate_mixed
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.mixed_model import fit_mixed_model
from neurograft.tasks.task import Task


def make_sessions(effect=0.0, n=60, seed=0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n), 2)
    session = np.tile([0.0, 1.0], n)
    score = rng.normal(0, 2, n)[person] + effect * session + rng.normal(0, 0.5, 2 * n)
    return pd.DataFrame(
        {"participant_id": person, "session": session, "score": score, "age": 50.0}
    ).assign(age=np.repeat(rng.uniform(20, 80, n), 2))


def test_balanced_sessions_give_the_paired_difference():
    table = make_sessions(effect=0.6)
    found = fit_mixed_model(table, outcome="score", effect="session")
    wide = table.pivot(index="participant_id", columns="session", values="score")
    difference = wide[1.0] - wide[0.0]
    assert found.estimate == pytest.approx(difference.mean(), abs=1e-6)
    error = difference.std() / np.sqrt(len(difference))
    assert (found.ci_high - found.ci_low) / 2 / 1.96 == pytest.approx(error, rel=0.02)
    assert found.p < 0.001
    assert found.between_share == pytest.approx(4 / 4.25, abs=0.05)


def test_an_effect_between_people_is_found():
    table = make_sessions()
    table["score"] += 0.5 * table["age"]
    found = fit_mixed_model(table, outcome="score", effect="age")
    assert found.estimate == pytest.approx(0.5, abs=0.05)


def test_people_with_one_recording_each_are_refused():
    table = make_sessions().drop_duplicates("participant_id")
    with pytest.raises(DataError, match="recorded more than once"):
        fit_mixed_model(table, outcome="score", effect="session")


def make_contrast(effect, n=40, kind="contrast"):
    rng = np.random.default_rng(0)
    labels = np.tile([0.0, 1.0], n)
    people = pd.DataFrame({"cluster": np.repeat(np.arange(n), 2), "label": labels})
    task = Task("t", kind, ("closed", "open"), (View("c"), View("c")), people, {})
    trait = np.repeat(rng.normal(size=n), 2)
    scores = 0.5 + 0.05 * (trait + effect * labels + rng.normal(0, 0.3, 2 * n))
    folds = np.zeros((1, 2 * n), int)
    question = Question("classification", 2, task.clusters, 3)
    p = Predictions(labels, scores[None], scores[None], folds)
    return task, {"encoder": MethodResult(question, p, np.array([]), 0.25)}


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
    constant = MethodResult(results["encoder"].question, flat, np.array([]), 0.25)
    assert tabulate_mixed(task, {"encoder": constant}).empty
