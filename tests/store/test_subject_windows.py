"""A subject's windows: as stored, average-referenced, on the channels wanted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.montage.channels import template_positions
from neurograft.store.signal_store import SignalStore, StoredRecording, write_index
from neurograft.store.subject_windows import (
    find_common_channels,
    place_channels,
    read_channels,
    read_subject_windows,
)
from neurograft.store.window_choice import SubjectWindows

TEN = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2")
SIX = ("O2", "O1", "C4", "C3", "F3", "Fz")
N_TIMES = 16
# Windows of both recordings, not in the order of the recordings.
SUBJECT = SubjectWindows("sub-1", ((1, 0), (0, 16), (1, 40), (0, 3)), 1.0)


def write_store(folder, montages, *, shift=0):
    """A store of one recording per montage, of known integers; `shift` is added."""
    folder.mkdir()
    (folder / "signals").mkdir()
    entries = []
    for run, names in enumerate(montages):
        rng = np.random.default_rng(run)
        integers = rng.integers(-9000, 9000, (64, len(names))).astype("<i2") + shift
        key = RecordingKey("c", "sub-1", "", "rest", str(run))
        places = tuple(tuple(map(float, template_positions()[n])) for n in names)
        steps = tuple(0.01 for _ in names)
        entries.append(
            StoredRecording(key, 64, names, places, steps, 10.0, ((0, 64),), "")
        )
        np.save(folder / entries[-1].file, integers.astype("<i2"))
    write_index(folder, entries, sfreq=8.0, has_microvolts=True)
    return SignalStore.open(folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(tmp_path_factory.mktemp("s") / "cohort", (TEN, SIX))


def test_windows_are_those_of_the_store_by_recording(store):
    second, first = read_subject_windows(store, SUBJECT, n_times=N_TIMES)
    assert (second.shape, first.shape) == ((2, 6, N_TIMES), (2, 10, N_TIMES))
    np.testing.assert_array_equal(second[1], store.read(1, 40, N_TIMES))
    np.testing.assert_array_equal(first[0], store.read(0, 16, N_TIMES))


@settings(max_examples=10)
@given(channels=st.permutations(TEN), n=st.integers(2, 10))
def test_channels_are_average_referenced_in_the_order_wanted(store, channels, n):
    wanted = channels[:n]
    windows = read_channels(store, SUBJECT, wanted, n_times=N_TIMES)
    assert windows.shape == (4, n, N_TIMES)
    np.testing.assert_allclose(windows.mean(1), 0, atol=1e-9)
    backwards = read_channels(store, SUBJECT, wanted[::-1], n_times=N_TIMES)
    np.testing.assert_allclose(backwards[:, ::-1], windows, atol=1e-9)


def test_recorded_channels_are_picked_and_no_sample_is_changed(store):
    alone = SubjectWindows("sub-1", ((0, 5),), 1.0)
    (windows,) = read_channels(store, alone, ("P4", "Fp2", "O1"), n_times=N_TIMES)
    recorded = store.read(0, 5, N_TIMES)[[7, 1, 8]].astype(float)
    np.testing.assert_allclose(windows, recorded - recorded.mean(0), atol=1e-9)


def test_the_reference_of_the_recording_does_not_matter(store, tmp_path):
    shifted = write_store(tmp_path / "cohort", (TEN, SIX), shift=700)
    for channels in (("C3", "C4", "O1"), TEN):
        np.testing.assert_allclose(
            read_channels(shifted, SUBJECT, channels, n_times=N_TIMES),
            read_channels(store, SUBJECT, channels, n_times=N_TIMES),
            atol=1e-3,
        )


def test_common_channels_are_those_of_every_recording_that_is_used(store):
    used = SubjectWindows("sub-1", ((0, 0), (1, 0)), 1.0)
    only = SubjectWindows("sub-1", ((0, 0),), 1.0)
    assert find_common_channels([(store, [only])]) == TEN
    both = find_common_channels([(store, [used])])
    assert both == tuple(name for name in TEN if name in SIX)
    assert find_common_channels([(store, [only]), (store, [used])]) == both


def test_too_few_common_channels_say_what_to_do(tmp_path):
    apart = write_store(tmp_path / "cohort", (("Fz", "Cz", "Pz"), ("Cz", "O1", "O2")))
    subject = SubjectWindows("sub-1", ((0, 0), (1, 0)), 1.0)
    with pytest.raises(
        DataError, match=r"in common \(1\); the baselines need at least two"
    ):
        find_common_channels([(apart, [subject])])


def test_places_are_as_recorded_else_of_the_template(store):
    np.testing.assert_allclose(
        place_channels(store, ("O1", "Fp1")),
        [template_positions()["O1"], template_positions()["Fp1"]],
    )
    away = place_channels(store, ("Pz", "Fp1"))  # the first recording has no Pz
    np.testing.assert_allclose(away[0], template_positions()["Pz"])
    np.testing.assert_allclose(np.linalg.norm(away, axis=1), 1)
