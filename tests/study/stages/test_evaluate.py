"""The evaluation stage on small simulated cohorts: every kind of task and method."""

import shutil

import numpy as np
import pytest

from neurograft.errors import ConfigError, LeakageError
from neurograft.files.tables import read_table, write_table
from neurograft.models.saving import read_encoder_card
from neurograft.report.page import build_page
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import run_embed
from neurograft.study.stages.evaluate import (
    guard_for_study,
    make_reader,
    run_evaluate,
)
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.study.stages.pretrain import run_pretrain
from neurograft.study.stages.report import locate_tables

pytestmark = pytest.mark.slow
METHODS = [
    "dummy", "band-power", "random-encoder", "encoder", "encoder-covariance",
    "encoder+aperiodic", "encoder@recentre",
]  # fmt: skip


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("evaluated"), methods=METHODS)


@pytest.fixture(scope="module")
def tables(study, evaluate):
    return evaluate(study)


def test_every_task_has_every_method_that_can_be_run(study, tables):
    results = tables("results")
    tasks = tables("tasks").set_index("task")
    assert {"disease", "brain_age", "twice", "control_sex_clinic"} <= set(tasks.index)
    for task, own in results.groupby("task"):
        blind = {"duration", "amplitude", "artefact", "surrogate"}
        assert set(METHODS) | blind <= set(own["method"]), task
    primary = results[results["p_permutation"].notna()]
    assert (primary["p_permutation"] >= 1 / 20).all()


def test_every_statistic_can_be_redone_from_the_predictions(tables):
    predictions = tables("predictions")
    results = tables("results").set_index(["task", "method", "metric"])
    own = predictions.query("task == 'disease' and method == 'encoder'")
    brier = ((own["score"] - own["label"]) ** 2).groupby(own["participant_id"]).mean()
    value = results.loc[("disease", "encoder", "Brier score"), "value"]
    assert brier.mean() == pytest.approx(value)


def test_brain_age_learns_from_the_healthy_and_predicts_everybody(tables):
    gaps = tables("brain_age_gaps")
    own = gaps[gaps["method"] == "encoder"]
    assert own["is_patient"].sum() == 12
    assert own["predicted"].notna().all()
    results = tables("results")
    asked = results.query("task == 'brain_age' and method == 'encoder'")
    assert (asked["n_subjects"] == 16).all()
    analyses = tables("brain_age").query("method == 'encoder'")
    assert analyses["analysis"].nunique() >= 4
    assert len(tables("brain_age_bands"))


def test_the_same_recordings_twice_cannot_be_told_apart(tables):
    results = tables("results").query("task == 'twice'")
    areas = results.query("metric == 'AUROC'").set_index("method")["value"]
    assert areas["band-power"] == pytest.approx(0.5)
    assert areas["duration"] == pytest.approx(0.5)


def test_curves_hold_gains_and_labels_saved(tables):
    curves = tables("curves")
    own = curves[curves["task"] == "disease"]
    assert {"pretraining gain", "labels saved", "encoder"} <= set(own["method"])
    assert set(own["labels_per_class"]) == {2, 4}


def test_the_report_shows_what_the_tables_hold(study, tables):
    run_pretraining_figures: dict[str, str] = {}
    page = build_page(locate_tables(Study(study)), run_pretraining_figures)
    for words in ("Few labels", "Calibration", "Brain-age gap", "More metrics"):
        assert words in page
    assert "curve-disease" in run_pretraining_figures


def test_adapters_stand_beside_the_method_without_them(tables):
    comparisons = tables("comparisons").query("question == 'adapter'")
    own = comparisons[comparisons["task"] == "disease"]
    assert own["method"].tolist() == ["encoder@recentre"]
    assert own["reference"].tolist() == ["encoder"]
    # Everybody is from one site: taking its mean away changes nothing.
    assert own["difference"].iloc[0] == pytest.approx(0, abs=1e-6)


def test_subgroups_have_counts_and_flags(tables):
    rows = tables("subgroups").query("task == 'disease'")
    own = rows[rows["method"] == "encoder"]
    assert set(own["factor"]) == {"age", "sex"}
    sexes = own[own["factor"] == "sex"]
    assert sexes["n"].sum() == 28
    assert (own["is_few"] == (own["n"] < 20)).all()
    assert (own["ci_low"] <= own["value"]).all()
    assert (own["value"] <= own["ci_high"]).all()


def test_a_holdout_is_tested_once_and_its_opening_counted(
    study, change_evaluation, evaluate
):
    few = {"protocol": "hold-out", "methods": ["encoder", "surrogate"]}
    few |= {"controls": False, "labels_per_class": [], "holdout_share": 0.4}
    sealed = change_evaluation(study, **few)
    run_evaluate(Study(sealed))
    again = change_evaluation(study, **few, n_permutations=29)
    tables = evaluate(again)
    assert (tables("tasks")["holdout_openings"] == 2).all()
    predictions = tables("predictions")
    assert predictions.query("task == 'disease'")["participant_id"].nunique() < 28
    # Tables of the study before that this one has not are gone.
    assert not (study.output_folder / "summary" / "curves.tsv").exists()


