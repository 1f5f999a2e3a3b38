"""Write files in every format, read them back: the same microvolts."""

import json

import mne
import numpy as np
import pybv
import pytest
from edfio import Bdf, BdfSignal, Edf, EdfSignal

from neurograft.cohorts.finding.discovery import find_recordings
from neurograft.config.cohort import CohortConfig
from neurograft.errors import ChannelError, DataError
from neurograft.files.keys import RecordingKey
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import read_found

NAMES = ["EEG Fp1-REF", "T3", "Cz", "O2", "EOG"]
CANONICAL = ("Fp1", "T7", "Cz", "O2")
SFREQ = 128


@pytest.fixture
def signals():
    return np.random.default_rng(0).normal(0, 20, (5, 10 * SFREQ))


def write_edf(folder, signals, names=NAMES):
    path = folder / "a.edf"
    Edf(
        [
            EdfSignal(
                s, SFREQ, label=n, physical_dimension="uV", physical_range=(-200, 200)
            )
            for n, s in zip(names, signals, strict=True)
        ]
    ).write(path)
    return path


def write_bdf(folder, signals):
    path = folder / "a.bdf"
    Bdf(
        [
            BdfSignal(
                s, SFREQ, label=n, physical_dimension="uV", physical_range=(-200, 200)
            )
            for n, s in zip(NAMES, signals, strict=True)
        ]
    ).write(path)
    return path


def write_brainvision(folder, signals):
    pybv.write_brainvision(
        data=signals * 1e-6, sfreq=SFREQ, ch_names=NAMES,
        fname_base="a", folder_out=folder,
        resolution=0.01, unit="µV", fmt="binary_int16",
    )  # fmt: skip
    return folder / "a.vhdr"


def make_raw(signals):
    return mne.io.RawArray(
        signals * 1e-6, mne.create_info(NAMES, SFREQ, "eeg"), verbose="error"
    )


def write_eeglab(folder, signals):
    path = folder / "a.set"
    mne.export.export_raw(path, make_raw(signals), verbose="error")
    return path


def write_fif(folder, signals):
    path = folder / "a_raw.fif"
    make_raw(signals).save(path, verbose="error")
    return path


def read(path):
    key = RecordingKey("cohort", "sub-01")
    return read_found(FoundRecording(key, path, None))


@pytest.mark.parametrize(
    "write",
    [write_edf, write_bdf, write_brainvision, write_eeglab, write_fif],
)
def test_every_format_gives_the_same_microvolts(tmp_path, signals, write):
    recording = read(write(tmp_path, signals))
    assert recording.ch_names == CANONICAL
    assert recording.sfreq == SFREQ
    assert recording.duration_s == pytest.approx(10)
    np.testing.assert_allclose(recording.signals[:, :], signals[:4], atol=0.011)
    np.testing.assert_allclose(np.linalg.norm(recording.positions, axis=1), 1)
    assert "not scalp EEG, left out: EOG" in recording.notes


def test_a_channel_named_twice_counts_once(tmp_path, signals):
    names = ["T3", "T7", "Cz", "O2", "Fz"]
    recording = read(write_edf(tmp_path, signals, names))
    assert recording.ch_names == ("T7", "Cz", "O2", "Fz")
    np.testing.assert_allclose(recording.signals[:1, :][0], signals[0], atol=0.01)


def test_channels_without_a_position_are_left_out_and_listed(tmp_path, signals):
    names = ["Fp1", "X7", "Cz", "O2", "Fz"]
    recording = read(write_edf(tmp_path, signals, names))
    assert "X7" not in recording.ch_names
    assert "without position, left out: X7" in recording.notes


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"not an EDF file" * 40, "does not begin like EDF")],
)
def test_a_broken_file_is_one_sentence_without_its_path(tmp_path, content, reason):
    path = tmp_path / "Jane Doe.edf"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason) as caught:
        read(path)
    assert "Jane Doe" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_without_its_companion_is_refused(tmp_path, signals):
    path = write_brainvision(tmp_path, signals)
    path.with_suffix(".eeg").unlink()
    with pytest.raises(DataError, match="the signals are missing: there is no .eeg"):
        read(path)


def test_a_file_without_scalp_channels_is_refused(tmp_path, signals):
    path = write_edf(tmp_path, signals, ["EOG", "ECG", "EMG", "A1", "Status"])
    with pytest.raises(ChannelError, match="holds no scalp EEG channel"):
        read(path)


def test_a_bids_sidecar_tells_mains_reference_and_bad_channels(tmp_path, signals):
    folder = tmp_path / "sub-01" / "ses-1" / "eeg"
    folder.mkdir(parents=True)
    (tmp_path / "dataset_description.json").write_text(
        json.dumps({"Name": "x", "BIDSVersion": "1.9.0"})
    )
    (tmp_path / "participants.tsv").write_text("participant_id\tage\nsub-01\t40\n")
    stem = "sub-01_ses-1_task-rest_run-01"
    names = ["Fp1", "T3", "Cz", "O2", "EOG"]
    write_edf(folder, signals, names).rename(folder / f"{stem}_eeg.edf")
    sidecar = {"PowerLineFrequency": 60, "EEGReference": "Cz", "TaskName": "rest"}
    (folder / f"{stem}_eeg.json").write_text(json.dumps(sidecar))
    rows = [f"{n}\tEEG\tuV\t{'bad' if n == 'T3' else 'good'}" for n in names[:4]]
    rows.append("EOG\tEOG\tuV\tgood")
    (folder / f"{stem}_channels.tsv").write_text(
        "name\ttype\tunits\tstatus\n" + "\n".join(rows) + "\n"
    )
    found = find_recordings("c", tmp_path, CohortConfig(folder=tmp_path))
    assert found[0].key == RecordingKey("c", "sub-01", "1", "rest", "01")
    recording = read_found(found[0])
    assert recording.line_freq == 60
    assert recording.reference == "Cz"
    assert recording.bads == ("T7",)
    np.testing.assert_allclose(recording.signals[:, :], signals[:4], atol=0.01)
