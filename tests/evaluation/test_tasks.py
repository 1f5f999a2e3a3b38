"""Tasks from tables: who has a label, and why others do not."""

import pytest

from neurograft.config import CohortConfig, EvaluationConfig, TaskConfig
from neurograft.errors import ConfigError
from neurograft.evaluation.tasks import build_task, check_task

TABLE = """participant_id\tage\tsex\tgroup\tscore\tsite
sub-1\t60\tF\tA\t20\tx
sub-2\t61\tM\tC\tn/a\tx
sub-3\t62\tF\tB\t25,5\ty
sub-4\tn/a\tM\tC\t28\ty
sub-5\t64\tF\tA\t19\tx
sub-6\t65\tF\tn/a\t21\tx
"""
COHORT = CohortConfig(folder="c")


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
    return build_task(
        "t", TaskConfig(kind=kind, cohort="c", **settings), folder, COHORT
    )


def test_groups_become_labels_and_others_a_reason(folder):
    task = build(folder)
    rows = task.subjects.set_index("participant_id")
    assert rows["label"].to_dict() == {"sub-1": 1, "sub-2": 0, "sub-4": 0, "sub-5": 1}
    assert rows.loc["sub-1", ["age", "sex", "group"]].tolist() == [60, "F", "A"]
    assert task.left_out == {
        "sub-3": "group is of neither group",
        "sub-6": "group is of neither group",
    }


def test_subjects_can_be_selected_by_other_columns(folder):
    task = build(folder, where={"site": ("x",)})
    assert task.subjects["participant_id"].tolist() == ["sub-1", "sub-2", "sub-5"]
    assert task.left_out["sub-4"] == "site is not x"


def test_numbers_become_targets_and_missing_ones_a_reason(folder):
    task = build(folder, "regression", column="score")
    assert task.labels.tolist() == [20, 25.5, 28, 19, 21]
    assert task.left_out == {"sub-2": "no score"}


def test_subjects_without_signals_leave_the_task_with_a_reason(folder):
    task = build(folder).restrict(["sub-1", "sub-2"], {"sub-4": "3 windows"})
    assert task.subjects["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert task.left_out["sub-4"] == "3 windows"
    assert task.left_out["sub-5"] == "no usable recording"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"column": "diagnosis"},
            r"has no column 'diagnosis'; found participant_id, age",
        ),
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
    settings = EvaluationConfig(n_splits=3)
    with pytest.raises(ConfigError, match="2 cases and 2 controls are fewer than"):
        check_task(build(folder), settings)
    with pytest.raises(ConfigError, match="only controls are left .1 subjects."):
        check_task(build(folder).restrict(["sub-2"], {}), settings)
    with pytest.raises(ConfigError, match="5 subjects have a value, at least 6"):
        check_task(build(folder, "regression", column="score"), settings)
    (folder / "participants.tsv").write_text(
        "participant_id\tscore\n" + "".join(f"sub-{i}\t7\n" for i in range(9))
    )
    with pytest.raises(ConfigError, match="every subject has 7"):
        check_task(build(folder, "regression", column="score"), settings)