def test_the_sealed_are_named_by_a_column(study, change_evaluation):
    few = {"protocol": "hold-out", "methods": ["encoder"], "labels_per_class": []}
    labels = [f"sub-{number:03d}" for number in range(1, 15)]
    run_evaluate(
        Study(change_evaluation(study, **few, holdout={"participant_id": labels}))
    )
    folder = study.output_folder / "evaluation"
    predictions = read_table(folder / "predictions.tsv").query("task == 'disease'")
    assert set(predictions["participant_id"]) == set(labels)
    with pytest.raises(ConfigError, match="seals 0 of 28 people"):
        run_evaluate(Study(change_evaluation(study, **few, holdout={"sex": ["X"]})))
    with pytest.raises(ConfigError, match="names the column 'split'"):
        run_evaluate(
            Study(change_evaluation(study, **few, holdout={"split": ["test"]}))
        )
    with pytest.raises(ValueError, match="needs protocol = 'hold-out'"):
        change_evaluation(study, holdout={"sex": ["F"]})


def test_protocols_that_need_more_say_so(study, change_evaluation):
    with pytest.raises(ConfigError, match="needs at least two; found unknown"):
        run_evaluate(Study(change_evaluation(study, protocol="leave-one-site-out")))
    with pytest.raises(ConfigError, match="needs `confound`"):
        run_evaluate(Study(change_evaluation(study, protocol="confound-isolating")))


def test_one_signal_under_two_labels_stops_everything(study):
    opened = Study(study)
    reader = make_reader(opened)
    task = next(t for t in opened.build_tasks() if t.name == "disease")
    read = reader.read(task.views[0])
    copy = read.store.recordings[0]
    other = next(
        n for n, r in enumerate(read.store.recordings)
        if r.key.participant_id != copy.key.participant_id
    )  # fmt: skip
    recordings = list(read.store.recordings)
    object.__setattr__(recordings[other], "fingerprint", copy.fingerprint)
    card = read_encoder_card(opened.encoder_folder)
    with pytest.raises(LeakageError, match="share .* s of one signal in task"):
        guard_for_study(opened, task, reader, card)
    assert np.isfinite(task.labels).all()


def test_a_day_that_is_the_label_stops_the_claim_unasked(
    study, change_evaluation, evaluate, tmp_path
):
    """Patients on one day, controls on another: nobody told the audit to look."""
    shutil.copytree(study.data_folder, tmp_path / "cohorts")
    table = read_table(study.cohort_folder("clinic") / "participants.tsv")
    day = np.where(table["group"] == "patient", "2020-01-02", "2020-01-09")
    clock = [f"T{9 + i % 8:02d}:30:00" for i in range(len(table))]
    timed = table.assign(recorded=[d + c for d, c in zip(day, clock, strict=True)])
    write_table(tmp_path / "cohorts" / "clinic" / "participants.tsv", timed)
    methods = ["encoder", "random-encoder"]
    settings = {"methods": methods, "labels_per_class": [4], "curve_methods": methods,
                "controls": False}  # fmt: skip
    dated = change_evaluation(study, **settings).model_copy(
        update={
            "data_folder": tmp_path / "cohorts",
            "output_folder": tmp_path / "results",
            "tasks": {"disease": study.tasks["disease"]},
            "cohorts": {n: study.cohorts[n] for n in ("students", "clinic")},
        }
    )
    for cohort in dated.used_cohorts:
        run_harmonise(Study(dated), cohort)
    run_pretrain(Study(dated))
    run_embed(Study(dated))
    evaluate(dated)
    written = (tmp_path / "results").glob("[es]*/*.tsv")
    tables = {path.stem: read_table(path) for path in written}
    verdicts = tables["verdicts"].set_index("question")
    assert verdicts.loc["evidence", "answer"] == "refused"
    # What gains in telling two days apart is no gain.
    assert verdicts.loc["pretraining", "answer"] == "refused"
    assert "few labels" not in verdicts.index
    assert (
        "day of recording all but gives the group away"
        in verdicts.loc["evidence", "sentence"]
    )
    worst = tables["design"].iloc[0]
    assert worst["factor"] == "day"
    assert worst["severity"] == "refused"
    assert worst["n_pairs"] == 0
    results = tables["results"].set_index(["method", "metric"])
    assert results.loc[("acquisition", "AUROC"), "value"] > 0.95
    assert not any("2020-0" in table.to_csv() for table in tables.values())
