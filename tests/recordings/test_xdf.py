"""XDF streams: pauses of the clock are gaps of samples, units become volts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.recordings.xdf import MAX_PAUSE_SAMPLES, _find_gaps, _read_channels

SFREQ = 100.0


@given(
    places=st.sets(st.integers(1, 99), max_size=4),
    pause=st.sampled_from([-0.5, 0.05, 3.0]),
    start=st.floats(0, 1e5),
)
def test_a_gap_begins_at_the_first_sample_after_a_pause_or_a_step_back(
    places, pause, start
):
    times = start + np.arange(100) / SFREQ
    for place in places:
        times[place:] += pause
    onsets = [place / SFREQ for place in sorted(places)]
    assert _find_gaps(times, SFREQ) == pytest.approx(onsets)


def test_jitter_of_the_clock_is_no_gap():
    rng = np.random.default_rng(0)
    times = np.arange(500) / SFREQ + rng.uniform(0, 0.009, 500)
    assert _find_gaps(times, SFREQ) == []
    late = np.cumsum(np.full(50, 0.99 * MAX_PAUSE_SAMPLES / SFREQ))
    assert _find_gaps(late, SFREQ) == []


def test_units_become_volts_and_microvolts_where_none_is_given():
    channels = [
        {"label": ["Fp1"], "unit": ["millivolts"]},
        {"label": ["Cz"], "unit": ["nV"]},
        {"label": ["Pz"]},
    ]
    stream = {"info": {"desc": [{"channels": [{"channel": channels}]}]}}
    labels, factors = _read_channels(stream, 3)
    assert labels == ["Fp1", "Cz", "Pz"]
    np.testing.assert_allclose(factors, [1e-3, 1e-9, 1e-6])
    labels, factors = _read_channels({"info": {}}, 2)
    assert labels == ["ch1", "ch2"]
    np.testing.assert_allclose(factors, 1e-6)
