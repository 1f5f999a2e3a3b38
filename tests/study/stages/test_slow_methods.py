"""Networks and searched learners in a study: their folds, permutations and workers."""

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation import network_folds
from neurograft.evaluation.cross_validation import TaskResults
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.method_result import gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.prepared_task import prepare_task
from neurograft.evaluation.slow_permutation import permute_slowly
from neurograft.files.tables import read_table
from neurograft.study.stages.evaluate import add_networks, run_evaluate
from neurograft.tasks.labels import build_tasks
from neurograft.tasks.splits import Split


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
        slow_permutations=19,
        controls=False,
        labels_per_class=[2],
    )


@pytest.fixture(scope="module")
def tables(study):
    run_evaluate(study, n_jobs=1)
    return study.output_folder / "evaluation"


def test_searched_learners_are_permuted_and_networks_are_not(tables):
    results = read_table(tables / "results.tsv")
    primary = results[results["p_permutation"].notna()]
    assert set(primary["method"]) >= {"encoder", "connectivity:svm"}
    assert "attentive" in set(results["method"]) - set(primary["method"])
    assert (primary["p_permutation"] >= 1 / 20).all()


def test_networks_learn_in_the_folds_of_the_first_repeat(tables):
    predictions = read_table(tables / "predictions.tsv").query("method == 'attentive'")
    assert set(predictions["repeat"]) == {0}
    assert predictions["participant_id"].nunique() == 28


def test_slow_methods_stand_on_the_curve_with_the_gain_of_pretraining(tables):
    curves = read_table(tables / "curves.tsv").set_index("method")["value"]
    gain = curves["pretraining gain of attentive"]
    assert {"encoder", "connectivity:svm"} <= set(curves.index)
    assert gain == pytest.approx(curves["attentive"] - curves["random-attentive"])
    assert "pretraining gain" not in curves.index  # there is no random-encoder


def test_workers_change_nothing(study, tables):
    before = (tables / "results.tsv").read_bytes()
    for path in sorted((tables / "networks").glob("*.npz"))[::5]:
        path.unlink()
    run_evaluate(study, n_jobs=2)
    assert (tables / "results.tsv").read_bytes() == before


def test_networks_go_on_where_they_were_stopped(study, tables, monkeypatch):
    files = sorted((tables / "networks").glob("disease_attentive_*.npz"))
    # One repeat of three folds, two draws of the curve in three folds each.
    assert len(files) == 9
    lost = files[0]
    before = lost.read_bytes()
    lost.unlink()
    learned = []
    whole = network_folds.predict_fold

    def count(*arguments):
        learned.append(arguments[0].name)
        return whole(*arguments)

    monkeypatch.setattr(network_folds, "predict_fold", count)
    learner = make_learner(study)
    attentive = [method for method in learner.one.methods if method.name == "attentive"]
    folds = [
        *(split for split in learner.one.splits if split.repeat == 0),
        *(split for split in learner.one.few[2] if split.repeat < 2),
    ]
    for splits in (folds[:3], folds[3:]):
        learner.cross_validate(attentive, splits)
    assert learned == ["attentive"]
    assert lost.read_bytes() == before
    assert sorted((tables / "networks").glob("disease_attentive_*.npz")) == files


def make_learner(study):
    reader = FeatureReader(study, study.evaluation.all_features)
    (task,) = build_tasks(study)
    prepared = prepare_task(study, task, reader)
    return network_folds.NetworkLearner(study, prepared, reader)


def test_a_network_learns_anew_from_every_permuted_label(study, tables, monkeypatch):
    learner = make_learner(study)
    task, splits = learner.one.task, learner.one.splits
    seen = []

    def repeat_labels(method, encoder, people, targets, split, clusters):
        seen.append(targets.labels)
        return 0.1 + 0.8 * targets.labels[split.test][:, None]

    monkeypatch.setattr(network_folds, "predict_fold", repeat_labels)
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

    monkeypatch.setattr(network_folds, "predict_fold", know_nothing)
    found = TaskResults({}, {2: {}}, pd.DataFrame())
    add_networks(found, make_learner(asked))
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
    null = permute_slowly(predict, result, permuted, splits, judged)
    assert result.observed == 0
    np.testing.assert_allclose(null.permuted, 0)
