"""Files of plain folders find their people by their names; other text is not shown."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.cohorts.description import describe_cohort, group_problems
from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.cohorts.finding.plain_folders import find_in_plain_folder
from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError


@pytest.fixture
def find(tmp_path):
    """Find recordings of empty files named so, of people labelled so."""

    def run(labels, files, column=None):
        for name in files:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        table = pd.DataFrame({"participant_id": labels, "age": 30} | (column or {}))
        table.to_csv(tmp_path / "participants.tsv", sep="\t", index=False)
        return find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))

    return run


def test_the_longest_label_that_a_name_begins_with_wins(find):
    found = find(["P1", "P1-2", "P10"], ["P1_rest.edf", "p10.edf", "P1-2 rest.edf"])
    assert [(one.key.name, one.path.name, one.problem) for one in found] == [
        ("P1_task-rest", "P1_rest.edf", ""),
        ("P1-2_task-rest", "P1-2 rest.edf", ""),
        ("P10", "p10.edf", ""),
    ]


@pytest.mark.parametrize("name", ["007.edf", "7_EC.edf", "7/open.edf", "edf/007/x.edf"])
def test_numbers_are_matched_without_their_zeros(find, name):
    assert [one.key.participant_id for one in find(["07", "8"], [name])] == ["07"]


def test_two_visits_of_a_person_are_two_recordings(find):
    files = ["P1_visit1.edf", "P1_visit2.edf", "P2/pre/x.edf", "post/P2.edf"]
    files += ["P3_2.edf", "P4_Maier_20240501.edf", "P4_Maier_20250501.edf"]
    found = find(["P1", "P2", "P3", "P4"], files)
    assert [one.key.name for one in found] == [
        "P1_ses-visit1",
        "P1_ses-visit2",
        "P2_ses-post",
        "P2_ses-pre",
        "P3_run-2",
        "P4_run-1",
        "P4_run-2",
    ]


def test_two_rows_of_a_person_with_two_files_are_two_recordings(find):
    found = find(["P1", "P1"], ["a.edf", "b.edf"], {"file": ["a.edf", "b.edf"]})
    assert [(one.key.name, one.problem) for one in found] == [
        ("P1_run-1", ""),
        ("P1_run-2", ""),
    ]


def test_files_of_nobody_are_rows_with_a_reason_and_no_person(find, tmp_path):
    found = find(["P1", "p1", "P2"], ["P2.edf", "Maier.edf", "P2/P1.edf", "P10.edf"])
    assert [(one.key.name, one.problem) for one in found] == [
        ("P2", ""),
        ("unmatched_run-1", "its name begins with no label of the table"),
        ("unmatched_run-2", "its name begins with no label of the table"),
        ("unmatched_run-3", "its name and its folder fit different labels"),
    ]
    said = describe_cohort(OpenedCohort("c", tmp_path, CohortConfig(folder=tmp_path)))
    assert "Maier" not in " ".join(said)
    assert said[0] == "4 recordings of 1 person"
    told = group_problems((one.key.name, one.problem) for one in found if one.problem)
    assert told[0].startswith(
        "2 recordings (unmatched_run-1, unmatched_run-2): its name"
    )


def test_a_name_that_fits_two_people_is_of_neither(find):
    found = find(["p1", "P1", "P2"], ["P2.edf", "p1.edf", "Sub-p1.edf"])
    assert [one.problem for one in found if one.problem] == [
        "its name fits several labels of the table"
    ]


def test_a_folder_of_other_peoples_files_is_refused_in_a_sentence(find):
    with pytest.raises(DataError, match=r"no recording there \(1 found\) has"):
        find(["P1"], ["Maier.edf"])


@given(st.lists(st.text("Pp01-_ aé.", min_size=1, max_size=6), min_size=1, max_size=4))
def test_text_that_is_no_label_never_reaches_a_key(tmp_path_factory, rests):
    folder = tmp_path_factory.mktemp("plain")
    for number, rest in enumerate(rests):
        (folder / f"P1_Huber{rest}{number}.edf").write_bytes(b"x")
    table = pd.DataFrame({"participant_id": ["P1"]})
    settings = CohortConfig(folder=folder)
    found = list(find_in_plain_folder("c", folder, settings, table))
    assert len({one.key for one in found}) == len(rests)
    assert {one.key.participant_id for one in found} == {"P1"}
    assert not any("Huber" in one.key.name for one in found)
