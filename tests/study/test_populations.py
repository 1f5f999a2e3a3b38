"""A difference of populations is said before a run, harm only where it was seen."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.files.keys import RecordingKey
from neurograft.recordings.found_recording import FoundRecording
from neurograft.study.known_recordings import KnownRecording
from neurograft.study.populations import (
    Population,
    describe_population,
    list_differences,
    list_harmful,
    read_population,
)
from neurograft.tasks.task import Task

ADULTS = Population(80, 18, 70, ("rest",))


@pytest.fixture
def make_task():
    def make(ages):
        subjects = pd.DataFrame({"cohort": "clinic", "label": 0.0, "age": ages})
        views = (View("clinic"),)
        return Task("disease", "classification", ("a", "b"), views, subjects, {})

    return make


def record(task_name, tmp_path, cohort="clinic"):
    key = RecordingKey(cohort, "sub-0", task=task_name)
    return {cohort: [KnownRecording(FoundRecording(key, tmp_path, None))]}


def test_what_an_encoder_tells_of_its_people_names_nobody():
    ages = np.concatenate([np.linspace(20, 60, 99), [97.5, np.nan]])
    told = describe_population(ages, ["rest", "rest", ""])
    assert told["n_ages"] == 100
    assert told["high"] < 60
    assert told["bids_tasks"] == ["rest"]
    found = read_population({"population": told})
    assert found.low == told["low"]
    assert read_population({}) is None
    nobody = read_population({"population": describe_population(np.array([]), [])})
    assert nobody.n_ages == 0


@pytest.mark.parametrize(
    ("ages", "is_said"),
    [
        (np.linspace(20, 60, 20), False),
        (np.linspace(7, 12, 20), True),
        ([*np.linspace(20, 60, 19), 8], False),  # one of twenty
        ([*np.linspace(20, 60, 18), 8, 80], True),
        ([np.nan] * 20, False),
    ],
)
def test_ages_that_the_encoder_has_not_seen_are_said(make_task, ages, is_said):
    said = list(list_differences(ADULTS, make_task(ages), {}, ["mae"]))
    assert bool(said) == is_said
    assert not any("harm" in sentence for sentence in said)


def test_harm_is_said_of_the_objective_that_did_harm_only(make_task):
    children = make_task(np.linspace(7, 12, 20))
    (said,) = list_differences(ADULTS, children, {}, ["latent"])
    assert "20 of 20 people are younger or older" in said
    assert "18 to 70 years" in said
    assert "may harm here" in said
    few = ADULTS._replace(n_ages=3)
    assert not list(list_differences(few, children, {}, ["latent"]))


@pytest.mark.parametrize(
    ("objectives", "is_said"),
    [(["lejepa"], True), (["lejepa", "lejepa"], True), (["mae"], False),
     (["mae", "lejepa"], False), (["latent"], False)],
)  # fmt: skip
def test_an_objective_that_harmed_whoever_was_tested_is_named(objectives, is_said):
    said = list(list_harmful(objectives))
    assert bool(said) == is_said
    assert all("may harm here" in one for one in said)


def test_another_condition_is_said(make_task, tmp_path):
    task = make_task(np.linspace(20, 60, 20))
    same = record("rest", tmp_path)
    assert not list(list_differences(ADULTS, task, same, ["mae"]))
    (said,) = list_differences(ADULTS, task, record("oddball", tmp_path), ["mae"])
    assert "recorded at oddball; the encoder learns from rest" in said
    unknown = ADULTS._replace(bids_tasks=())
    assert not list(list_differences(unknown, task, record("rest", tmp_path), ["mae"]))
