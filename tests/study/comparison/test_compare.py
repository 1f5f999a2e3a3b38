"""Variants are compared in pairs: the same people, folds, draws and resamples."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.study import StudyConfig
from neurograft.config.tasks import View
from neurograft.errors import ConfigError
from neurograft.evaluation.results.estimates import resample
from neurograft.files.tables import read_table
from neurograft.report.pretraining_comparison import write_comparison
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.comparison import variants as variants_module
from neurograft.study.comparison.compare import (
    describe_comparison,
    predict_all,
    run_comparison,
    score_features,
)
from neurograft.study.comparison.comparison_task import (
    ALL_LABELS,
    Compared,
    draw_from_all,
    list_compared,
)
from neurograft.study.comparison.variants import (
    list_left_out,
    list_source_cohorts,
    list_variants,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.harmonise import run_harmonise
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import draw_few, make_splits
from neurograft.tasks.task import Task

pytestmark = pytest.mark.slow

COMPARISON = {
    "variants": {"mae": {}, "waves": {"tokens": "waveform"}},
    "n_seeds": 2,
    "n_repeats": 1,
    "labels_per_class": [3, 4],
    "few_labels": [3, 4],
    "n_draws": 3,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    sites = default_sites(
        n_source=6, n_patients=12, n_controls=12, n_clinic_channels=19
    )
    simulate_cohorts(
        folder / "cohorts", sites=[sites[0], sites[2]], duration_s=30, with_truth=True
    )
    study = StudyConfig(
        name="compared",
        data_folder=folder / "cohorts",
        output_folder=folder / "results",
        cohorts={n: {"folder": n} for n in ("students", "clinic")},
        pretraining={
            "size": "nano", "steps": 2, "batch_size": 8, "validation_share": 0.2,
        },
        tasks={
            "disease": {
                "kind": "classification", "cohort": "clinic", "column": "group",
                "positive": ["patient"], "negative": ["control"],
            },
            "alpha": {"kind": "regression", "cohort": "clinic", "column": "alpha_hz"},
        },
        evaluation={
            "n_splits": 3, "n_inner": 2, "n_bootstraps": 100, "windows": {"clinic": 2},
        },
        comparison=COMPARISON,
    )  # fmt: skip
    for cohort in study.cohorts:
        run_harmonise(Study(study), cohort)
    return study


def test_a_comparison_holds_every_variant_control_and_baseline(study, monkeypatch):
    run_comparison(Study(study))
    assert describe_comparison(Study(study)).is_current()
    folder = study.output_folder / "comparison"
    results, gains, costs = (
        read_table(folder / f"{name}.tsv") for name in ("results", "gains", "costs")
    )
    names = {
        "mae", "waves", "untrained-both", "untrained-waveform", "duration",
        "band-power", "riemann", "tokens",
    }  # fmt: skip
    assert set(results["variant"]) == names
    assert set(results["labels_per_class"]) == {"all", "3", "4"}
    assert len(results) == len(names) * 2 * 3
    assert dict(zip(gains["variant"], gains["control"], strict=True)) == {
        "mae": "untrained-both", "waves": "untrained-waveform",
    }  # fmt: skip
    of_one = gains[(gains["variant"] == "mae") & (gains["metric"] == "AUROC")]
    by_labels = of_one.set_index("labels_per_class")["value"]
    assert list(by_labels.index) == ["all", "3", "4", "3 and 4"]
    assert by_labels["3 and 4"] == pytest.approx(by_labels[["3", "4"]].mean())
    everybody = results[results["labels_per_class"] == "all"].set_index(
        ["variant", "task"]
    )
    gain = gains[(gains["labels_per_class"] == "all") & (gains["variant"] == "waves")]
    for metric, task in (("AUROC", "disease"), ("R2", "alpha")):
        expected = (
            everybody.loc[("waves", task), "value"]
            - everybody.loc[("untrained-waveform", task), "value"]
        )
        found = gain.loc[gain["metric"] == metric, "value"].item()
        assert found == pytest.approx(expected, abs=1e-6)
    assert (gains["ci_low"] <= gains["value"] + 0.2).all()
    differences = read_table(folder / "differences.tsv")
    assert len(differences) == len(of_one) * 2
    for row in differences[differences["labels_per_class"] == "all"].to_dict("records"):
        assert (row["variant"], row["compared_with"]) == ("waves", "mae")
        task = {"AUROC": "disease", "R2": "alpha"}[row["metric"]]
        levels = everybody.xs(task, level="task")["value"]
        assert row["value"] == pytest.approx(levels["waves"] - levels["mae"], abs=1e-6)
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
    assert set(costs["variant"]) == {"mae", "waves"}
    written = write_comparison(study.output_folder / "comparison")
    page = (written / "comparison.md").read_text()
    assert (
        "| gain (3 per class) | gain (4 per class) | gain (3 and 4 per class) |" in page
    )
    assert page.count("| waves |") == 4  # of two metrics: variants, differences
    assert page.count("| minus mae, ") == 2
    assert "<svg" in (written / "gains-auroc.svg").read_text()
    assert "<svg" in (written / "curves-r2.svg").read_text()

    def refuse(*args, **settings):
        raise AssertionError("a finished variant was run again")

    monkeypatch.setattr(variants_module, "_run_variant", refuse)
    run_comparison(Study(study))  # goes on where it was: nothing is left to do
    again = read_table(folder / "results.tsv")
    pd.testing.assert_frame_equal(again, results)


def test_what_is_not_counted_stands_in_the_table_but_not_in_the_gain(study):
    settings = study.model_dump()
    settings["comparison"]["not_counted"] = ["disease"]
    uncounted = StudyConfig.model_validate(settings)
    run_comparison(Study(uncounted))
    folder = study.output_folder / "comparison"
    assert set(read_table(folder / "results.tsv")["task"]) == {"disease", "alpha"}
    assert set(read_table(folder / "gains.tsv")["metric"]) == {"R2"}
    settings["comparison"]["not_counted"] = ["diseases"]
    with pytest.raises(ValueError, match=r"'diseases', which is no task.*'disease'"):
        StudyConfig.model_validate(settings)


def test_variants_never_see_the_cohort_they_are_tested_on(study):
    for variant in list_variants(study):
        assert variant.left_out == ("clinic",)
    assert list_left_out(study) == [("clinic",)]
    seeds = {v.seed for v in list_variants(study)}
    assert seeds == {0, 1}
    assert sum(not v.is_trained for v in list_variants(study)) == 4


def test_more_controls_than_pretrained_encoders_have_seeds_of_their_own(study):
    comparison = study.comparison.model_copy(update={"n_untrained_seeds": 5})
    more = list_variants(study.model_copy(update={"comparison": comparison}))
    seeds = {
        is_trained: sorted({v.seed for v in more if v.is_trained == is_trained})
        for is_trained in (True, False)
    }
    assert seeds == {True: [0, 1], False: [0, 1, 2, 3, 4]}
    assert len(more) == 2 * 2 + 2 * 5


def test_width_alone_and_every_task_alone_stand_beside_the_mean_gain(study):
    settings = study.model_dump()
    settings["comparison"] |= {"n_untrained_seeds": 4, "n_seeds": 1}
    wide = StudyConfig.model_validate(settings)
    run_comparison(Study(wide))
    results, gains, by_task = (
        read_table(wide.output_folder / "comparison" / f"{name}.tsv")
        for name in ("results", "gains", "gains_by_task")
    )
    n_seeds = results.groupby("variant")["n_seeds"].first()
    assert n_seeds[["untrained-both", "untrained-both x4", "mae"]].tolist() == [4, 1, 1]
    control = dict(zip(gains["variant"], gains["control"], strict=True))
    assert control["untrained-both x4"] == "untrained-both"
    assert "untrained-waveform x4" in control
    values = results.set_index(["variant", "task", "labels_per_class"])["value"]
    assert len(by_task) == len(control) * 2 * 3
    for row in by_task.to_dict("records"):
        own, other = (
            values[row[name], row["task"], row["labels_per_class"]]
            for name in ("variant", "control")
        )
        assert row["value"] == pytest.approx(own - other, abs=1e-6)
        assert row["ci_low"] <= row["ci_high"]


def test_a_run_is_no_other_for_windows_of_cohorts_it_is_not_tested_on(study):
    one = list_variants(study)[0]
    marks = []
    for windows in ({"clinic": 2}, {"clinic": 2, "students": 1}, {"clinic": 1}):
        settings = study.model_dump()
        settings["evaluation"]["windows"] = windows
        settings["pretraining"]["cohorts"] = ["students"]
        settings["tasks"]["years"] = {
            "kind": "regression", "cohort": "students", "column": "age",
        }  # fmt: skip
        marks.append(one.describe(Study(StudyConfig.model_validate(settings))))
    assert marks[0].fingerprint == marks[1].fingerprint
    assert marks[0].fingerprint != marks[2].fingerprint
    assert one.describe(Study(study)).fingerprint == marks[0].fingerprint


def test_wrong_variants_are_named(study):
    def change(**settings):
        comparison = study.comparison.model_copy(update=settings)
        return study.model_copy(update={"comparison": comparison})

    with pytest.raises(ConfigError, match=r"variants.bad.*'stepz'.*mean 'steps'"):
        list_variants(change(variants={"bad": {"stepz": 3}}))
    for left_out, complaint in (
        ([["klinic"]], r"left_out names 'klinic'"),
        ([["students"]], "must hold clinic, which task 'disease'"),
        ([["clinic"], ["clinic", "students"]], "in no other"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            list_left_out(change(left_out=left_out))
    with pytest.raises(ConfigError, match="nothing to compare"):
        run_comparison(Study(change(variants={})))
    with pytest.raises(ConfigError, match=r"variants.bad sets 'window_s'.*same wind"):
        list_variants(change(variants={"bad": {"window_s": 5}}))
    with pytest.raises(ConfigError, match=r"names 'klinic'.*found \['students'"):
        list_variants(change(variants={"bad": {"cohorts": ["klinic"]}}))
    with pytest.raises(ConfigError, match="Without clinic.*no cohort is left"):
        list_variants(change(variants={"bad": {"cohorts": ["clinic"]}}))
    begun = study.pretraining.model_copy(update={"continue_from": "tiny"})
    with pytest.raises(ConfigError, match="from random weights"):
        list_variants(study.model_copy(update={"pretraining": begun}))


def test_a_variant_is_compared_with_an_untrained_encoder_of_its_own_size(study):
    variants = {
        "tiny": {"size": "tiny", "steps": 7},
        "mae": {},
        "others": {"cohorts": ["students"]},
    }
    comparison = study.comparison.model_copy(update={"variants": variants})
    listed = list_variants(study.model_copy(update={"comparison": comparison}))
    found = {v.name: (v.settings.size, v.settings.steps) for v in listed}
    assert found == {
        "untrained-both-tiny": ("tiny", 2), "tiny": ("tiny", 7),
        "untrained-both": ("nano", 2), "mae": ("nano", 2), "others": ("nano", 2),
    }  # fmt: skip
    settings = listed[-1].settings
    assert list_source_cohorts(study, ("clinic",), settings) == ["students"]
    assert list_source_cohorts(study, (), study.pretraining) == ["students", "clinic"]


def test_a_contrast_keeps_both_rows_of_a_person_together(study):
    settings = study.model_dump()
    settings["tasks"]["opened"] = {
        "kind": "contrast", "cohort": "clinic", "bids_tasks": ["eo"],
        "against_tasks": ["ec"],
    }  # fmt: skip
    contrasted = StudyConfig.model_validate(settings)
    opened, closed = contrasted.tasks["opened"].views
    people = [f"sub-{i:03d}" for i in range(1, 15)]
    available = {View("clinic"): people, opened: people, closed: people[:-2]}
    task = list_compared(Study(contrasted), available)[-1]
    assert len(task.rows) == 24
    assert task.views == [opened, closed]
    assert task.labels.tolist() == [1.0] * 12 + [0.0] * 12
    who = np.array([person for _, person in task.rows])
    for splits in task.splits.values():
        for split in splits:
            assert not set(who[split.train]) & set(who[split.test])
    weights = task.resampling.weights
    np.testing.assert_array_equal(weights[:, :12], weights[:, 12:])


def label_people(labels, kind="classification"):
    people = pd.DataFrame(
        {"cohort": "c", "participant_id": [str(i) for i in range(len(labels))],
         "view": 0, "label": labels, "is_reference": True}
    ).assign(cluster=lambda table: table["participant_id"])  # fmt: skip
    n_classes = 0 if kind == "regression" else len(set(labels))
    classes = ("control", "case", "severe case")[:n_classes]
    return Task("t", kind, classes, (View("c"),), people, {})


def test_few_labels_are_drawn_evenly_and_everybody_else_is_tested():
    labels = np.array([1.0] * 13 + [0.0] * 19)
    task = label_people(labels)
    splits = draw_from_all(task, n_per_class=5, n_draws=6, seed=0)
    assert len({tuple(split.train) for split in splits}) == 6
    for split in splits:
        assert labels[split.train].sum() == 5
        assert len(split.train) == 10
        assert sorted([*split.train, *split.test]) == list(range(32))
    # Eight people of the smaller class must be left: 13 - 6 are seven.
    assert not draw_from_all(task, n_per_class=6, n_draws=2, seed=0)


def test_a_number_of_labels_means_the_same_in_a_study_and_in_a_comparison():
    """So many people of each class; of a number, twice as many in all."""
    labels = np.random.default_rng(0).permutation(np.repeat([0.0, 1.0], 15))
    for kind in ("classification", "regression"):
        task = label_people(labels if kind == "classification" else
                            np.linspace(20, 80, 30), kind)  # fmt: skip
        is_class = task.is_classification
        folds = make_splits(task.subjects, is_classification=is_class, n_splits=3,
                            n_repeats=1, seed=0)  # fmt: skip
        in_study = draw_few(folds, task.subjects, n_per_class=4, n_draws=2,
                            is_classification=is_class, seed=0)  # fmt: skip
        compared = draw_from_all(task, n_per_class=4, n_draws=2, seed=0)
        assert {len(one.train) for one in (*in_study, *compared)} == {8}
        if is_class:
            counts = {labels[one.train].sum() for one in (*in_study, *compared)}
            assert counts == {4}


def make_task(labels, *, budgets=(4,), kind="classification"):
    task = label_people(labels, kind)
    splits = {b: draw_from_all(task, n_per_class=b, n_draws=4, seed=0) for b in budgets}
    rows = tuple((View("c"), str(i)) for i in range(len(labels)))
    everybody = np.ones(len(labels), dtype=bool)
    resampling = resample(task, everybody, n_bootstraps=50, seed=0)
    return Compared(task, rows, splits, resampling)


def test_people_who_teach_a_draw_are_not_scored_in_it():
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([0.0, 1.0], 15))
    features = labels[:, None] + 0.1 * rng.standard_normal((30, 4))
    task = make_task(labels)
    p = predict_all(task, task.splits[4], features, method="encoder", n_inner=2)
    for split in task.splits[4]:
        assert (p.folds[split.repeat, split.test] == 0).all()
        assert (p.folds[split.repeat, split.train] == -1).all()
    score = score_features(task, features, method="encoder", n_inner=2)[4]
    assert score.everything.shape == (51,)
    assert score.value > 0.95


def test_all_labels_come_first_in_every_table():
    assert ALL_LABELS == 0


@pytest.mark.parametrize("kind", ["classification", "multiclass", "ordinal"])
def test_groups_that_are_told_apart_score_high_however_many_they_are(kind):
    n_classes = 2 if kind == "classification" else 3
    labels = np.arange(45.0) % n_classes
    rng = np.random.default_rng(0)
    features = np.eye(n_classes)[labels.astype(int)] @ rng.normal(size=(n_classes, 5))
    features += 0.01 * rng.normal(size=features.shape)
    task = make_task(labels, kind=kind)
    score = score_features(task, features, method="encoder", n_inner=2)[4]
    assert score.value > 0.95
    assert score.everything[1:].min() > 0.8


def test_who_is_sealed_or_not_of_the_reference_is_not_looked_at(study):
    settings = study.model_dump()
    settings["evaluation"] |= {"protocol": "hold-out", "holdout": {"sex": ["F"]}}
    settings["tasks"]["years"] = {
        "kind": "regression", "cohort": "clinic", "column": "age",
        "reference": ["control"], "reference_column": "group",
    }  # fmt: skip
    own = Study(StudyConfig.model_validate(settings))
    people = own.people["clinic"].known
    available = {View("clinic"): list(people["participant_id"])}
    disease, years = (
        next(one for one in list_compared(own, available) if one.name == name)
        for name in ("disease", "years")
    )
    assert set(disease.task.subjects["sex"]) == {"M"}
    assert years.task.subjects["is_reference"].all()
    assert 0 < len(years.labels) < len(people)
    assert len(disease.rows) == len(disease.labels) == (people["sex"] == "M").sum()
    # A random hold-out is the one that the study would seal.
    settings["evaluation"]["holdout"] = {}
    drawn = Study(StudyConfig.model_validate(settings))
    (task,) = (one for one in drawn.build_tasks() if one.name == "disease")
    (split,) = make_protocol_splits(
        task.restrict(available), drawn.settings.evaluation, seed=drawn.settings.seed
    )
    sealed = set(task.subjects["participant_id"].iloc[split.test])
    (compared,) = (
        one for one in list_compared(drawn, available) if one.name == "disease"
    )
    assert sealed
    assert (
        set(compared.task.subjects["participant_id"])
        == set(available[View("clinic")]) - sealed
    )


def test_a_variant_cannot_take_the_name_of_the_control(study):
    comparison = study.comparison.model_copy(
        update={"variants": {"untrained-both": {}}}
    )
    with pytest.raises(ConfigError, match="begin with 'untrained'"):
        list_variants(study.model_copy(update={"comparison": comparison}))
