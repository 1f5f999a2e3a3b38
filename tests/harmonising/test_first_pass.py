"""The first pass is linear, blind to offsets, and filters over no gap."""

from dataclasses import replace

import numpy as np
import pytest

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.harmonising.first_pass import design_for, filter_recording

SETTINGS = HarmoniseConfig()


def run(recording, stretches=None):
    """Filter, and return the rows with the evidence."""
    kernel = design_for(recording, SETTINGS, None, [])
    stretches = stretches or [(0, recording.n_times)]
    filtered = filter_recording(recording, kernel, stretches, SETTINGS, None)
    return filtered, filtered.rows.read(0, filtered.rows.n_rows)


@pytest.fixture(scope="module")
def recording(make_recording):
    return make_recording(duration_s=20.0)


def test_twice_the_signal_is_twice_the_rows(recording):
    _, rows = run(recording)
    _, twice = run(replace(recording, signals=2 * recording.signals))
    np.testing.assert_allclose(twice, 2 * rows, rtol=1e-4, atol=1e-4)


def test_offsets_of_channels_leave_no_trace(recording):
    offsets = np.random.default_rng(0).normal(0, 1e5, (19, 1))
    _, rows = run(recording)
    moved, again = run(replace(recording, signals=recording.signals + offsets))
    np.testing.assert_allclose(again, rows, atol=0.05)
    plain, _ = run(recording)
    assert moved.evidence.recorded_scale == pytest.approx(
        plain.evidence.recorded_scale, rel=1e-6
    )


def test_a_stretch_is_filtered_as_if_it_were_alone(recording):
    cut = 8 * 256
    filtered, rows = run(recording, [(0, cut), (cut, recording.n_times)])
    assert filtered.segments == [(0, 8 * 128), (8 * 128, 20 * 128)]
    assert [flags.shape for flags in filtered.constant] == [(8, 19), (12, 19)]
    alone = replace(recording, signals=recording.signals[:, cut:])
    np.testing.assert_allclose(rows[8 * 128 :], run(alone)[1], atol=1e-4)


def test_values_that_are_no_numbers_are_evidence_and_spread_to_no_other_channel(
    recording,
):
    signals = recording.signals.copy()
    signals[5, 700] = np.nan
    signals[6, 800] = np.inf
    filtered, rows = run(replace(recording, signals=signals))
    assert filtered.evidence.broken == {5, 6}
    assert np.isfinite(rows).all()
    others = [i for i in range(19) if i not in (5, 6)]
    np.testing.assert_allclose(rows[:, others], run(recording)[1][:, others], atol=1e-4)


def test_evidence_counts_every_second_once(recording):
    filtered, _ = run(recording)
    assert filtered.evidence.n_seconds == 20
    assert filtered.evidence.lonely.shape == (19,)


def test_recorded_scale_is_the_root_mean_square_of_the_median_channel(recording):
    scale = run(recording)[0].evidence.recorded_scale
    centred = recording.signals - recording.signals.mean(1, keepdims=True)
    expected = np.median(np.sqrt((centred**2).mean(1)))
    # The offset is that of what is read first, and both ends are read twice.
    assert scale == pytest.approx(expected, rel=0.1)
    twice, _ = run(replace(recording, signals=2 * recording.signals))
    assert twice.evidence.recorded_scale == pytest.approx(2 * scale)


def test_a_slow_rate_and_two_words_on_the_mains_are_noted(make_recording):
    notes = []
    slow = make_recording(sfreq=80.0, line_freq=60.0)
    design_for(slow, SETTINGS, 50.0, notes)
    assert notes == [
        "recorded at 80 Hz: nothing above 40 Hz",
        "mains: 50 Hz by the setting, 60 Hz by the files",
    ]


@pytest.mark.parametrize(("line_freq", "lines"), [(50.0, [50.0]), (None, [])])
def test_the_mains_is_notched_where_the_band_reaches_it(
    make_recording, line_freq, lines
):
    notch = design_for(make_recording(), SETTINGS, line_freq, []).notch
    times = np.arange(len(notch)) / 256

    def passes(hz):
        return np.abs(notch @ np.exp(-2j * np.pi * hz * times))

    assert [hz for hz in (10.0, 50.0, 100.0) if passes(hz) < 0.1] == lines
