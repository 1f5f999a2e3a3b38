"""The same number of windows from everybody, without overlap."""

from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.files.keys import RecordingKey
from neurograft.store.signal_store import SignalStore, StoredRecording
from neurograft.store.window_choice import choose_windows


def make_store(lengths, tasks=MappingProxyType({})):
    """A store of recordings of these lengths by subject."""
    recordings = [
        StoredRecording(
            RecordingKey("c", f"sub-{who}", "", tasks.get(run, "rest"), str(run)),
            n_times, ("Cz",), ((0.0, 0.0, 1.0),), (1.0,), 10.0, ((0, n_times),), "",
        )
        for who, runs in lengths.items()
        for run, n_times in enumerate(runs)
    ]  # fmt: skip
    return SignalStore(Path("cohort"), 100.0, True, tuple(recordings))


@given(
    lengths=st.dictionaries(
        st.integers(0, 9),
        st.lists(st.integers(50, 5000), min_size=1, max_size=4),
        min_size=1,
    ),
    n_windows=st.integers(1, 12),
    n_times=st.integers(10, 400),
)
def test_windows_are_equally_many_inside_and_apart(lengths, n_windows, n_times):
    store = make_store(lengths)
    whole = {f"sub-{w}": sum(n // n_times for n in runs) for w, runs in lengths.items()}
    if max(whole.values()) < n_windows:
        with pytest.raises(DataError, match="Nobody in cohort has"):
            choose_windows(store, n_windows=n_windows, n_times=n_times)
        return
    chosen, left_out = choose_windows(store, n_windows=n_windows, n_times=n_times)
    assert {one.participant_id for one in chosen} == {
        who for who, n in whole.items() if n >= n_windows
    }
    assert set(left_out) == {who for who, n in whole.items() if n < n_windows}
    for one in chosen:
        assert len(one.windows) == n_windows
        for number, start in one.windows:
            assert 0 <= start <= store.recordings[number].n_times - n_times
        for (a, first), (b, second) in pairwise(one.windows):
            assert b > a or second >= first + n_times


def test_windows_spread_over_the_whole_recording():
    chosen, _ = choose_windows(make_store({1: [1000]}), n_windows=4, n_times=100)
    assert [start for _, start in chosen[0].windows] == [75, 325, 575, 825]


def test_long_recordings_give_more_of_a_subjects_windows():
    chosen, _ = choose_windows(make_store({1: [3000, 1000]}), n_windows=4, n_times=100)
    assert [number for number, _ in chosen[0].windows] == [0, 0, 0, 1]
    assert chosen[0].duration_s == 40


def test_only_the_tasks_asked_for_are_used():
    store = make_store({1: [1000, 1000]}, tasks={1: "arithmetic"})
    chosen, _ = choose_windows(
        store, n_windows=2, n_times=100, bids_tasks=("arithmetic",)
    )
    assert [number for number, _ in chosen[0].windows] == [1, 1]
    with pytest.raises(DataError, match="in the tasks .'sleep'."):
        choose_windows(store, n_windows=2, n_times=100, bids_tasks=("sleep",))


def test_who_has_too_little_signal_is_told():
    chosen, left_out = choose_windows(
        make_store({1: [1000], 2: [250]}), n_windows=4, n_times=100
    )
    assert [one.participant_id for one in chosen] == ["sub-1"]
    assert left_out == {"sub-2": "2 windows, 4 are taken from everybody"}


def test_no_window_touches_a_gap_or_a_dropped_second():
    recording = StoredRecording(
        RecordingKey("c", "sub-1"),
        10_000, ("Cz",), ((0.0, 0.0, 1.0),), (1.0,), 10.0,
        ((0, 950), (1000, 4000), (4005, 10_000)), "",
    )  # fmt: skip
    store = SignalStore(Path("cohort"), 100.0, True, (recording,))
    chosen, _ = choose_windows(store, n_windows=8, n_times=1000)
    starts = [start for _, start in chosen[0].windows]
    assert len(starts) == 8
    for start in starts:
        inside = [a <= start and start + 1000 <= b for a, b in recording.segments]
        assert sum(inside) == 1
    assert (np.diff(sorted(starts)) >= 1000).all()
    assert chosen[0].duration_s == 100.0  # of the recording, not of what is left
