"""Every format finds its reader, and none of them ends the process."""

import mne
import numpy as np
import pytest
from mne.export import export_epochs, export_raw
from scipy.io import loadmat, savemat

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings import formats
from neurograft.recordings.formats import (
    find_extension,
    find_format,
    is_recording,
    list_recording_files,
)
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found
from neurograft.recordings.xdf import read_xdf

NAMES = ["Fp1", "Cz", "O2", "Pz"]


def make_raw(seconds=12, sfreq=100.0):
    rng = np.random.default_rng(0)
    signals = rng.normal(0, 20e-6, (4, int(seconds * sfreq)))
    return mne.io.RawArray(
        signals, mne.create_info(NAMES, sfreq, "eeg"), verbose="error"
    )


def read(path):
    return read_found(FoundRecording(RecordingKey("c", "sub-1"), path, None))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"Version 3.0" + bytes(900), "Neuroscan"),
        (b"RIFF\x00\x00\x00\x00CNT ", "ANT eego"),
        (b"RF64\x00\x00\x00\x00CNT ", "ANT eego"),
    ],
)
def test_cnt_files_go_to_the_reader_their_first_bytes_ask_for(tmp_path, content, name):
    path = tmp_path / "a.cnt"
    path.write_bytes(content)
    assert find_format(path).name == name


def test_a_cnt_of_neither_kind_is_refused_before_any_reader_sees_it(tmp_path):
    path = tmp_path / "a.cnt"
    path.write_bytes(b"PK\x03\x04" + bytes(2000))
    with pytest.raises(DataError, match=r"neither like ANT's .cnt"):
        read(path)


def test_a_damaged_neuroscan_file_is_one_sentence(tmp_path):
    path = tmp_path / "a.cnt"
    path.write_bytes(b"Version 3.0" + bytes(3000))
    with pytest.raises(DataError):
        read(path)


def test_a_reader_that_is_not_installed_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "a.xdf"
    path.write_bytes(b"XDF:" + bytes(100))
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"need the package pyxdf: pip install 'n"):
        read(path)


def test_extensions_are_known_in_any_case(tmp_path):
    assert find_extension(tmp_path / "A.EDF") == ".edf"
    assert find_extension(tmp_path / "a.pdf") == ""
    with pytest.raises(DataError, match="a .pdf is not one of"):
        find_format(tmp_path / "a.pdf")


def test_the_signals_of_brainvision_are_no_recording_of_their_own(tmp_path):
    for name in ("a.vhdr", "a.eeg", "b.eeg", "c.eeg"):
        (tmp_path / name).write_bytes(b"x" * 20)
    (tmp_path / "c.eeg").write_bytes(b"EEG-1100A V01.00" + bytes(100))
    found = [p.name for p in sorted(tmp_path.iterdir()) if is_recording(p)]
    assert found == ["a.vhdr", "c.eeg"]  # the last is Nihon Kohden's


def test_epoched_eeglab_is_read_and_cut_between_epochs(tmp_path):
    raw = make_raw()
    epochs = mne.make_fixed_length_epochs(
        raw, duration=3.0, preload=True, verbose="error"
    )
    path = tmp_path / "a.set"
    export_epochs(path, epochs, verbose="error")
    recording = read(path)
    assert recording.segments == ((0, 300), (300, 600), (600, 900), (900, 1200))
    np.testing.assert_allclose(recording.signals[:, :], raw.get_data() * 1e6, atol=1e-3)


@pytest.mark.parametrize("durations", [[-100.0, 0.0], [-1.0, -2.0]])
def test_eeglab_events_of_negative_duration_are_moments(tmp_path, durations):
    raw = make_raw()
    raw.set_annotations(mne.Annotations([2.0, 8.0], [1.0, 0.0], ["BAD_x", "boundary"]))
    path = tmp_path / "a.set"
    export_raw(path, raw, verbose="error")
    content = loadmat(path, simplify_cells=True)
    content = {k: v for k, v in content.items() if not k.startswith("_")}
    for event, duration in zip(content["event"], durations, strict=True):
        event["duration"] = duration
    savemat(path, content)
    with pytest.raises(AssertionError):
        mne.io.read_raw_eeglab(path, verbose="error")
    recording = read(path)
    assert recording.repairs == ("annotations of negative duration: taken as moments",)
    assert recording.segments == ((0, 800), (800, 1200))
    np.testing.assert_allclose(recording.signals[:, :], raw.get_data() * 1e6, atol=1e-3)


def test_an_eeglab_boundary_is_a_gap(tmp_path):
    raw = make_raw()
    raw.set_annotations(mne.Annotations([5.0], [0.0], ["boundary"]))
    path = tmp_path / "a.set"
    export_raw(path, raw, verbose="error")
    assert read(path).segments == ((0, 500), (500, 1200))


def test_what_is_annotated_bad_is_left_out(tmp_path):
    raw = make_raw()
    raw.set_annotations(mne.Annotations([2.0, 8.0], [1.0, 0.0], ["BAD_move", "badge"]))
    path = tmp_path / "a_raw.fif"
    raw.save(path, verbose="error")
    assert read(path).segments == ((0, 200), (300, 1200))


@pytest.mark.real_data
def test_clock_resets_of_xdf_are_gaps(real_data):
    raw = read_xdf(real_data / "formats/xdf/clock_resets.xdf")
    assert raw.info["sfreq"] == 100
    assert set(raw.annotations.description) == {"boundary"}
    with pytest.raises(DataError, match="none of the 4 streams is of type EEG"):
        read_xdf(real_data / "formats/xdf/empty_streams.xdf")


def test_hidden_folders_and_parts_of_recordings_are_not_listed(tmp_path):
    for name in (
        "b.edf", "day/a.edf", ".git/annex/objects/k.edf", ".neurograft-app/p.edf",
        "whole.mff/signal1.edf", "notes.txt", ".hidden.edf",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    listed = [str(one.relative_to(tmp_path)) for one in list_recording_files(tmp_path)]
    assert listed == [".hidden.edf", "b.edf", "day/a.edf", "whole.mff"]
