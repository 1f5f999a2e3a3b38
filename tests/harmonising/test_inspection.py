"""Inspecting says what a recording is, and tries no more than its beginning."""

import numpy as np
import pytest

from neurograft.files.keys import RecordingKey
from neurograft.harmonising import inspection
from neurograft.harmonising.inspection import COLUMNS, inspect_recording
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.reading import NO_RULES

KEY = RecordingKey("c", "sub-1", "", "rest")


@pytest.fixture
def found(make_recording, tmp_path):
    """An EEG in a FIF file."""
    mne = pytest.importorskip("mne")
    recording = make_recording(sfreq=128.0, duration_s=30.0)
    info = mne.create_info(list(recording.ch_names), 128.0, "eeg")
    raw = mne.io.RawArray(recording.signals * 1e-6, info, verbose="error")
    path = tmp_path / "a_raw.fif"
    raw.save(path, verbose="error")
    return FoundRecording(KEY, path, None)


def test_a_usable_recording_is_described_and_nothing_is_written(found):
    before = sorted(found.path.parent.iterdir())
    row = inspect_recording(found, NO_RULES, has_microvolts=True)
    assert set(row) <= set(COLUMNS)
    assert (row["status"], row["reason"], row["format"]) == ("usable", "", "FIF")
    assert (row["n_channels"], row["n_scalp"], row["sfreq_hz"]) == (19, 19, 128.0)
    assert row["duration_s"] == 30
    assert sorted(found.path.parent.iterdir()) == before


def test_what_can_be_opened_but_not_used_says_why(found, monkeypatch):
    monkeypatch.setattr(inspection, "SHORTEST_S", 31.0)
    row = inspect_recording(found, NO_RULES, has_microvolts=True)
    assert row["status"] == "unusable"
    assert row["reason"].startswith("30.0 s long, at least 31 s are needed")


@pytest.mark.parametrize("problem", ["named twice", ""])
def test_what_cannot_be_opened_is_refused_with_the_reason(tmp_path, problem):
    path = tmp_path / "a.edf"
    path.write_bytes(b"")
    row = inspect_recording(FoundRecording(KEY, path, None, problem), NO_RULES, True)
    assert row == {
        "name": KEY.name,
        "status": "refused",
        "reason": problem or "the file is empty",
    }


@pytest.mark.parametrize("segments", [(), ((0, 500), (700, 2560)), ((100, 200),)])
def test_the_beginning_is_the_first_seconds_of_what_may_be_used(
    make_recording, monkeypatch, segments
):
    monkeypatch.setattr(inspection, "TRIED_S", 3.0)
    recording = make_recording(sfreq=256.0, duration_s=10.0, segments=segments)
    short = inspection._shorten(recording)
    usable = np.concatenate([np.arange(*one) for one in recording.stretches])
    tried = np.concatenate([np.arange(*one) for one in short.segments])
    np.testing.assert_array_equal(tried, usable[: 3 * 256])
