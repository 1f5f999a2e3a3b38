"""Numbers that are predicted, and the reason of everybody without one."""

import pandas as pd
import pytest

from neurograft.cohorts.people import parse_people
from neurograft.config.cohort import CohortConfig
from neurograft.config.tasks import TaskConfig
from neurograft.errors import ConfigError
from neurograft.files.written_tables import mask_missing
from neurograft.tasks.labels import build_task, read_targets


def make_people(unit="years", **columns):
    n = len(next(iter(columns.values())))
    table = pd.DataFrame(
        {"participant_id": [f"sub-{i}" for i in range(n)]} | columns, dtype=object
    )
    settings = CohortConfig(folder="x", age_column="Age")
    return parse_people(mask_missing(table), settings, unit=unit, written=table)


def test_a_target_age_is_the_age_that_everything_else_knows():
    people = make_people(
        Age=["41", "999", "-9", "0", "20-25", "89+", "41,5", "n/a", "x"]
    )
    targets, reasons = read_targets("t", "age", people._replace(
        cells=people.cells.rename(columns={"Age": "age"})
    ))  # fmt: skip
    assert targets.dropna().tolist() == [41, 22.5, 89, 41.5]
    assert targets.equals(people.known["age"])
    assert reasons.tolist() == [
        None, "age cannot be (999)", "age cannot be (-9)", "age cannot be (0)",
        None, None, None, "no age", "age cannot be",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["17.03.1961", "1958-11-02", "1961", "170361", "4711234567"]
)
def test_no_reason_repeats_what_may_be_a_date_or_a_number_of_a_hospital(cell):
    people = make_people(Age=["41", cell], score=["3", cell + "x"])
    for column in ("Age", "score"):
        _, reasons = read_targets("t", column, people)
        assert reasons[1]
        assert not any(digit in reasons[1] for digit in "0123456789")


def test_a_target_age_in_months_is_years():
    targets, _ = read_targets("t", "Age", make_people("months", Age=["24", "36"]))
    assert targets.tolist() == [2, 3]


def test_numbers_that_cannot_be_targets_have_a_reason():
    people = make_people(score=["3", "inf", "-999", "12", "Anna", "n/a", "1e999"])
    targets, reasons = read_targets("t", "score", people)
    assert targets.dropna().tolist() == [3, 12]
    assert reasons.tolist() == [
        None, "score is no number", "score is a code for what is missing (-999)", None,
        "score is no number", "no score", "score is no number",
    ]  # fmt: skip


def test_numbers_whose_squares_are_no_numbers_are_no_targets():
    people = make_people(score=["3", "1e308", "-1e200", "12", "1e15"])
    targets, reasons = read_targets("t", "score", people)
    assert targets.isna().tolist() == [False, True, True, False, False]
    assert reasons.tolist() == [None, "score cannot be", "score cannot be", None, None]


def test_marks_that_nobody_can_read_are_refused():
    people = make_people(score=["1,234", "900", "1,100"])
    with pytest.raises(ConfigError, match=r"holds 1,234 beside 900: .*thousands"):
        read_targets("t", "score", people)


def build(people, **settings):
    asked = {"positive": ("PD",), "negative": ("None",)} | settings
    task = TaskConfig(kind="classification", cohort="c", column="group", **asked)
    return build_task("t", task, {"c": people}, holdout={})


@pytest.mark.parametrize("word", ["None", "NA", "null", "unknown", "nan", "n/a"])
def test_a_class_may_be_called_by_a_word_for_missing(word):
    people = make_people(group=["PD", word, "PD", word, ""])
    task = build(people, negative=(word,))
    assert task.labels.tolist() == [1, 0, 1, 0]
    assert task.subjects["group"].tolist() == ["PD", word, "PD", word]
    assert len(task.left_out) == 1


def test_a_word_for_missing_that_nobody_named_is_said():
    task = build(make_people(group=["PD", "HC", "None", "n/a"]), negative=("HC",))
    assert list(task.left_out.values()) == [
        "group is missing, as None means", "group is of neither group",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "asked"),
    [("Épilepsie gauche", "E\u0301pilepsie gauche"), ("a b", "a\u00a0b"), ("x", " x ")],
)
def test_values_that_look_the_same_are_the_same(written, asked):
    people = make_people(group=[written, "HC", written, "HC"], site=["S 1"] * 4)
    task = build(
        people, positive=(asked,), negative=("HC",), where={"site": ("S\u00a01",)}
    )
    assert task.labels.tolist() == [1, 0, 1, 0]
    with pytest.raises(ConfigError, match="nobody has group = 'hc'"):
        build(people, positive=(asked,), negative=("hc",))
