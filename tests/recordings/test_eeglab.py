"""EEGLAB files: epochs are put in a row, impossible events become moments."""

import mne
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mne.export import export_raw

from neurograft.errors import DataError
from neurograft.recordings.eeglab import _list_rows, _repair_events, join_epochs

NAMES = ["Fp1", "Cz", "O2", "Pz"]


@given(n_epochs=st.integers(1, 5), n_times=st.integers(2, 40))
def test_joined_epochs_keep_every_sample_and_mark_every_joint(n_epochs, n_times):
    data = np.random.default_rng(0).standard_normal((n_epochs, 4, n_times))
    info = mne.create_info(NAMES, 100.0, "eeg")
    raw = join_epochs(mne.EpochsArray(data, info, verbose="error"))
    np.testing.assert_array_equal(raw.get_data(), np.concatenate(list(data), axis=1))
    onsets = np.arange(1, n_epochs) * n_times / 100
    np.testing.assert_allclose(raw.annotations.onset, onsets)
    assert set(raw.annotations.description) <= {"boundary"}


def test_events_are_listed_whether_they_come_as_rows_or_columns():
    rows = [{"type": "a", "latency": 1}, {"type": "b", "latency": 5}]
    columns = {"type": ["a", "b"], "latency": [1, 5]}
    assert _list_rows(rows) == _list_rows(columns) == rows
    assert _list_rows({"type": "a", "latency": 1}) == rows[:1]
    assert _list_rows(None) == []


def test_a_file_that_is_wrong_in_another_way_is_not_repaired(tmp_path):
    signals = np.random.default_rng(0).normal(0, 2e-5, (4, 300))
    info = mne.create_info(NAMES, 100.0, "eeg")
    path = tmp_path / "a.set"
    export_raw(path, mne.io.RawArray(signals, info, verbose="error"), verbose="error")
    with pytest.raises(DataError, match="MNE finds its content inconsistent"):
        _repair_events(path, tmp_path / "b.set")
