"""BrainVision triplets that were renamed, cut, or written by others."""

import numpy as np
import pybv
import pytest

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.brainvision import read_header
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found

SFREQ = 100
NAMES = ["Fp1", "Cz", "O2"]
SIGNALS = np.random.default_rng(0).normal(0, 20, (3, 10 * SFREQ))
# As written by CGX recorders: a table of channels without filter columns.
CGX_COMMENT = """
[Comment]

A m p l i f i e r  S e t u p
============================
Number of channels: 3

Channels
--------
#     Name      Phys. Chn.    Resolution / Unit
1     Fp1         1                0.1 uV
2     Cz          2                0.1 uV
3     O2          3                0.1 uV
"""


@pytest.fixture
def header(tmp_path):
    pybv.write_brainvision(
        data=SIGNALS * 1e-6, sfreq=SFREQ, ch_names=NAMES, fname_base="old",
        folder_out=tmp_path, resolution=0.01, unit="µV", fmt="binary_int16",
        events=[
            {"onset": 300, "duration": 1, "description": 5, "type": "Stimulus"},
        ],
    )  # fmt: skip
    return tmp_path / "old.vhdr"


def read(path):
    return read_found(FoundRecording(RecordingKey("c", "sub-1"), path, None))


def check_signals(recording):
    np.testing.assert_allclose(recording.signals[:, :], SIGNALS, atol=0.011)


def test_an_unbroken_triplet_needs_no_repair(header):
    recording = read(header)
    check_signals(recording)
    assert recording.repairs == ()


@pytest.mark.parametrize(
    ("lost", "is_told"), [(0, False), (6, False), (1, True), (4, True)]
)
def test_signals_that_end_inside_a_sample_may_be_cut_off(header, lost, is_told):
    data = header.with_suffix(".eeg")
    content = data.read_bytes()
    data.write_bytes(content[: len(content) - lost])
    told = "the signals end inside a sample: the file may be cut off"
    assert (told in read(header).repairs) == is_told


def test_a_renamed_triplet_is_read(header):
    for suffix in (".vhdr", ".vmrk", ".eeg"):
        header.with_suffix(suffix).rename(header.with_name(f"new{suffix}"))
    recording = read(header.with_name("new.vhdr"))
    check_signals(recording)
    assert recording.repairs == (
        "the header names another signal file: the one beside it is read",
        "the header names another marker file than the one beside it",
    )


def test_a_channel_table_without_filter_columns_is_read(header):
    text = header.read_text(encoding="utf-8").split("[Comment]")[0]
    header.write_text(text + CGX_COMMENT, "utf-8")
    assert read_header(header).lacks_filters
    recording = read(header)
    check_signals(recording)
    assert recording.repairs == ("the header's channel table has no filter columns",)


def test_a_header_with_two_comments_is_read(header):
    text = header.read_text(encoding="utf-8")
    header.write_text(text + "\n[Comment]\nagain\n", "utf-8")
    recording = read(header)
    check_signals(recording)
    assert recording.repairs == ("the header has two comments",)


def test_markers_in_latin_1_are_read(header):
    markers = header.with_suffix(".vmrk")
    text = markers.read_text("utf-8").replace("UTF-8", "Latin-1")
    markers.write_bytes(text.replace("Stimulus", "Müde").encode("latin-1"))
    recording = read(header)
    check_signals(recording)
    assert "the markers are in Latin-1" in recording.repairs


def test_a_lost_marker_file_is_no_reason_to_lose_the_recording(header):
    header.with_suffix(".vmrk").unlink()
    recording = read(header)
    check_signals(recording)
    assert len(recording.repairs) == 1


def test_lost_signals_are(header):
    header.with_suffix(".eeg").unlink()
    with pytest.raises(DataError, match=r"signals are missing: there is no .eeg"):
        read(header)


def test_a_new_segment_inside_cuts_the_recording(header):
    markers = header.with_suffix(".vmrk")
    more = "Mk9=New Segment,,401,1,0,20200101120000000000\n"
    markers.write_text(markers.read_text("utf-8") + more, "utf-8")
    recording = read(header)
    assert recording.segments == ((0, 400), (400, 1000))


def test_what_is_no_header_is_refused(header):
    header.write_text("hello")
    with pytest.raises(DataError, match="does not begin like a BrainVision header"):
        read(header)


def test_of_channels_with_one_name_the_first_is_kept(header):
    text = header.read_text(encoding="utf-8")
    assert "Ch3=O2," in text
    header.write_text(text.replace("Ch3=O2,", "Ch3=Fp1,"), "utf-8")
    recording = read(header)
    assert recording.ch_names == ("Fp1", "Cz")
    np.testing.assert_allclose(recording.signals[:, :], SIGNALS[:2], atol=0.011)
    assert any("channels of the same name" in said for said in recording.repairs)


@pytest.mark.parametrize(
    ("entry", "value"),
    [("NumberOfChannels", "0"), ("SamplingInterval", "0"), ("SamplingInterval", "-2")],
)
def test_a_header_without_channels_or_time_is_refused_in_words(header, entry, value):
    text = header.read_text(encoding="utf-8")
    lines = [
        f"{entry}={value}" if line.startswith(f"{entry}=") else line
        for line in text.splitlines()
    ]
    header.write_text("\n".join(lines), "utf-8")
    with pytest.raises(
        DataError, match=rf"says {entry}={value}, but it must be above 0"
    ):
        read(header)
