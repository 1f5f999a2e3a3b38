"""The task and the method of a predictor follow from the tables of the study."""

import pandas as pd
import pytest

from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError
from neurograft.study.opened_study import Study
from neurograft.study.predictor import description
from neurograft.study.predictor.choice import (
    choose_method,
    choose_task,
    find_verdict,
    list_cautions,
)


@pytest.fixture
def study(tmp_path):
    groups = {"kind": "classification", "cohort": "a", "column": "g",
              "positive": ["p"], "negative": ["c"]}  # fmt: skip
    contrast = {"kind": "contrast", "cohort": "a", "bids_tasks": ["x"],
                "against_tasks": ["y"]}  # fmt: skip
    return Study(
        StudyConfig(
            name="x",
            data_folder=tmp_path,
            output_folder=tmp_path / "results",
            cohorts={"a": {"folder": "a"}},
            pretraining={"shipped": "tiny"},
            tasks={"one": groups, "two": groups, "rest": contrast},
            evaluation={"controls": False},
        )
    )


def make_verdicts(**answers):
    return pd.DataFrame(
        [
            {"task": task, "question": "evidence", "answer": answer, "sentence": "S.",
             "values": '{"best": {"method": "encoder:forest"}}'}
            for task, answer in answers.items()
        ]
    )  # fmt: skip


def make_results(**values):
    return pd.DataFrame(
        [
            {"task": "one", "method": name.replace("_", "-"), "metric": "AUROC",
             "value": value}
            for name, value in values.items()
        ]
    )  # fmt: skip


def test_the_only_task_with_evidence_is_taken_and_of_several_one_must_be_named(study):
    told = make_verdicts(one="no evidence", two="evidence", rest="evidence")
    assert choose_task(study, told) == "two"
    with pytest.raises(ConfigError, match="--task: with evidence are one, two"):
        choose_task(study, make_verdicts(one="evidence", two="evidence"))
    with pytest.raises(ConfigError, match="with evidence are none"):
        choose_task(study, make_verdicts(one="undecided"))


def test_a_contrast_says_nothing_of_a_new_person(study):
    with pytest.raises(ConfigError, match="two recordings of the same people"):
        find_verdict(study, "rest", make_verdicts(rest="evidence"))


def test_the_best_that_can_be_saved_follows_where_the_best_cannot(study):
    verdict = make_verdicts(one="evidence").iloc[0].to_dict()
    results = make_results(dummy=0.5, band_power=0.7, encoder=0.8, duration=0.99)
    assert choose_method(study, "one", "", results, verdict).name == "encoder"
    with pytest.raises(ConfigError, match="None of the methods"):
        choose_method(study, "one", "", make_results(dummy=0.5), verdict)


def test_an_encoder_of_the_users_own_cannot_be_saved(study):
    source = study.settings.pretraining.model_copy(
        update={"source": "mine:Encoder", "shipped": ""}
    )
    own = Study(study.settings.model_copy(update={"pretraining": source}))
    verdict = make_verdicts(one="evidence").iloc[0].to_dict()
    results = make_results(band_power=0.6, encoder=0.9)
    assert choose_method(own, "one", "", results, verdict).name == "band-power"
    with pytest.raises(ConfigError, match="your own"):
        choose_method(own, "one", "encoder", results, verdict)


def test_warnings_of_the_task_are_kept_and_notes_and_other_tasks_are_not():
    rows = [
        ("one", "evidence", "evidence", "NG101"),
        ("one", "design", "warning", "NG310"),
        ("one", "confound", "duration", "NG320"),
        ("two", "confound", "duration", "NG321"),
    ]
    told = pd.DataFrame(rows, columns=["task", "question", "answer", "code"])
    told = told.assign(values='{"n": 3}')
    assert list_cautions("one", told) == [
        {"code": "NG310", "n": 3},
        {"code": "NG320", "n": 3},
    ]
    told.loc[told["answer"] == "warning", "answer"] = "note"
    assert [one["code"] for one in list_cautions("one", told)] == ["NG320"]


def test_what_can_be_inferred_is_said():
    assert "no row of a person" in description.INFERRED
