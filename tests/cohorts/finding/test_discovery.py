"""Every file that claims to be a recording is found, with its problem if it has one."""

import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import DataError
from neurograft.recordings.formats import EXTENSIONS


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_bids_recordings_are_listed_by_their_entities(tmp_path):
    touch(tmp_path / "sub-2/eeg/sub-2_task-rest_eeg.vhdr")
    touch(tmp_path / "sub-2/eeg/sub-2_task-rest_eeg.eeg")
    touch(tmp_path / "sub-1/ses-a/eeg/sub-1_ses-a_task-oddball_eeg.edf")
    touch(tmp_path / "sub-1/ses-a/eeg/sub-1_ses-a_task-oddball_eeg.json")
    touch(tmp_path / "sub-1/ses-a/beh/sub-1_ses-a_task-oddball_beh.tsv")
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert [one.key.name for one in found] == [
        "sub-1_ses-a_task-oddball",
        "sub-2_task-rest",
    ]
    assert sorted(path.suffix for path in found[1].files) == [".eeg", ".vhdr"]
    assert sorted(path.suffix for path in found[0].files) == [".edf", ".json"]


def test_only_the_tasks_asked_for_are_listed(tmp_path):
    touch(tmp_path / "sub-1/eeg/sub-1_task-rest_eeg.edf")
    touch(tmp_path / "sub-1/eeg/sub-1_task-sleep_eeg.edf")
    rest = CohortConfig(folder=tmp_path, bids_tasks=("rest",))
    assert [one.key.task for one in find_recordings("c", tmp_path, rest)] == ["rest"]
    with pytest.raises(
        DataError, match=r"of the tasks .'rest', 'sleep'., none of them"
    ):
        find_recordings(
            "c", tmp_path, CohortConfig(folder="x", bids_tasks=("flicker",))
        )


def test_a_plain_folder_is_listed_by_its_table(tmp_path):
    touch(tmp_path / "recordings/a.edf")
    (tmp_path / "participants.tsv").write_text(
        "participant_id\tfile\tsession\tage\n"
        "p1\trecordings/a.edf\tpre\t30\n"
        "p2\trecordings/missing.edf\tn/a\t31\n"
        "p3\t../outside.edf\tn/a\t32\n"
        "p4\tnotes.docx\tn/a\t33\n"
        f"p5\t{'x' * 300}/a.edf\tn/a\t34\n"
    )
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert [one.key.name for one in found] == ["p1_ses-pre", "p2", "p3", "p4", "p5"]
    assert [one.problem for one in found] == [
        "",
        "there is no such file",
        "the file lies outside the cohort's folder",
        f"a .docx is not one of {', '.join(EXTENSIONS)}",
        "there is no such file",
    ]


@pytest.mark.parametrize("label", ["../p1", "a/b", "", ".."])
def test_labels_that_could_leave_the_folder_are_refused(tmp_path, label):
    (tmp_path / "participants.tsv").write_text(
        f"participant_id\tfile\tsession\nsub-1\ta.edf\t{label or '../x'}\n"
    )
    with pytest.raises(DataError, match="cannot be a label; use letters"):
        find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))


def test_two_files_that_claim_one_recording_are_both_refused(tmp_path):
    touch(tmp_path / "sub-1/eeg/sub-1_task-rest_eeg.edf")
    touch(tmp_path / "sub-1/eeg/sub-1_task-rest_eeg.bdf")
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert [one.problem for one in found] == [
        "2 files claim to be sub-1_task-rest; keep one"
    ] * 2


def test_folders_that_hold_nothing_say_so(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        find_recordings("c", tmp_path / "nowhere", CohortConfig(folder="x"))
    (tmp_path / "sub-1").mkdir()
    with pytest.raises(DataError, match="holds no recording; expected files"):
        find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))


def test_a_plain_folder_needs_a_column_of_files(tmp_path):
    (tmp_path / "participants.tsv").write_text("participant_id\tage\np1\t3\n")
    with pytest.raises(DataError, match="holds no recording; expected files"):
        find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    (tmp_path / "x1.edf").write_bytes(b"")
    with pytest.raises(DataError, match="add a column 'file' .* with file_column"):
        find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
