"""Keys name recordings, and hashes recognise people without naming them."""

from neurograft.files.keys import RecordingKey, hash_subject


def test_a_recording_is_named_by_its_entities():
    key = RecordingKey("cohort", "sub-01", "pre", "rest", "2")
    assert key.name == "sub-01_ses-pre_task-rest_run-2"


def test_a_label_is_hashed_with_its_data_set_and_the_salt():
    own = hash_subject("clinic", "sub-01", "salt")
    assert own == hash_subject("clinic", "01", "salt")
    others = [("clinic", "sub-02"), ("other", "sub-01"), ("clinicsub-", "01")]
    hashes = {hash_subject(*other, "salt") for other in others}
    hashes |= {hash_subject("clinic", "sub-01", "pepper")}
    assert len(hashes) == 4
    assert own not in hashes
    assert len(own) == 32
