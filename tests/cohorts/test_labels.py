"""People keep their labels, and are found under other spellings of them."""

import numpy as np
import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.cohorts.labels import is_bids, match_labels, name_subject
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.recordings.sidecars import find_sidecars, parse_entities

LABELS = ("BP-01", "BP_01", "01", "a-b-c", "1.5", "x+y", "Müller", "sub-01", "ses-1-2")


def touch(root, name, label, more="_task-rest"):
    path = root / name / "eeg" / f"{name}{more}_eeg.edf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


@pytest.mark.parametrize("label", LABELS)
def test_whatever_a_label_holds_it_is_one_persons(tmp_path, label):
    for number in range(3):
        touch(tmp_path, f"sub-{label}{number}", label, "_ses-pre-1_task-eyes-closed")
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert [one.problem for one in found] == [""] * 3
    assert {one.key.participant_id for one in found} == {
        f"sub-{label}{number}" for number in range(3)
    }
    assert {one.key.task for one in found} == {"eyes-closed"}
    assert {one.key.session for one in found} == {"pre-1"}


def test_sidecars_belong_to_the_person_with_the_whole_label(tmp_path):
    one = touch(tmp_path, "sub-BP-01", "")
    other = touch(tmp_path, "sub-BP-02", "")
    for path in (one, other):
        path.with_name(path.name.replace("_eeg.edf", "_events.tsv")).write_text(
            "onset\n"
        )
    events = find_sidecars(other, tmp_path).events
    assert events.name == "sub-BP-02_task-rest_events.tsv"


def test_a_label_that_cannot_be_one_is_a_row_with_its_reason(tmp_path):
    touch(tmp_path, "sub-a b", "")
    touch(tmp_path, "sub-ok", "")
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert [bool(one.problem) for one in found] == [True, False]
    assert "'sub-a b' cannot be a label; use letters" in found[0].problem


def test_folders_with_a_capital_are_folders_of_people(tmp_path):
    touch(tmp_path, "Sub-01", "")
    assert is_bids(tmp_path)
    (found,) = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert found.key.participant_id == "sub-01"
    assert name_subject("SUB-01") == name_subject("01") == "sub-01"


def test_entities_are_parsed_whatever_their_labels_hold():
    assert parse_entities("eeg.json") == {}
    assert parse_entities("task-rest_events.tsv") == {"task": "rest"}
    assert parse_entities("Sub-1_Run-2_eeg.set") == {"sub": "1", "run": "2"}


@pytest.mark.parametrize("seed", range(20))
def test_labels_are_matched_to_one_folder_or_to_none(seed):
    """Nobody gets a folder that somebody else could mean."""
    rng = np.random.default_rng(seed)
    numbers = rng.choice(30, 6, replace=False)
    recorded = [f"sub-{number:02d}" for number in numbers]
    spell = [
        lambda n: f"sub-{n:02d}", lambda n: f"{n:02d}", lambda n: f"{n}",
        lambda n: f"SUB-{n:02d}", lambda n: f"{n}.0",
    ]  # fmt: skip
    labels = [spell[rng.integers(5)](n) for n in numbers]
    found, notes = match_labels(labels, recorded)
    assert [found.get(label, label) for label in labels] == recorded
    assert bool(notes) == bool(found)


def test_two_that_could_be_meant_are_not_chosen_between():
    assert match_labels(["1"], ["sub-01", "sub-001"])[0] == {}
    assert match_labels(["1", "01"], ["sub-001"])[0] == {}
    assert match_labels(["01", "sub-01"], ["sub-01"])[0] == {}
    assert match_labels(["ab"], ["sub-AB"])[0] == {"ab": "sub-AB"}


def test_a_table_without_sub_lists_the_recorded_people(tmp_path):
    for number in ("01", "02"):
        touch(tmp_path, f"sub-{number}", "")
    (tmp_path / "participants.tsv").write_text("participant_id\tage\n01\t30\n2\t40\n")
    cohort = OpenedCohort("c", tmp_path, CohortConfig(folder=tmp_path))
    assert cohort.people.known["participant_id"].tolist() == ["sub-01", "sub-02"]
    assert "such as 01 for sub-01" in cohort.table_notes[0]


def test_files_are_found_where_blanks_or_accents_differ(tmp_path):
    (tmp_path / "Mu\u0308ller  1.edf").write_bytes(b"x")
    (tmp_path / "participants.tsv").write_text(
        "participant_id\tfile\np1\tM\u00fcller\u00a01.edf\n", encoding="utf-8"
    )
    (found,) = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert found.problem == ""
    assert found.path.is_file()
