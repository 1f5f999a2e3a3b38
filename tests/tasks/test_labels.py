"""Tasks from tables: who has a label, and why others do not."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from neurograft.config.cohort import CohortConfig
from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.study import StudyConfig
from neurograft.config.tasks import DesignConfig, TaskConfig, View
from neurograft.errors import ConfigError, DataError
from neurograft.files.stage import Stage
from neurograft.study.opened_study import Study
from neurograft.study.run import list_steps
from neurograft.tasks.controls import pair_eyes
from neurograft.tasks.labels import build_task
from neurograft.tasks.task import check_task

TABLE = """participant_id\tage\tsex\tgroup\tscore\tsite
sub-1\t60\tF\tA\t20\tx
sub-2\t61\tM\tC\tn/a\tx
sub-3\t62\tF\tB\t25,5\ty
sub-4\tn/a\tM\tC\t28\ty
sub-5\t64\tF\tA\t19\tx
sub-6\t65\tF\tn/a\t21\tx
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "participants.tsv").write_text(TABLE)
    return tmp_path


def build(folder, kind="classification", **settings):
    if kind == "classification":
        settings = {
            "column": "group",
            "positive": ("A",),
            "negative": ("C",),
        } | settings
    task = TaskConfig(kind=kind, cohort="c", **settings)
    people = Study(make_study(folder, {"t": task})).people
    return build_task("t", task, people, holdout={})


def make_study(folder, tasks, cohorts=("c",), **evaluation):
    return StudyConfig(
        name="s",
        data_folder=folder,
        cohorts={name: CohortConfig(folder=".") for name in cohorts},
        tasks=tasks,
        output_folder=folder / "results",
        pretraining={"shipped": "tiny"},
        evaluation=evaluation,
    )


def lost(task):
    return {who: why for (_, who), why in task.left_out.items()}


def test_groups_become_labels_and_others_a_reason(folder):
    task = build(folder)
    rows = task.subjects.set_index("participant_id")
    assert rows["label"].to_dict() == {"sub-1": 1, "sub-2": 0, "sub-4": 0, "sub-5": 1}
    assert rows.loc["sub-1", ["age", "sex", "group"]].tolist() == [60, "F", "A"]
    assert lost(task) == {
        "sub-3": "group is of neither group",
        "sub-6": "group is of neither group",
    }


def test_subjects_can_be_selected_by_other_columns(folder):
    task = build(folder, where={"site": ("x",)})
    assert task.subjects["participant_id"].tolist() == ["sub-1", "sub-2", "sub-5"]
    assert lost(task)["sub-4"] == "site is not x"


def test_numbers_become_targets_and_missing_ones_a_reason(folder):
    task = build(folder, "regression", column="score")
    assert task.labels.tolist() == [20, 25.5, 28, 19, 21]
    assert lost(task) == {"sub-2": "no score"}


def test_subjects_without_signals_leave_the_task_with_a_reason(folder):
    task = build(folder).restrict(
        {View("c"): ["sub-1", "sub-2"]}, {View("c"): {"sub-4": "3 windows"}}
    )
    assert task.subjects["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert lost(task)["sub-4"] == "3 windows"
    assert lost(task)["sub-5"] == "no usable recording"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"column": "diagnosis"},
            r"has no column 'diagnosis'; found participant_id, age",
        ),
        ({"column": "groups"}, r"has no column 'groups'; .*the nearest is 'group'"),
        ({"where": {"place": ("x",)}}, "has no column 'place'"),
        ({"positive": ("AD",)}, r"nobody has group = 'AD'; found A, B, C"),
    ],
)
def test_columns_and_values_that_do_not_exist_are_named(folder, settings, message):
    with pytest.raises(ConfigError, match=message):
        build(folder, **settings)


def test_a_target_nobody_has_is_named(folder):
    with pytest.raises(
        ConfigError, match="no subject of 'c' has a number in column 'sex'"
    ):
        build(folder, "regression", column="sex")


def test_tasks_that_cannot_be_cross_validated_are_refused(folder):
    with pytest.raises(
        ConfigError, match="2 'A' and 2 'C' are too few: every group needs"
    ):
        check_task(build(folder), n_splits=3)
    with pytest.raises(ConfigError, match="only 'C' is left .1 subject."):
        check_task(build(folder).restrict({View("c"): ["sub-2"]}, {}), n_splits=3)
    with pytest.raises(ConfigError, match="5 subjects with a value, at least 6"):
        check_task(build(folder, "regression", column="score"), n_splits=3)
    (folder / "participants.tsv").write_text(
        "participant_id\tscore\n" + "".join(f"sub-{i}\t7\n" for i in range(9))
    )
    with pytest.raises(ConfigError, match="every subject has 7"):
        check_task(build(folder, "regression", column="score"), n_splits=3)


