"""People asked about are found whichever way their files are kept."""

import pytest

from neurograft.prediction.asked import find_asked


@pytest.fixture
def kept(tmp_path):
    """A BIDS recording whose content lies in a store, and a folder that links to it."""
    store = tmp_path / "store"
    store.mkdir()
    (store / "0a1b.edf").write_bytes(b"signals")
    eeg = tmp_path / "data" / "sub-07" / "eeg"
    eeg.mkdir(parents=True)
    recording = eeg / "sub-07_task-rest_eeg.edf"
    try:
        recording.symlink_to(store / "0a1b.edf")
        (tmp_path / "few").mkdir()
        (tmp_path / "few" / "sub-07").symlink_to(tmp_path / "data" / "sub-07")
    except OSError:
        pytest.skip("this system allows no links")
    return tmp_path


@pytest.mark.parametrize("folder", ["data", "few"])
def test_links_keep_the_label_and_the_root_of_the_path_that_was_given(kept, folder):
    path = kept / folder / "sub-07" / "eeg" / "sub-07_task-rest_eeg.edf"
    (found,) = find_asked([path]).found
    assert found.key.participant_id == "sub-07"
    assert found.bids_root == kept / folder
    assert path.is_relative_to(found.bids_root)


def test_a_file_outside_bids_below_a_folder_called_sub_gets_a_number(tmp_path):
    folder = tmp_path / "sub-studies"
    folder.mkdir()
    for name in ("Jane Doe.edf", "John Doe.edf"):
        (folder / name).write_bytes(b"signals")
    asked = find_asked(sorted(folder.iterdir()))
    assert [one.bids_root for one in asked.found] == [None, None]
    assert asked.names == {"person-01": "Jane Doe.edf", "person-02": "John Doe.edf"}
