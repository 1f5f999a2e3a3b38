"""The signal store: half the bytes, nothing lost that matters."""

import copy
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.quality import robust_sd
from neurograft.harmonising.writing import write_recording
from neurograft.store.signal_store import SignalStore, parse_recording, write_index


@pytest.fixture(scope="module")
def stored(tmp_path_factory, make_recording):
    tmp_path = tmp_path_factory.mktemp("store")
    originals = [
        harmonise_recording(
            make_recording(participant_id=f"sub-{i}", seed=i), HarmoniseConfig()
        )
        for i in (1, 2)
    ]
    entries = [write_recording(tmp_path, one) for one in originals]
    write_index(tmp_path, entries, sfreq=128.0, has_microvolts=True)
    return SignalStore.open(tmp_path), originals


def test_rounding_noise_is_60_db_below_the_signal(stored):
    store, originals = stored
    for number, original in enumerate(originals):
        n_times = len(original.signals)
        back = store.read(number, 0, n_times)
        noise = (back - original.signals.T).std(1)
        assert (20 * np.log10(robust_sd(original.signals.T) / noise)).min() > 60


def test_no_sample_is_farther_away_than_half_a_step(stored):
    store, originals = stored
    for number, original in enumerate(originals):
        back = store.read(number, 0, len(original.signals))
        steps = store.recordings[number].steps
        assert (np.abs(back - original.signals.T) / steps).max() <= 0.501


def test_a_store_is_half_the_size_of_float32(stored):
    store, originals = stored
    path = store.folder / store.recordings[0].file
    assert path.stat().st_size < originals[0].signals.nbytes / 2 + 200


@given(start=st.integers(0, 3000), n_times=st.integers(1, 800))
def test_any_window_is_that_part_of_the_recording(stored, start, n_times):
    store, _ = stored
    whole = store.read(1, 0, store.recordings[1].n_times)
    np.testing.assert_array_equal(
        store.read(1, start, n_times), whole[:, start : start + n_times]
    )


@given(
    cuts=st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True),
    n_times=st.integers(1, 25),
)
def test_a_window_may_begin_wherever_it_stays_inside_a_segment(stored, cuts, n_times):
    edges = sorted(cuts)[: len(cuts) // 2 * 2]
    segments = tuple(zip(edges[::2], edges[1::2], strict=True))
    recording = replace(stored[0].recordings[0], segments=segments)
    ranges = recording.list_starts(n_times)
    starts = [start for first, stop in ranges for start in range(first, stop)]
    assert all(first < stop for first, stop in ranges)
    assert starts == [
        start
        for start in range(61)
        if any(a <= start and start + n_times <= b for a, b in segments)
    ]


def test_signals_are_readable_with_numpy_alone(stored):
    store, _ = stored
    entry = store.recordings[0]
    integers = np.load(store.folder / entry.file)
    assert integers.dtype == np.int16
    np.testing.assert_allclose(
        (integers * np.array(entry.steps_uv)).T,
        store.read(0, 0, entry.n_times),
        rtol=1e-6,
    )


@pytest.mark.parametrize("start", [-1, 3500])
def test_a_window_outside_the_recording_is_refused(stored, start):
    store, _ = stored
    with pytest.raises(DataError, match=f"no window of 500 from {start} on"):
        store.read(0, start, 500)


def test_a_flat_channel_does_not_break_the_store(tmp_path, make_recording):
    result = harmonise_recording(make_recording(), HarmoniseConfig())
    result.repair[3] = 0
    entry = write_recording(tmp_path, result)
    write_index(tmp_path, [entry], sfreq=128.0, has_microvolts=False)
    store = SignalStore.open(tmp_path)
    assert not store.has_microvolts
    assert (store.read(0, 0, 1000)[3] == 0).all()


def test_a_folder_without_a_store_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="harmonise the cohort first"):
        SignalStore.open(tmp_path)


def test_reading_needs_neither_mne_nor_torch(stored):
    store, _ = stored
    code = (
        "import sys; from pathlib import Path\n"
        "from neurograft.store.signal_store import SignalStore\n"
        "SignalStore.open(Path(sys.argv[1])).read(0, 0, 128)\n"
        "print([m for m in ('mne', 'torch', 'sklearn', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_copy_of_a_store_opens_its_own_files(stored):
    """Descriptors, and numbers of recordings, mean something else in a copy."""
    store, _ = stored
    expected = [store.read(i, 0, 128) for i in (0, 1)]
    copied = copy.deepcopy(store)  # as one that is sent to another process
    assert copied._files is not store._files
    assert not copied._files.files
    np.testing.assert_array_equal(copied.read(0, 0, 128), expected[0])
    fewer = replace(store, recordings=store.recordings[1:])
    np.testing.assert_array_equal(fewer.read(0, 0, 128), expected[1])


def test_many_recordings_do_not_keep_many_files_open(stored, monkeypatch):
    store, _ = stored
    monkeypatch.setattr("neurograft.store.signal_store.MAX_OPEN_FILES", 1)
    fresh = SignalStore.open(store.folder)
    expected = [store.read(i, 0, 128) for i in (0, 1)]
    for number in (0, 1, 0, 1):
        np.testing.assert_array_equal(fresh.read(number, 0, 128), expected[number])
    assert len(fresh._files.files) == 1


def test_a_recording_survives_its_json_form(stored):
    for recording in stored[0].recordings:
        entry = json.loads(json.dumps(recording.to_entry()))
        assert parse_recording(entry) == recording


def test_a_file_that_changed_is_named(tmp_path, make_recording):
    entry = write_recording(
        tmp_path, harmonise_recording(make_recording(), HarmoniseConfig())
    )
    write_index(tmp_path, [entry], sfreq=128.0, has_microvolts=True)
    store = SignalStore.open(tmp_path)
    assert store.check_files() == []
    path = tmp_path / entry.file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert store.check_files() == [entry.key.name]
    path.unlink()
    assert store.check_files() == [entry.key.name]