def test_three_groups_are_numbered_in_their_order(folder):
    classes = {"control": ("C",), "mild": ("B",), "severe": ("A",)}
    task = build(folder, "ordinal", column="group", classes=classes)
    labels = task.subjects.set_index("participant_id")["label"].to_dict()
    assert labels == {"sub-1": 2, "sub-2": 0, "sub-3": 1, "sub-4": 0, "sub-5": 2}
    assert task.classes == ("control", "mild", "severe")
    with pytest.raises(ConfigError, match=": 1 'mild' is too few: every group"):
        check_task(task, n_splits=2)


def test_a_contrast_needs_both_recordings_of_a_person(folder):
    task = build(folder, "contrast", bids_tasks=("open",), against_tasks=("closed",))
    assert task.is_within
    assert len(task.labels) == 12
    opened, closed = task.views
    kept = task.restrict(
        {opened: ["sub-1", "sub-2", "sub-3"], closed: ["sub-1", "sub-3", "sub-4"]}, {}
    )
    assert kept.subjects["participant_id"].tolist() == ["sub-1", "sub-3"] * 2
    assert kept.labels.tolist() == [1, 1, 0, 0]
    assert kept.clusters.tolist() == [0, 1, 0, 1]
    assert lost(kept)["sub-2"] == "no usable recording of the other condition"


def test_strangers_in_two_cohorts_are_no_two_recordings_of_a_person(folder):
    task = build(folder, "contrast", bids_tasks=("open",), against_tasks=("closed",))
    renamed = task.subjects.copy()
    closed = renamed["view"] == 1
    renamed.loc[closed, ["participant_id", "cluster"]] += "-other"
    strangers = replace(task, subjects=renamed)
    assert not strangers.is_within
    with pytest.raises(ConfigError, match="nobody of .* has both under one label"):
        check_task(strangers, n_splits=2)
    everybody = {
        view: list(renamed.loc[renamed["view"] == number, "participant_id"])
        for number, view in enumerate(task.views)
    }
    assert not len(strangers.restrict(everybody, {}).subjects)


def test_matched_controls_are_of_the_same_sex_and_age(folder):
    (folder / "participants.tsv").write_text(
        "participant_id\tage\tsex\tgroup\n"
        "p1\t50\tF\tA\np2\t60\tM\tA\np3\t70\tF\tA\n"
        "c1\t50\tF\tC\nc2\t60\tF\tC\nc3\t61\tM\tC\n"
    )
    task = build(folder, matched=True)
    assert sorted(task.subjects["participant_id"]) == ["c1", "c3", "p1", "p2"]
    pairs = task.subjects.groupby("cluster")["participant_id"].apply(sorted).tolist()
    assert sorted(pairs) == [["c1", "p1"], ["c3", "p2"]]
    assert task.is_within
    assert lost(task)["p3"] == "no pair of the same sex and age"


def test_a_pair_of_whom_one_lacks_signal_is_left_out_whole(folder):
    (folder / "participants.tsv").write_text(
        "participant_id\tage\tsex\tgroup\n"
        "p1\t50\tF\tA\np2\t60\tM\tA\nc1\t50\tF\tC\nc2\t60\tM\tC\n"
    )
    task = build(folder, matched=True).restrict({View("c"): ["p1", "p2", "c1"]}, {})
    assert sorted(task.subjects["participant_id"]) == ["c1", "p1"]
    assert task.is_within
    assert lost(task)["c2"] == "no usable recording"
    assert lost(task)["p2"] == "the other of the matched pair has no usable recording"
    assert sorted(task.excluded["participant_id"]) == ["c2", "p2"]


def test_people_of_two_cohorts_are_never_one_person(folder):
    task = TaskConfig(
        kind="regression", cohort="c", more_cohorts=("d",), column="score"
    )
    study = make_study(folder, {"t": task}, cohorts=("c", "d"))
    built = build_task("t", task, Study(study).people, holdout={})
    assert len(built.labels) == 10
    assert built.subjects["cluster"].nunique() == 10
    assert not built.is_within


def test_who_is_predicted_does_not_tell_an_adapter_the_answer(folder):
    """A known age taken out of the features would hand the age back."""
    predicted = build(folder, "regression", column="age")
    assert predicted.target == "age"
    hidden = predicted.covariates
    assert hidden["age"].isna().all()
    assert hidden["sex"].tolist() == predicted.subjects["sex"].tolist()
    assert predicted.subjects["age"].notna().all()
    other = build(folder, "regression", column="score")
    assert other.target == ""
    assert other.covariates.equals(other.subjects[["age", "sex"]])


