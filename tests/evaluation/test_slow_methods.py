"""Networks and searched learners in a study: their folds, permutations and workers."""

import pytest

from neurograft.evaluation import networks
from neurograft.evaluation.features import FeatureReader
from neurograft.evaluation.preparing import prepare_task
from neurograft.evaluation.study import run_evaluate
from neurograft.evaluation.tasks import build_tasks
from neurograft.tables import read_table


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(
        tmp_path_factory.mktemp("evaluated"),
        tasks=("disease",),
        methods=["dummy", "encoder", "connectivity:svm", "lora", "scratch"],
        curve_methods=["encoder", "connectivity:svm", "lora", "scratch"],
        network_draws=2,
        slow_permutations=19,
        controls=False,
        label_budgets=[2],
    )


@pytest.fixture(scope="module")
def tables(study):
    run_evaluate(study, n_jobs=1)
    return study.output_folder / "evaluation"


def test_searched_learners_are_permuted_and_networks_are_not(tables):
    results = read_table(tables / "results.tsv")
    primary = results[results["p_permutation"].notna()]
    assert set(primary["method"]) >= {"encoder", "connectivity:svm"}
    assert "lora" in set(results["method"]) - set(primary["method"])
    assert (primary["p_permutation"] >= 1 / 20).all()


def test_networks_learn_in_the_folds_of_the_first_repeat(tables):
    predictions = read_table(tables / "predictions.tsv").query("method == 'lora'")
    assert set(predictions["repeat"]) == {0}
    assert predictions["participant_id"].nunique() == 28


def test_slow_methods_stand_on_the_curve_with_the_gain_of_pretraining(tables):
    curves = read_table(tables / "curves.tsv").set_index("method")["value"]
    gain = curves["pretraining gain of lora"]
    assert {"encoder", "connectivity:svm"} <= set(curves.index)
    assert gain == pytest.approx(curves["lora"] - curves["scratch"])
    assert "pretraining gain" not in curves.index  # there is no random-encoder


def test_workers_change_nothing(study, tables):
    before = (tables / "results.tsv").read_bytes()
    for path in sorted((tables / "networks").glob("*.npz"))[::5]:
        path.unlink()
    run_evaluate(study, n_jobs=2)
    assert (tables / "results.tsv").read_bytes() == before


def test_networks_go_on_where_they_were_stopped(study, tables, monkeypatch):
    files = sorted((tables / "networks").glob("disease_lora_*.npz"))
    # One repeat of three folds, two draws of the curve in three folds each.
    assert len(files) == 9
    lost = files[0]
    before = lost.read_bytes()
    lost.unlink()
    learned = []
    whole = networks.predict_fold

    def count(*arguments):
        learned.append(arguments[0].name)
        return whole(*arguments)

    monkeypatch.setattr(networks, "predict_fold", count)
    reader = FeatureReader(study, study.evaluation.all_features)
    (task,) = build_tasks(study)
    prepared = prepare_task(study, task, reader)
    lora = [method for method in prepared.methods if method.name == "lora"]
    folds = [
        *(split for split in prepared.splits if split.repeat == 0),
        *(split for split in prepared.few[2] if split.repeat < 2),
    ]
    for splits in (folds[:3], folds[3:]):
        networks.cross_validate_networks(study, prepared, reader, lora, splits)
    assert learned == ["lora"]
    assert lost.read_bytes() == before
    assert sorted((tables / "networks").glob("disease_lora_*.npz")) == files
