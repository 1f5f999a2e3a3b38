"""Keys name recordings."""

from neurograft.files.keys import RecordingKey


def test_a_recording_is_named_by_its_entities():
    key = RecordingKey("cohort", "sub-01", "pre", "rest", "2")
    assert key.name == "sub-01_ses-pre_task-rest_run-2"