def test_brain_age_knows_who_is_healthy(folder):
    task = build(
        folder, "regression", column="age", reference=("C",), reference_column="group"
    )
    healthy = task.subjects.set_index("participant_id")["is_reference"]
    assert healthy[healthy].index.tolist() == ["sub-2"]


def test_confounds_are_numbers_or_counted(folder):
    by_age = build(folder, confound="age").subjects["confound"].tolist()
    assert by_age[0] == 60
    assert np.isnan(by_age[2])
    assert build(folder, confound="site").subjects["confound"].tolist() == [0, 0, 1, 0]
    with pytest.raises(ConfigError, match="has no column 'weight' for `confound`"):
        build(folder, confound="weight")
    text = TABLE.replace("\tsite", "\tward").replace("\tage", "\tborn")
    (folder / "participants.tsv").write_text(text)
    for name in ("age", "site"):
        with pytest.raises(ConfigError, match=f"has no column '{name}' for `confound`"):
            build(folder, confound=name)


def test_pairs_of_one_age_need_ages(folder):
    text = TABLE.replace("\tage", "\tborn")
    (folder / "participants.tsv").write_text(text)
    with pytest.raises(ConfigError, match=r"`matched` needs ages, .* age_column"):
        build(folder, matched=True)


def test_a_confound_is_counted_alike_in_every_cohort(folder):
    (folder / "d").mkdir()
    (folder / "d" / "participants.tsv").write_text(TABLE.replace("\tx", "\tz"))
    asked = {"kind": "classification", "cohort": "c", "more_cohorts": ("d",),
             "column": "group", "positive": ("A",), "negative": ("C",),
             "confound": "site"}  # fmt: skip
    task = TaskConfig(**asked)
    settings = make_study(folder, {"t": task}, cohorts=("c", "d"))
    cohorts = settings.cohorts | {"d": CohortConfig(folder="d")}
    people = Study(settings.model_copy(update={"cohorts": cohorts})).people
    found = build_task("t", task, people, holdout={}).subjects["confound"]
    assert found.tolist() == [0, 0, 1, 0, 2, 2, 1, 2]


def test_one_number_among_words_makes_no_number_of_a_confound(folder):
    (folder / "participants.tsv").write_text(TABLE.replace("\ty", "\t2"))
    assert build(folder, confound="site").subjects["confound"].tolist() == [1, 1, 0, 1]


def test_a_design_asks_all_that_a_clinician_would():
    design = DesignConfig(
        cohort="c",
        column="dx",
        controls=("HC",),
        subtypes={"back": ("B",), "wide": ("W",), "joint": ("J", "K")},
    )
    tasks = design.expand("pain")
    assert len(tasks) == 2 * 4 + 3
    assert tasks["pain_vs_control"].positive == ("B", "W", "J", "K")
    assert tasks["pain_joint_vs_matched"].matched
    assert tasks["pain_back_vs_wide"].negative == ("W",)


def record(folder, number, *tasks):
    """Empty recordings of somebody: their names say enough."""
    eeg = folder / f"sub-{number}" / "eeg"
    eeg.mkdir(parents=True)
    for task in tasks:
        (eeg / f"sub-{number}_task-{task}_eeg.edf").touch()


def list_with_controls(study):
    return Study(study).with_controls.settings.tasks


def test_controls_are_added_where_the_table_knows_them(folder):
    for i in range(30):
        record(folder, i, "rest")
    rows = "".join(
        f"sub-{i}\t{20 + i}\t{'FM'[i % 2]}\t{'AC'[i % 2]}\t{'xyz'[i % 3]}\n"
        for i in range(30)
    )
    (folder / "participants.tsv").write_text(
        "participant_id\tage\tsex\tgroup\tsite\n" + rows
    )
    task = TaskConfig(kind="classification", cohort="c", column="group",
                      positive=("A",), negative=("C",))  # fmt: skip
    plain = make_study(folder, {"t": task})
    opened = Study(plain)
    assert opened.with_controls is opened
    study = Study(make_study(folder, {"t": task}, controls=True)).with_controls
    kinds = {one.name: one.kind for one in study.build_tasks()}
    assert kinds == {
        "t": "classification",
        "control_age_c": "regression",
        "control_sex_c": "classification",
        "control_site_c": "multiclass",
    }
    names = {method.name for method in study.settings.evaluation.all_methods}
    assert names >= {"artefact", "surrogate"}


