"""Networks and searched learners in a study: their folds, permutations and workers."""

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation import network_folds
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.network_folds import add_networks
from neurograft.evaluation.slow_permutation import permute_slowly
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import (
    make_network_learner,
    make_reader,
    prepare_for_study,
    run_evaluate,
)
from neurograft.tasks.splits import Split

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(
        tmp_path_factory.mktemp("evaluated"),
        tasks=("disease",),
        methods=[
            "dummy",
            "encoder",
            "connectivity:svm",
            "attentive",
            "random-attentive",
        ],
        curve_methods=["encoder", "connectivity:svm", "attentive", "random-attentive"],
        network_draws=2,
        slow_permutations=4,
        controls=False,
        labels_per_class=[2],
    )


@pytest.fixture(scope="module")
def tables(study, evaluate):
    return evaluate(study)


@pytest.fixture(scope="module")
def folds(study, tables):
    return study.output_folder / "evaluation" / "networks"


def test_searched_learners_are_permuted_and_networks_are_not(tables):
    results = tables("results")
    primary = results[results["p_permutation"].notna()]
    assert set(primary["method"]) >= {"encoder", "connectivity:svm"}
    assert "attentive" in set(results["method"]) - set(primary["method"])
    p_values = primary.set_index("method")["p_permutation"]
    assert p_values["encoder"] >= 1 / 20
    assert p_values["connectivity:svm"] >= 1 / 5


def test_networks_learn_in_the_folds_of_the_first_repeat(tables):
    predictions = tables("predictions").query("method == 'attentive'")
    assert set(predictions["repeat"]) == {0}
    assert predictions["participant_id"].nunique() == 28


def test_slow_methods_stand_on_the_curve_with_the_gain_of_pretraining(tables):
    curves = tables("curves").set_index("method")["value"]
    gain = curves["pretraining gain of attentive"]
    assert {"encoder", "connectivity:svm"} <= set(curves.index)
    assert gain == pytest.approx(curves["attentive"] - curves["random-attentive"])
    assert "pretraining gain" not in curves.index  # there is no random-encoder


def test_workers_change_nothing(study, folds):
    path = study.output_folder / "evaluation" / "predictions.tsv"
    before = path.read_bytes()
    for fold in sorted(folds.glob("*.npz"))[::5]:
        fold.unlink()
    run_evaluate(Study(study), n_jobs=2)
    assert path.read_bytes() == before


def test_networks_go_on_where_they_were_stopped(study, folds, monkeypatch):
    files = sorted(folds.glob("disease_attentive_*.npz"))
    # One repeat of three folds, two draws of the curve in three folds each.
    assert len(files) == 9
    lost = files[0]
    before = lost.read_bytes()
    lost.unlink()
    learned = []
    whole = network_folds.learn_fold

    def count(*arguments):
        learned.append(arguments[0].name)
        return whole(*arguments)

    monkeypatch.setattr(network_folds, "learn_fold", count)
    learner = make_learner(study)
    attentive = [method for method in learner.one.methods if method.name == "attentive"]
    splits_of_all = [
        *(split for split in learner.one.splits if split.repeat == 0),
        *(split for split in learner.one.few[2] if split.repeat < 2),
    ]
    for splits in (splits_of_all[:3], splits_of_all[3:]):
        learner.cross_validate(attentive, splits)
    assert learned == ["attentive"]
    assert lost.read_bytes() == before
    assert sorted(folds.glob("disease_attentive_*.npz")) == files


def make_learner(settings):
    study = Study(settings)
    reader = make_reader(study, settings.evaluation.all_features)
    (task,) = study.build_tasks()
    return make_network_learner(study, prepare_for_study(study, task, reader), reader)


def test_a_network_learns_anew_from_every_permuted_label(study, tables, monkeypatch):
    learner = make_learner(study)
    task, splits = learner.one.task, learner.one.splits
    seen = []

    def repeat_labels(method, encoder, people, targets, split, clusters):
        seen.append(targets.labels)
        return 0.1 + 0.8 * targets.labels[split.test][:, None]

    monkeypatch.setattr(network_folds, "learn_fold", repeat_labels)
    (attentive,) = (
        method for method in learner.one.methods if method.name == "attentive"
    )
    jobs = [(1 - labels, splits[0]) for labels in learner.one.permuted[:3]]
    first = learner.predict_labels(attentive, jobs)
    for (labels, split), outputs, learned in zip(jobs, first, seen, strict=True):
        np.testing.assert_array_equal(learned, labels)
        np.testing.assert_allclose(outputs[:, 0], 0.1 + 0.8 * labels[split.test])
    again = learner.predict_labels(attentive, jobs)  # written, not learned once more
    np.testing.assert_array_equal(again, first)
    assert len(seen) == 3
    # The real labels have files of their own.
    observed = learner.cross_validate([attentive], [s for s in splits if s.repeat == 0])
    assert len(seen) == 3
    assert not np.array_equal(observed["attentive"].predictions.scores[0], task.labels)


def test_networks_have_a_p_value_where_permutations_are_asked_for(
    study, tables, monkeypatch
):
    settings = study.evaluation.model_copy(update={"network_permutations": 7})
    asked = study.model_copy(update={"evaluation": settings})

    def know_nothing(method, encoder, people, targets, split, clusters):
        return np.full((len(split.test), 1), 0.5)

    monkeypatch.setattr(network_folds, "learn_fold", know_nothing)
    learner = make_learner(asked)
    folds, sizes = np.empty((0, 0), int), pd.DataFrame()
    nothing = EvaluatedTask(learner.one.task, {}, {2: {}}, folds, sizes)
    found = add_networks(nothing, learner, settings)
    assert {
        len(found.full[name].permuted) for name in ("attentive", "random-attentive")
    } == {7}
    np.testing.assert_allclose(found.full["attentive"].permuted, 0.5)
    assert set(found.few[2]) == {"attentive", "random-attentive"}


def test_only_who_is_judged_counts_under_permuted_labels():
    rng = np.random.default_rng(0)
    labels, judged = rng.normal(60, 9, 30), np.arange(30) < 20
    splits = [
        Split(0, fold, np.flatnonzero(np.arange(30) % 3 != fold),
              np.flatnonzero(np.arange(30) % 3 == fold))
        for fold in range(3)
    ]  # fmt: skip
    question = Question("regression", 0, np.arange(30), 3)

    def predict(jobs):
        return [np.where(judged, y, 1e6)[split.test, None] for y, split in jobs]

    result = gather_method(
        labels, np.empty((0, 30)), splits,
        [one[None] for one in predict([(labels, split) for split in splits])],
        question, judged,
    )  # fmt: skip
    permuted = np.stack([rng.permutation(labels) for _ in range(5)])
    null = permute_slowly(predict, result, permuted, splits, question, judged)
    assert result.observed == 0
    np.testing.assert_allclose(null.permuted, 0)
