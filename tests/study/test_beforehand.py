"""What a study will be refused for is found before a signal is read."""

import json
import math
import shutil

import pytest

from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.cards import seal_card
from neurograft.files.keys import RecordingKey
from neurograft.files.writing import write_json
from neurograft.models.saving import CARD_FILE
from neurograft.recordings.found_recording import FoundRecording
from neurograft.simulation.cohorts import simulate_cohorts
from neurograft.simulation.sites import default_sites
from neurograft.study.beforehand import check_beforehand, list_refused_plans
from neurograft.study.check import check_study
from neurograft.study.known_recordings import (
    KnownRecording,
    find_equal_files,
    list_known_recordings,
)
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import describe_pretraining


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A clinic of eight people and a public cohort of four, of 25 s each."""
    folder = tmp_path_factory.mktemp("beforehand")
    sites = default_sites(n_source=4, n_patients=4, n_controls=4, n_clinic_channels=19)
    simulate_cohorts(folder, sites=[sites[0], sites[2]], duration_s=25)
    return folder


@pytest.fixture
def make_study(folder):
    """A study of these cohorts, with other settings by section."""

    def make(
        data=folder, cohorts=("students", "clinic"), task=None, named=None, **sections
    ):
        disease = {"kind": "classification", "cohort": "clinic", "column": "group",
                   "positive": ["patient"], "negative": ["control"]}  # fmt: skip
        evaluation = {"n_splits": 2, "n_repeats": 1} | sections.pop("evaluation", {})
        settings = {
            "name": "before",
            "data_folder": data,
            "output_folder": data / "results",
            "cohorts": {
                name: {"folder": name} | (named or {}).get(name, {}) for name in cohorts
            },
            "tasks": {"disease": disease | (task or {})},
            "evaluation": evaluation,
        }
        return Study(StudyConfig.model_validate(settings | sections))

    return make


def test_a_study_without_mistakes_passes_in_silence(make_study):
    assert check_beforehand(make_study()) == []


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"evaluation": {"windows_per_subject": 6}}, "nobody is left .* 8 people are "
         r"left out \(sub-001, sub-002, sub-003, ...\): 2 windows of 10 s, 6 are"),
        ({"evaluation": {"windows": {"clinik": 2}}}, "'clinik', which is no cohort"),
        ({"evaluation": {"protocol": "leave-one-site-out"}}, "site out needs at least"),
        ({"evaluation": {"n_splits": 5}}, "needs evaluation.n_splits=5 people"),
        ({"pretraining": {"window_s": 30}}, "Nobody of students can be pretrained on"),
        ({"pretraining": {"shipped": "tiny", "window_s": 5}}, "with window_s=10"),
        ({"pretraining": {"objectives": [{"nowhere:Own": 1.0}]}}, "no module"),
        ({"pretraining": {"source": "nowhere:Own"}}, "no module"),
        ({"pretraining": {"continue_from": "first"}}, "there is no encoder in"),
        ({"harmonise": {"min_duration_s": 30}}, "none of 4 recordings can be used"),
        ({"named": {"clinic": {"site_column": "grou"}}}, "which site_column names; .* "
         r"found participant_id, age, sex, group; the nearest is 'group'"),
        ({"named": {"students": {"age_column": "years"}}}, "which age_column names"),
        ({"evaluation": {"protocol": "hold-out", "holdout": {"split": ["a"]}}},
         "evaluation.holdout names the column 'split'"),
        ({"task": {"bids_tasks": ["sleep"]}}, r"bids_tasks = .'sleep'.; found .'rest'"),
    ],
)  # fmt: skip
def test_what_run_would_refuse_is_refused_at_once(make_study, sections, message):
    for check in (check_beforehand, lambda study: list(check_study(study))):
        with pytest.raises((ConfigError, DataError), match=message):
            check(make_study(**sections))


def test_an_objective_that_harmed_is_named_before_it_is_run(make_study):
    def check(*objectives):
        return check_beforehand(make_study(pretraining={"objectives": objectives}))

    (said,) = check({"lejepa": 1.0})
    assert said.startswith("pretraining: `lejepa` alone harmed")
    assert check({"mae": 1.0, "lejepa": 0.1}) == []


def test_people_without_recordings_and_points_without_people_are_said(
    make_study, folder, tmp_path
):
    shutil.copytree(folder / "clinic", tmp_path / "clinic")
    shutil.copytree(folder / "students", tmp_path / "students")
    shutil.rmtree(tmp_path / "clinic" / "sub-003")
    study = make_study(tmp_path, evaluation={"labels_per_class": [40]})
    assert check_beforehand(study) == [
        "task disease: 1 person is left out (sub-003): no usable recording",
        "task disease: 7 of 8 people remain",
        "task disease: the low-label curve has no point at 40: training folds hold no "
        "more people than that",
    ]


def test_points_of_the_curve_that_nobody_asked_for_are_missed_in_silence(make_study):
    settings = make_study().settings.evaluation
    assert settings.labels_per_class == (5, 10, 20, 40)
    assert settings.asked_labels == ()
    assert check_beforehand(make_study()) == []
    asked = make_study(evaluation={"labels_per_class": [1, 5]})
    assert check_beforehand(asked) == [
        "task disease: the low-label curve has no point at 5: training folds hold no "
        "more people than that"
    ]


def test_two_cohorts_of_a_task_give_as_many_windows_as_in_a_run(make_study, tmp_path):
    known = {}
    for cohort, seconds in (("clinic", 90), ("ward", 40)):
        (tmp_path / cohort).mkdir()
        people = [f"sub-{number}" for number in range(20)]
        rows = [f"{who}\t{group}" for who, group in zip(
            people, ["patient", "control"] * 10, strict=True)]  # fmt: skip
        table = "\n".join(["participant_id\tgroup", *rows])
        (tmp_path / cohort / "participants.tsv").write_text(table)
        known[cohort] = [
            KnownRecording(FoundRecording(RecordingKey(cohort, who), tmp_path, None), s)
            for who, s in zip(people, [60, *[seconds] * 19], strict=True)
        ]
    study = make_study(
        tmp_path,
        cohorts=("clinic", "ward"),
        task={"more_cohorts": ["ward"]},
        pretraining={"shipped": "tiny"},
    )
    # Nineteen of twenty have 9 windows in the clinic and 4 in the ward: 4 are taken.
    assert check_beforehand(study, known) == []


def test_copies_and_short_recordings_are_known_from_files_alone(
    make_study, folder, tmp_path
):
    shutil.copytree(folder / "students", tmp_path / "students")
    shutil.copytree(folder / "clinic", tmp_path / "clinic")
    for ending in (".edf", ".eeg"):
        files = sorted((tmp_path / "students").rglob(f"*_eeg{ending}"))
        if files:
            files[1].write_bytes(files[0].read_bytes())
    sidecar = next((tmp_path / "students/sub-003").rglob("*_eeg.json"))
    sidecar.write_text(json.dumps({"RecordingDuration": 12}))
    known = list_known_recordings(make_study(tmp_path), "students")
    assert [one.problem for one in known] == [
        "",
        "the same bytes as sub-001_task-rest",
        "12 s long, at least 20 s are needed",
        "",
    ]
    assert [one.duration_s for one in known] == [25, 25, 12, 25]


def test_long_files_of_equal_length_are_copies_only_if_their_bytes_are(tmp_path):
    known = []
    for number, last in enumerate((b"a", b"b", b"a"), start=1):
        path = tmp_path / f"{number}.edf"
        with path.open("wb") as file:
            file.seek(64 * 2**20)
            file.write(last)
        key = RecordingKey("clinic", f"sub-{number}")
        known.append(KnownRecording(FoundRecording(key, path, None, folder=tmp_path)))
    copied = find_equal_files(known)
    assert copied == {known[2].found.key: known[0].found.key}


def test_equal_sidecars_and_empty_files_make_no_copies(tmp_path):
    (tmp_path / "dataset_description.json").write_text("{}")
    known = []
    for number, content in enumerate((b"a" * 99, b"b" * 99, b"", b""), start=1):
        folder = tmp_path / f"sub-{number}" / "eeg"
        folder.mkdir(parents=True)
        path = folder / f"sub-{number}_task-rest_eeg.edf"
        path.write_bytes(content)
        (folder / f"sub-{number}_task-rest_events.tsv").write_text("x" * 999)
        (folder / f"sub-{number}_task-rest_eeg.json").write_text(f"{{{' ' * 500}}}")
        key = RecordingKey("clinic", f"sub-{number}")
        known.append(KnownRecording(FoundRecording(key, path, tmp_path)))
    assert len(known[0].found.files) == 3
    assert find_equal_files(known) == {}


def test_copies_in_another_cohort_are_said_whatever_their_labels(
    make_study, folder, tmp_path
):
    shutil.copytree(folder / "students", tmp_path / "students")
    shutil.copytree(folder / "clinic", tmp_path / "clinic")
    copy = shutil.copytree(folder / "students/sub-001", tmp_path / "more/sub-001")
    table = "participant_id\tage\tsex\nsub-001\t30\tF\n"
    (copy.parent / "participants.tsv").write_text(table)
    study = make_study(
        tmp_path,
        cohorts=("students", "clinic", "more"),
        pretraining={"cohorts": ["students"]},
    )
    said = "sub-001_task-rest of more has the same bytes as sub-001_task-rest of "
    assert [line for line in check_study(study) if "same bytes" in line] == [
        f"{said}students"
    ]


def test_a_length_that_no_sidecar_says_is_read_from_the_file(
    make_study, folder, tmp_path
):
    shutil.copytree(folder, tmp_path / "data")
    for path in (tmp_path / "data").rglob("*_eeg.json"):
        path.unlink()
    study = make_study(tmp_path / "data", evaluation={"windows_per_subject": 6})
    assert {one.duration_s for one in list_known_recordings(study, "clinic")} == {
        math.inf
    }
    check_beforehand(study)
    with pytest.raises(ConfigError, match="2 windows of 10 s, 6 are taken"):
        list(check_study(study))


def test_a_table_of_people_may_lie_outside_the_folder(make_study, folder, tmp_path):
    table = shutil.copy(folder / "clinic" / "participants.tsv", tmp_path)
    settings = make_study().settings
    clinic = settings.cohorts["clinic"].model_copy(update={"table": str(table)})
    cohorts = settings.cohorts | {"clinic": clinic}
    assert (
        check_beforehand(Study(settings.model_copy(update={"cohorts": cohorts}))) == []
    )


def test_an_encoder_of_ones_own_cannot_be_trained_on(make_study, folder, tmp_path):
    for cohort in ("students", "clinic"):
        (tmp_path / cohort).symlink_to(folder / cohort)
    study = make_study(tmp_path, pretraining={"continue_from": "mine"})
    card = seal_card({"objective": "an encoder of your own", "n_subjects": 0})
    write_json(study.folder("pretraining", "mine") / CARD_FILE, card)
    for ask in (check_beforehand, describe_pretraining):
        with pytest.raises(ConfigError, match=r"came from pretraining.source"):
            ask(study)


def test_controls_that_cannot_be_made_stop_nothing(make_study):
    study = make_study(evaluation={"controls": True, "protocol": "matched-draws"})
    assert set(study.with_controls.settings.tasks) == {"disease"}
    assert "pairs people of two groups" in study.left_out_controls["control_age_clinic"]


def test_other_commands_are_checked_where_the_study_asks_for_them(make_study):
    study = make_study(
        comparison={"variants": {"mae": {"shipped": "tiny"}}},
        specification={"choices": {"evaluation.n_splits": [2, 7]}},
    )
    said = list(list_refused_plans(study))
    assert said[0].startswith("`compare-pretraining` will refuse this study")
    assert "every group needs evaluation.n_splits=7 people" in said[1]


def test_columns_of_cohorts_that_are_only_compared_are_checked_too(make_study):
    study = make_study(
        named={"students": {"site_column": "ward"}},
        pretraining={"shipped": "tiny"},
        shift={"all_cohorts": True},
    )
    with pytest.raises(ConfigError, match="which site_column names"):
        check_beforehand(study)


def test_choices_ask_for_no_column_that_the_study_does_not_name(make_study):
    """The clinic has no column `site`, which is the default of `site_column`."""
    choices = {"evaluation.montage": ["common", "template"]}
    study = make_study(
        evaluation={"windows_per_subject": 2}, specification={"choices": choices}
    )
    assert list(list_refused_plans(study)) == []


def test_a_matched_pair_of_whom_one_was_not_recorded_is_left_out_whole(
    make_study, folder, tmp_path
):
    for name in ("clinic", "students"):
        shutil.copytree(folder / name, tmp_path / name)
    rows = [
        f"sub-{number + 1:03d}\t{30 + 5 * (number // 2)}\tF\t{group}"
        for number, group in enumerate(["patient", "control"] * 4)
    ]
    text = "\n".join(["participant_id\tage\tsex\tgroup", *rows])
    (tmp_path / "clinic" / "participants.tsv").write_text(text)
    shutil.rmtree(tmp_path / "clinic" / "sub-003")
    study = make_study(tmp_path, task={"matched": True}, evaluation={"n_splits": 3})
    assert check_beforehand(study) == [
        "task disease: 1 person is left out (sub-003): no usable recording",
        "task disease: 1 person is left out (sub-004): the other of the matched pair "
        "has no usable recording",
        "task disease: 3 of 4 pairs remain",
    ]