def test_eyes_closed_against_open_is_a_control_where_people_have_both(folder):
    for number in range(1, 7):
        both = ("RestEC", "RestEO") if number < 6 else ("RestEC",)
        record(folder, number, *both, "oddball")
    score = TaskConfig(kind="regression", cohort="c", column="score")
    study = make_study(folder, {"t": score}, controls=True, n_splits=5)
    eyes = list_with_controls(study)["control_eyes_c"]
    assert eyes.views == (View("c", ("RestEC",)), View("c", ("RestEO",)))
    embed = next(step for step in list_steps(Study(study)) if step.name == "embed")
    views = ["c", "c_task-RestEC", "c_task-RestEO"]
    assert embed.describe().settings["views"] == views
    # Harmonised, nobody has enough signal: a control must not stop the study.
    done = Stage(study.output_folder / "cohorts" / "c", {}, {})
    done.begin()
    done.finish()
    assert "control_eyes_c" not in list_with_controls(study)
    more = make_study(folder, {"t": score}, controls=True, n_splits=6)
    assert "control_eyes_c" not in list_with_controls(more)
    own = TaskConfig(kind="contrast", cohort="c", bids_tasks=("RestEO",),
                     against_tasks=("RestEC",))  # fmt: skip
    asked = make_study(folder, {"t": score, "eyes": own}, controls=True)
    assert "control_eyes_c" not in list_with_controls(asked)


@pytest.mark.parametrize(
    ("tasks", "closed", "opened"),
    [
        (["eyesclosed", "eyesopen"], ("eyesclosed",), ("eyesopen",)),
        (["EO1", "EC1", "EO2", "EC2"], ("EC1", "EC2"), ("EO1", "EO2")),
        (["EyesClosed", "eyesOpen"], ("EyesClosed",), ("eyesOpen",)),
        (["secEC", "secEO"], ("secEC",), ("secEO",)),
        (["rest", "EC"], (), ()),
    ],
)
def test_tasks_with_eyes_closed_have_a_counterpart(tasks, closed, opened):
    assert pair_eyes(tasks) == (closed, opened)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "classification", "column": "g"}, "needs `positive` and `negative`"),
        ({"kind": "regression", "column": "g", "positive": ("A",)}, "takes no"),
        ({"kind": "ordinal", "column": "g"}, "at least three `classes`"),
        ({"kind": "regression"}, "needs a `column`"),
        ({"kind": "contrast"}, "that differ from"),
        ({"kind": "regression", "column": "g", "matched": True}, "`matched` needs"),
        ({"kind": "regression", "column": "g", "reference": ("C",)}, "need each other"),
    ],
)
def test_tasks_that_mean_nothing_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        TaskConfig(cohort="c", **settings)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("enkoder", "'enkoder' is unknown; a feature set"),
        ("encoder:tree", "'tree' is unknown; a learner is one of"),
        ("encoder+riemann:svm", "only linear learners"),
        ("encoder@auto-site:svm", "needs the linear learner"),
        ("encoder@discriminator:forest", "needs the linear learner"),
        ("encoder:geodesic", "learns from riemann as it is"),
        ("riemann@recentre:geodesic", "learns from riemann as it is"),
    ],
)
def test_methods_that_do_not_exist_are_named(method, message):
    with pytest.raises(ValidationError, match=message):
        EvaluationConfig(methods=(method,))
    with pytest.raises(ValidationError, match="stands there twice"):
        EvaluationConfig(methods=("dummy", "dummy"))


def test_two_labels_of_one_person_are_named(folder):
    (folder / "participants.tsv").write_text(TABLE + "sub-1\t60\tF\tC\t20\tx\n")
    with pytest.raises(DataError, match=r"sub-1 has 2 values of 'group' \(A, C\)"):
        build(folder)
    assert len(build(folder, "regression", column="score").labels) == 5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"where": {"sex": ["F", "W"]}}, "`where` names sex = 'W', which nobody has"),
        (
            {"kind": "regression", "column": "age", "reference_column": "group",
             "reference": ["D"]},
            "`reference` names group = 'D', which nobody has; found A, B, C",
        ),
    ],
)  # fmt: skip
def test_values_that_would_choose_nobody_are_named(folder, settings, message):
    with pytest.raises(ConfigError, match=message):
        build(folder, **settings)


def test_too_few_healthy_people_to_learn_from_are_refused(folder):
    task = build(
        folder,
        kind="regression",
        column="age",
        reference_column="group",
        reference=["A"],
    )
    with pytest.raises(ConfigError, match="2 subjects of the `reference`"):
        check_task(task, n_splits=2)
