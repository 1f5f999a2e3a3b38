"""Recordings of a BIDS data set that lie elsewhere than BIDS says are rows."""

import pytest

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.cohorts.finding.stray_recordings import BESIDE_EEG, BESIDE_SUBJECTS
from neurograft.config.cohort import CohortConfig

from .test_discovery import touch

STRAYS = {
    "second.edf": "it lies in none of the folders of subjects (sub-*)",
    "new/sub-3.edf": "it lies in none of the folders of subjects (sub-*)",
    "sub-1/sub-1_task-rest_eeg.edf": "it lies in the folder of a subject, but in no "
    "folder named eeg",
    "sub-1/ses-b/sub-1.vhdr": "it lies in the folder of a subject, but in no folder "
    "named eeg",
    "sub-1/eeg/sub-1_task-rest_EEG.edf": "its name does not end in _eeg, as BIDS asks",
    "sub-1/eeg/Maier.bdf": "its name does not end in _eeg, as BIDS asks",
}
ELSEWHERE = (
    *(f"{name}/sub-1/eeg/sub-1_desc-clean_eeg.edf" for name in BESIDE_SUBJECTS),
    *(f"sub-1/ses-a/{name}/sub-1_ses-a_{name}.edf" for name in BESIDE_EEG),
    ".git/annex/objects/a.edf", "sub-1/eeg/sub-1_task-rest_events.tsv",
    "participants.tsv", "sub-1/sub-1_scans.tsv", "sub-1/eeg/sub-1_task-rest_eeg.eeg",
)  # fmt: skip


@pytest.mark.parametrize("tasks", [(), ("rest",)])
def test_a_recording_at_no_place_of_bids_is_a_row_with_its_reason(tmp_path, tasks):
    """Whoever adds a patient by hand must be told that nobody reads the file."""
    for name in ("sub-1/eeg/sub-1_task-rest_eeg.vhdr", *STRAYS, *ELSEWHERE):
        touch(tmp_path / name)
    asked = CohortConfig(folder=tmp_path, bids_tasks=tasks)
    found = find_recordings("c", tmp_path, asked)
    reasons = {one.path.relative_to(tmp_path).as_posix(): one.problem for one in found}
    assert reasons == {"sub-1/eeg/sub-1_task-rest_eeg.vhdr": ""} | STRAYS
    assert sorted(one.key.name for one in found) == [
        *(f"sub-1_run-misplaced{n}" for n in (1, 2, 3, 4)),
        "sub-1_task-rest",
        "unmatched_run-misplaced1",
        "unmatched_run-misplaced2",
    ]
    assert "Maier" not in " ".join(one.key.name + one.problem for one in found)
