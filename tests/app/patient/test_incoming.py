"""Files that belong together become one recording, under a name that tells nothing."""

import zipfile

import pytest

from neurograft.app.patient.incoming import sort_files
from neurograft.app.patient.uploads import Received
from neurograft.errors import DataError

HEADER = b"[Common Infos]\r\nDataFile=Jane Doe.eeg\r\nMarkerFile=Jane Doe.vmrk\r\n"


@pytest.fixture
def send(tmp_path):
    """Receive files by name and content, and arrange them."""
    incoming, recordings = tmp_path / "incoming", tmp_path / "recordings"
    incoming.mkdir()
    recordings.mkdir()

    def arrange_files(**files):
        received = []
        for number, (name, content) in enumerate(files.items()):
            path = incoming / f"received-{number:03d}"
            path.write_bytes(content)
            received.append(Received(name, path))
        return sort_files(received, recordings, limit=2**20), recordings

    return arrange_files


def list_names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_three_files_of_brainvision_stay_together(send):
    found, folder = send(
        **{"Jane Doe.eeg": b"signals", "Jane Doe.vmrk": b"m", "Jane Doe.vhdr": HEADER}
    )
    assert list_names(folder) == [
        "recording-01.eeg", "recording-01.vhdr", "recording-01.vmrk",
    ]  # fmt: skip
    text = found.recordings[0].read_bytes()
    assert b"DataFile=recording-01.eeg\r\n" in text
    assert b"MarkerFile=recording-01.vmrk\r\n" in text
    assert b"Jane" not in text
    assert found.names == {"recording-01.vhdr": "Jane Doe.vhdr"}
    assert found.unused == []


def test_a_header_finds_its_signals_by_name_even_if_the_stems_differ(send):
    found, folder = send(
        **{"new name.vhdr": HEADER, "other.eeg": b"no", "jane doe.EEG": b"yes"}
    )
    assert (folder / "recording-01.eeg").read_bytes() == b"yes"
    assert [name for name, _ in found.unused] == ["other.eeg"]


def test_renamed_files_are_found_by_their_stem(send):
    _, folder = send(**{"visit.vhdr": HEADER, "Visit.eeg": b"yes"})
    assert (folder / "recording-01.eeg").read_bytes() == b"yes"


def test_two_recordings_do_not_take_each_other_s_files(send):
    second = HEADER.replace(b"Jane", b"John")
    found, _ = send(
        **{
            "Jane Doe.vhdr": HEADER,
            "John Doe.vhdr": second,
            "John Doe.eeg": b"john",
            "Jane Doe.eeg": b"jane",
        }
    )
    for path, who in zip(found.recordings, (b"jane", b"john"), strict=True):
        assert path.with_suffix(".eeg").read_bytes() == who


def test_the_pair_of_eeglab_stays_together(send):
    _, folder = send(**{"a.set": b"s", "a.fdt": b"f", "b.edf": b"e"})
    assert list_names(folder) == [
        "recording-01.fdt", "recording-01.set", "recording-02.edf",
    ]  # fmt: skip


def test_what_is_not_used_is_a_row_with_its_reason(send):
    found, _ = send(**{"a.edf": b"e", "b.eeg": b"x", "notes.docx": b"n", "README": b""})
    assert dict(found.unused) == {
        "b.eeg": "it belongs to a BrainVision header (.vhdr), which was not sent",
        "notes.docx": "a .docx is no recording",
        "README": "a file without ending is no recording",
    }


def test_no_recording_is_one_sentence(send):
    with pytest.raises(
        DataError, match=r"No recording was sent; .*\(b.fdt: it belongs"
    ):
        send(**{"b.fdt": b"x"})


def test_a_zip_is_the_same_as_its_files(send, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("day 1/Jane Doe.vhdr", HEADER)
        opened.writestr("day 1/Jane Doe.eeg", b"signals")
        opened.writestr("day 2/b.edf", b"e")
    found, folder = send(**{"x.ZIP": path.read_bytes()})
    assert len(found.recordings) == 2
    assert (folder / "recording-01.eeg").read_bytes() == b"signals"
