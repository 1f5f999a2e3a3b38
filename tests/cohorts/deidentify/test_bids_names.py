"""A name of BIDS stays one, without labels, dates and long numbers."""

import re

import pytest

from neurograft.cohorts.deidentify.bids_names import (
    hide_value,
    is_known_folder,
    is_of_another,
    rename_path,
)
from neurograft.cohorts.deidentify.people.known_people import know_people
from neurograft.cohorts.deidentify.scrubbing import Scrubber

SCRUBBER = Scrubber("secret")
HASHING = Scrubber("secret", hash_labels=True)


@pytest.mark.parametrize(
    "path",
    ["participants.tsv", "dataset_description.json", "task-rest_events.json",
     "scans.json", "sub-1/sub-1_scans.tsv", "sub-1/eeg/sub-1_task-rest_run-02_eeg.edf",
     "sub-1/ses-01/eeg/sub-1_ses-01_task-EO_acq-x1_raw.fif.gz",
     "sub-1/eeg/sub-1_space-CapTrak_coordsystem.json", "eeg/sub-1_eeg.vhdr"],
)  # fmt: skip
def test_names_of_entities_stay(path):
    assert rename_path(path, SCRUBBER, folder="sub-1") == path


@pytest.mark.parametrize(
    "path",
    ["Huber.tsv", "phenotype_Huber.tsv", "sub-1/eeg/Huber_eeg.edf", "sub-1/eeg/x.json",
     "sub-1/Huber/sub-1_eeg.edf", "sub-1/eeg/sub-1_huber-1_eeg.edf", "n/a",
     "sub-1/eeg/sub-1_task-rest_Huber.tsv", "Huber/sub-1/eeg/sub-1_eeg.edf",
     "eeg.Huber", "sub-1_eeg.Huber"],
)  # fmt: skip
def test_other_names_are_none(path):
    assert rename_path(path, SCRUBBER, folder="sub-1") is None


def test_long_numbers_become_the_same_hash_everywhere():
    session = hide_value("ses-20190304", SCRUBBER)
    assert re.fullmatch(r"ses-[0-9a-f]{8}", session)
    assert hide_value("20190304", SCRUBBER) == session.removeprefix("ses-")
    assert hide_value("2019-03-04", SCRUBBER) != "2019-03-04"
    assert hide_value("0001", SCRUBBER) == "0001"
    assert "Huber" not in hide_value("ses-seen by Huber", SCRUBBER)
    path = "sub-1/ses-20190304/eeg/sub-1_ses-20190304_task-a_acq-4711234_eeg.edf"
    made = rename_path(path, SCRUBBER)
    assert made.count(session) == 2
    assert not re.search("2019|4711", made)


@pytest.mark.parametrize("label", ["Anna_B", "Z.Anna", "Änna", "Anna-01"])
def test_labels_are_hidden_whole(label):
    path = f"Sub-{label}/eeg/Sub-{label}_task-rest_eeg.edf"
    made = rename_path(path, HASHING, folder=f"Sub-{label}")
    hidden = HASHING.relabel(f"sub-{label}")
    assert made == f"{hidden}/eeg/{hidden}_task-rest_eeg.edf"


def test_a_file_of_another_person_than_its_folder_has_no_name():
    assert rename_path("sub-a/eeg/sub-b_eeg.edf", HASHING, folder="sub-a") is None
    assert rename_path("eeg/sub-b_eeg.edf", HASHING, folder="sub-a") is None
    assert rename_path("sub-a/eeg/sub-a_sub-b_eeg.edf", HASHING) is None


@pytest.mark.parametrize(
    ("folders", "is_own"),
    [([], True), (["sub-01"], True), (["sub-01", "sub-2"], True),
     (["sub-01", "sub-1"], False), (["sub-01", "sub-001"], False)],
)  # fmt: skip
def test_a_label_in_another_spelling_is_that_of_the_folder_if_no_other_is_alike(
    folders, is_own
):
    people = know_people(folders, [], folders=folders)
    made = rename_path("sub-01/eeg/sub-1_eeg.edf", SCRUBBER, people=people)
    assert made == ("sub-01/eeg/sub-01_eeg.edf" if is_own else None)
    assert is_of_another("sub-1_eeg.edf", "sub-01", people) != is_own
    listed = rename_path("eeg/sub-1_eeg.edf", SCRUBBER, folder="sub-01", people=people)
    assert listed == ("eeg/sub-01_eeg.edf" if is_own else None)


def test_only_folders_of_subjects_are_entered():
    root = ("sub-1", "Sub-2", "derivatives", "sourcedata", ".git", "phenotype", "code")
    assert [n for n in root if is_known_folder(n, in_root=True)] == ["sub-1", "Sub-2"]
    inner = ("eeg", "ses-01", ".heudiconv", "Huber", "beh")
    known = [n for n in inner if is_known_folder(n, in_root=False)]
    assert known == ["eeg", "ses-01", "beh"]


@pytest.mark.parametrize("value", ["anna", "ANNA", "anna-2", "annaB", "ab", "b2"])
def test_a_label_in_another_entity_is_hidden_in_the_same_way_everywhere(value):
    people = know_people(["sub-anna", "sub-ab", "sub-b2", "sub-01"], [])
    path = f"sub-anna/ses-{value}/eeg/sub-anna_ses-{value}_acq-{value}_eeg.edf"
    made = rename_path(path, HASHING, folder="sub-anna", people=people)
    assert value not in made
    hidden = hide_value(f"ses-{value}", HASHING, people)
    assert made.count(hidden) == 2
    assert rename_path(path, SCRUBBER, folder="sub-anna", people=people) == path


def test_other_values_stay_beside_labels():
    people = know_people(["sub-anna", "sub-b", "sub-01"], [])
    for value in ("ses-01", "ses-001", "task-manner", "acq-x-b", "run-1", "rest"):
        assert hide_value(value, HASHING, people) == value


@pytest.mark.parametrize(
    "value",
    ["acq-4711", "ses-4711", "run-4711", "acq-x4711", "task-resthuber", "acq-AB",
     "acq-1", "task-01", "ses-Huber", "4711", "ses-0101"],
)  # fmt: skip
def test_a_short_label_or_one_inside_a_word_is_hidden(value):
    labels = ["sub-4711", "sub-Huber", "sub-ab", "sub-01", "sub-101"]
    people = know_people(labels, [])
    hidden = hide_value(value, HASHING, people)
    *entity, code = hidden.split("-")
    assert re.fullmatch("[0-9a-f]{8}", code)
    assert entity == value.split("-")[:-1]
    assert hide_value(value, SCRUBBER, people) == value


@pytest.mark.parametrize(
    "value",
    ["run-1", "ses-01", "ses-1", "ses-001", "echo-2", "split-02", "task-rest",
     "task-eyesopen", "task-eo", "ses-3", "acq-3"],
)  # fmt: skip
def test_counts_and_known_words_stay_beside_labels_that_are_the_same(value):
    labels = ["sub-1", "sub-01", "sub-2", "sub-rest", "sub-open", "sub-eo"]
    assert hide_value(value, HASHING, know_people(labels, [])) == value
