"""Harmonising keeps the brain and removes the device."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.config import HarmoniseConfig
from neurograft.errors import ChannelError, DataError, UnitError
from neurograft.windows.harmonise import detect_line_freq, harmonise, interpolate
from neurograft.windows.quality import find_bad_channels, robust_sd

SETTINGS = HarmoniseConfig()


def add_wave(recording, hz, amplitude, weights=None):
    times = np.arange(recording.signals.shape[1]) / recording.sfreq
    weights = np.ones(len(recording.ch_names)) if weights is None else weights
    recording.signals[:] += (
        amplitude * weights[:, None] * np.sin(2 * np.pi * hz * times)
    )


def power_at(result, hz):
    spectra = np.abs(np.fft.rfft(result.signals.astype(float), axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(result.signals), 1 / result.sfreq)
    return spectra[np.abs(frequencies - hz) < 0.3].max(0)


@pytest.mark.parametrize("sfreq", [95.0, 128.0, 250.0, 256.0, 500.0])
def test_alpha_keeps_its_size_whatever_the_sampling_rate(make_recording, sfreq):
    recording = make_recording(sfreq=sfreq, scale_uv=1.0, duration_s=40)
    weights = recording.positions[:, 1]  # front and back in opposite phase
    weights = weights - weights.mean()
    add_wave(recording, 10, 20, weights)
    result = harmonise(recording, SETTINGS, line_freq=50)
    assert result.sfreq == 128
    assert abs(len(result.signals) - 40 * 128) <= 1
    times = np.arange(len(result.signals)) / 128
    expected = 20 * np.outer(np.sin(2 * np.pi * 10 * times), weights)
    inner = slice(5 * 128, 35 * 128)
    error = (result.signals - expected)[inner]
    assert np.sqrt((error**2).mean()) < 1.5  # the background, not the wave


@pytest.mark.parametrize("line_freq", [50.0, 60.0])
def test_the_mains_of_either_country_is_found_and_removed(make_recording, line_freq):
    recording = make_recording(sfreq=250.0)
    weights = np.linspace(0.5, 1.5, 19)
    add_wave(recording, line_freq, 30, weights)
    assert detect_line_freq(recording) == line_freq
    result = harmonise(recording, SETTINGS)
    assert result.line_freq == line_freq
    wave = (30 * len(result.signals) / 2) ** 2
    assert power_at(result, line_freq).max() < 1e-4 * wave


def test_where_there_is_no_mains_none_is_found(make_recording):
    assert harmonise(make_recording(sfreq=250.0), SETTINGS).line_freq is None


def test_a_mains_inside_a_wide_band_is_notched(make_recording):
    wide = HarmoniseConfig(sfreq=256, h_freq=100)
    recording = make_recording(sfreq=512.0)
    add_wave(recording, 50, 30, np.linspace(-1, 1, 19))
    kept = harmonise(recording, wide, line_freq=60)
    notched = harmonise(recording, wide)
    assert np.median(power_at(notched, 50)) < 1e-3 * np.median(power_at(kept, 50))


def test_what_the_files_say_of_the_mains_wins_over_detection(make_recording):
    recording = make_recording(line_freq=60.0)
    add_wave(recording, 50, 30)
    assert harmonise(recording, SETTINGS).line_freq == 60
    assert harmonise(recording, SETTINGS, line_freq=50).line_freq == 50


@given(shift=st.floats(-50, 50), seed=st.integers(0, 5))
def test_the_original_reference_does_not_matter(make_recording, shift, seed):
    recording = make_recording(seed=seed)
    other = make_recording(seed=seed)
    reference = np.random.default_rng(seed).normal(0, 5, other.signals.shape[1])
    other.signals[:] += shift + reference
    a, b = (
        harmonise(one, SETTINGS, line_freq=50).signals for one in (recording, other)
    )
    np.testing.assert_allclose(a, b, atol=0.05)
    np.testing.assert_allclose(a.mean(1), 0, atol=1e-3)


def test_flat_loud_and_lonely_channels_are_found_and_repaired(make_recording):
    recording = make_recording()
    clean = harmonise(make_recording(), SETTINGS)
    rng = np.random.default_rng(1)
    recording.signals[2] = 0
    recording.signals[5] *= 60
    recording.signals[9] = rng.normal(0, 10, recording.signals.shape[1]).cumsum() * 0.1
    result = harmonise(recording, SETTINGS)
    assert result.bads["F7"] == "flat"
    assert result.bads["F4"] == "too loud"
    assert "C3" not in result.bads
    assert len(result.signals.T) == 19
    good = [i for i, name in enumerate(result.ch_names) if name not in result.bads]
    similar = [
        np.corrcoef(result.signals[:, i], clean.signals[:, i])[0, 1] for i in good
    ]
    assert min(similar) > 0.9


def test_a_channel_like_no_other_is_found():
    rng = np.random.default_rng(0)
    shared = rng.standard_normal(5000)
    signals = shared + 0.5 * rng.standard_normal((8, 5000))
    signals[3] = rng.standard_normal(5000) * signals[0].std()
    assert find_bad_channels(signals) == {3: "like no other channel"}


def test_bad_channels_are_found_in_any_unit():
    rng = np.random.default_rng(0)
    signals = rng.standard_normal(5000) + 0.5 * rng.standard_normal((8, 5000))
    signals[1] *= 1e-4
    signals[2] *= 40
    for unit in (1e-6, 1.0, 1e6):
        assert find_bad_channels(unit * signals) == {1: "flat", 2: "too loud"}


def test_interpolation_restores_a_smooth_field(make_recording):
    places = make_recording().positions
    field = np.outer(places[:, 1] + 0.3 * places[:, 0], np.sin(np.arange(500) / 7)) * 10
    broken = field.copy()
    broken[8] = 999
    repaired = interpolate(broken, places, [8])
    np.testing.assert_allclose(repaired[8], field[8], atol=1.5)
    np.testing.assert_allclose(np.delete(repaired, 8, 0), np.delete(field, 8, 0))


def test_channels_declared_bad_are_interpolated(make_recording):
    result = harmonise(make_recording(bads=("Cz",)), SETTINGS)
    assert result.bads == {"Cz": "declared bad"}


@pytest.mark.parametrize(
    ("factor", "named"), [(1e-3, "0.001"), (1e3, "1000"), (1e-6, "1e-06")]
)
def test_amplitudes_that_cannot_be_microvolts_are_named(make_recording, factor, named):
    recording = make_recording(scale_uv=10 * factor)
    with pytest.raises(UnitError, match=f"off by about {named}"):
        harmonise(recording, SETTINGS)


def test_arbitrary_units_are_brought_to_one_scale(make_recording):
    results = [
        harmonise(make_recording(scale_uv=scale), SETTINGS, has_microvolts=False)
        for scale in (1e-3, 10, 1e5)
    ]
    for result in results:
        assert result.scale == 10
        np.testing.assert_allclose(
            np.median(robust_sd(result.signals.T)), 10, rtol=0.01
        )
    np.testing.assert_allclose(
        results[0].signals, results[2].signals, rtol=1e-3, atol=1e-3
    )


def test_recordings_that_cannot_be_used_say_why(make_recording):
    with pytest.raises(DataError, match=r"5.0 s long, at least 20 s are needed"):
        harmonise(make_recording(duration_s=5), SETTINGS)
    with pytest.raises(ChannelError, match="one channel alone"):
        harmonise(make_recording(ch_names=("Cz",)), SETTINGS)
    flat = make_recording()
    flat.signals[:] = 3.0
    with pytest.raises(UnitError, match="constant on most channels"):
        harmonise(flat, SETTINGS)
    with pytest.raises(DataError, match="constant on most channels"):
        harmonise(flat, SETTINGS, has_microvolts=False)
    broken = make_recording()
    broken.signals[:6] = 0
    with pytest.raises(DataError, match="6 of 19 channels are bad .at most 25%"):
        harmonise(broken, SETTINGS)


def test_a_slow_recording_is_kept_with_a_note(make_recording):
    result = harmonise(make_recording(sfreq=80.0), SETTINGS)
    assert result.notes == ("recorded at 80 Hz: nothing above 40 Hz",)
    assert detect_line_freq(make_recording(sfreq=80.0)) is None
