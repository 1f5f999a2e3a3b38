"""Harmonising keeps the brain and removes the device."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import ChannelError, DataError, UnitError
from neurograft.harmonising import buffer
from neurograft.harmonising.filtering import detect_line_freq
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.harmonising.quality import robust_sd
from neurograft.montage.channels import template_positions

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
    # The wave has a node where nothing but noise is left: that is no bad channel here.
    tolerant = SETTINGS.model_copy(update={"noise_z": 1e3})
    result = harmonise_recording(recording, tolerant, line_freq=50)
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
    result = harmonise_recording(recording, SETTINGS)
    assert result.line_freq == line_freq
    wave = (30 * len(result.signals) / 2) ** 2
    assert power_at(result, line_freq).max() < 1e-4 * wave


def test_where_there_is_no_mains_none_is_found(make_recording):
    assert harmonise_recording(make_recording(sfreq=250.0), SETTINGS).line_freq is None


def test_a_mains_inside_a_wide_band_is_notched(make_recording):
    wide = HarmoniseConfig(sfreq=256, h_freq=100)
    recording = make_recording(sfreq=512.0)
    add_wave(recording, 50, 30, np.linspace(-1, 1, 19))
    kept = harmonise_recording(recording, wide, line_freq=60)
    notched = harmonise_recording(recording, wide)
    assert np.median(power_at(notched, 50)) < 1e-3 * np.median(power_at(kept, 50))


def test_what_the_files_say_of_the_mains_wins_over_detection(make_recording):
    recording = make_recording(line_freq=60.0)
    add_wave(recording, 50, 30)
    assert harmonise_recording(recording, SETTINGS).line_freq == 60
    told = harmonise_recording(recording, SETTINGS, line_freq=50)
    assert told.line_freq == 50
    assert told.notes == ("mains: 50 Hz by the setting, 60 Hz by the files",)


@pytest.mark.slow
@given(shift=st.floats(-50, 50), seed=st.integers(0, 5))
def test_the_original_reference_does_not_matter(make_recording, shift, seed):
    recording = make_recording(seed=seed)
    other = make_recording(seed=seed)
    reference = np.random.default_rng(seed).normal(0, 5, other.signals.shape[1])
    other.signals[:] += shift + reference
    a, b = (
        harmonise_recording(one, SETTINGS, line_freq=50).signals
        for one in (recording, other)
    )
    np.testing.assert_allclose(a, b, atol=0.05)
    np.testing.assert_allclose(a.mean(1), 0, atol=1e-3)


def test_flat_loud_and_lonely_channels_are_found_and_repaired(make_recording):
    recording = make_recording()
    clean = harmonise_recording(make_recording(), SETTINGS)
    rng = np.random.default_rng(1)
    recording.signals[2] = 0
    recording.signals[5] *= 60
    recording.signals[9] = rng.normal(0, 10, recording.signals.shape[1]).cumsum() * 0.1
    result = harmonise_recording(recording, SETTINGS)
    assert result.bads["F7"] == "flat"
    assert result.bads["F4"].startswith("too loud, z ")
    assert "C3" not in result.bads
    assert len(result.signals.T) == 19
    good = [i for i, name in enumerate(result.ch_names) if name not in result.bads]
    similar = [
        np.corrcoef(result.signals[:, i], clean.signals[:, i])[0, 1] for i in good
    ]
    assert min(similar) > 0.9


def test_channels_declared_bad_are_interpolated(make_recording):
    result = harmonise_recording(make_recording(bads=("Cz",)), SETTINGS)
    assert result.bads == {"Cz": "declared bad"}


@pytest.mark.parametrize(
    ("factor", "named"), [(1e-3, "0.001"), (1e3, "1000"), (1e-6, "1e-06")]
)
def test_amplitudes_that_cannot_be_microvolts_are_named(make_recording, factor, named):
    recording = make_recording(scale_uv=10 * factor)
    with pytest.raises(UnitError, match=f"off by about {named}"):
        harmonise_recording(recording, SETTINGS)


def test_arbitrary_units_are_brought_to_one_scale(make_recording):
    results = [
        harmonise_recording(
            make_recording(scale_uv=scale), SETTINGS, has_microvolts=False
        )
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
        harmonise_recording(make_recording(duration_s=5), SETTINGS)
    with pytest.raises(ChannelError, match="one channel alone"):
        harmonise_recording(make_recording(ch_names=("Cz",)), SETTINGS)
    lost = make_recording()
    lost.signals[:] = np.nan
    with pytest.raises(UnitError, match="constant on most channels"):
        harmonise_recording(lost, SETTINGS)
    flat = make_recording()
    flat.signals[:] = 3.0
    with pytest.raises(UnitError, match="constant on most channels"):
        harmonise_recording(flat, SETTINGS)
    with pytest.raises(DataError, match="constant on most channels"):
        harmonise_recording(flat, SETTINGS, has_microvolts=False)
    broken = make_recording()
    broken.signals[:6] = 0
    with pytest.raises(
        DataError, match="6 of 19 channels are bad .at most 25%.*: Fp1 "
    ):
        harmonise_recording(broken, SETTINGS)


def test_a_slow_recording_is_kept_with_a_note(make_recording):
    result = harmonise_recording(make_recording(sfreq=80.0), SETTINGS)
    assert result.notes == ("recorded at 80 Hz: nothing above 40 Hz",)
    assert detect_line_freq(make_recording(sfreq=80.0)) is None


def test_a_channel_that_is_not_all_numbers_is_repaired(make_recording):
    recording = make_recording()
    recording.signals[4, 1000] = np.nan
    clean = harmonise_recording(make_recording(), SETTINGS)
    result = harmonise_recording(recording, SETTINGS)
    assert result.bads == {"Fz": "values that are not numbers"}
    assert np.isfinite(result.signals).all()
    others = [i for i in range(19) if i != 4]
    np.testing.assert_allclose(
        np.corrcoef(result.signals[:, 4], clean.signals[:, 4])[0, 1], 1, atol=0.2
    )
    similar = [
        np.corrcoef(result.signals[:, i], clean.signals[:, i])[0, 1] for i in others
    ]
    assert min(similar) > 0.98


def test_the_reference_is_the_mean_of_good_channels_only(make_recording):
    recording = make_recording(bads=("Cz",))
    result = harmonise_recording(recording, SETTINGS)
    good = [i for i, name in enumerate(result.ch_names) if name != "Cz"]
    np.testing.assert_allclose(result.signals[:, good].mean(1), 0, atol=1e-3)


def test_a_gap_is_filtered_over_by_nothing(make_recording):
    step = make_recording(duration_s=40, sfreq=250.0)
    step.signals[:, 5000:] += np.linspace(200, 900, 19)[:, None]
    whole = harmonise_recording(step, SETTINGS, line_freq=50)
    cut = harmonise_recording(
        dataclasses.replace(step, segments=((0, 5000), (5000, 10_000))),
        SETTINGS,
        line_freq=50,
    )
    clean = harmonise_recording(
        make_recording(duration_s=40, sfreq=250.0), SETTINGS, line_freq=50
    )
    assert cut.segments == ((0, 2560), (2560, 5120))
    inside = slice(2560 - 200, 2560 + 200)
    error = np.abs(cut.signals[inside] - clean.signals[inside]).max()
    assert error < 0.2 * np.abs(whole.signals[inside] - clean.signals[inside]).max()


def test_padding_that_begins_within_a_second_and_steps_to_zero_is_dropped(
    make_recording,
):
    """As in eegmat: constant from 28.3 s on, zero from 29 s on."""
    recording = make_recording(duration_s=30)
    recording.signals[:, int(28.3 * 256) :] = -7.3
    recording.signals[:, 29 * 256 + 20 :] = 0.0
    result = harmonise_recording(recording, SETTINGS)
    last = result.seconds[-1]
    assert (last.verdict, last.measure) == ("dropped", "constant channels")
    assert (last.start, last.n_times) == (28 * 128, 2 * 128)


def test_coarsely_quantised_signals_are_not_constant(make_recording):
    recording = make_recording(duration_s=30, sfreq=512.0)
    step = recording.signals.std() / 4
    recording.signals[:] = np.round(recording.signals / step) * step
    assert (np.diff(recording.signals) == 0).mean() > 0.5
    assert {
        one.verdict for one in harmonise_recording(recording, SETTINGS).seconds
    } == {"kept"}


def test_a_drop_out_is_dropped_and_a_pop_is_clipped(make_recording):
    recording = make_recording(duration_s=60)
    recording.signals[:, 20 * 256 : 23 * 256] = 7.0
    recording.signals[3, 40 * 256 + 50] += 4_000
    result = harmonise_recording(recording, SETTINGS)
    verdicts = [
        (one.start // 128, one.n_times // 128, one.verdict, one.measure)
        for one in result.seconds
    ]
    assert (20, 3, "dropped", "constant channels") in verdicts
    assert (40, 1, "repaired", "amplitude clipped") in verdicts
    assert sum(n for _, n, _, _ in verdicts) == 60
    assert result.segments == ((0, 20 * 128), (23 * 128, 60 * 128))
    assert (np.abs(result.signals) <= result.limits * 1.0001).all()


def test_too_little_left_is_a_reason(make_recording):
    recording = make_recording(duration_s=30)
    recording.signals[:, 5 * 256 : 20 * 256] = 7.0
    with pytest.raises(DataError, match=r"15.0 s are usable, at least 20 s are needed"):
        harmonise_recording(recording, SETTINGS)


@pytest.mark.parametrize("n_channels", [8, 256])
def test_few_and_many_channels_work(make_recording, n_channels):
    names = sorted(template_positions())[:n_channels]
    recording = make_recording(ch_names=tuple(names))
    result = harmonise_recording(recording, SETTINGS)
    assert result.signals.shape == (30 * 128, n_channels)


def test_a_recording_shorter_than_a_window_or_a_filter_works(make_recording):
    short = HarmoniseConfig(min_duration_s=1)
    result = harmonise_recording(make_recording(duration_s=2), short)
    assert result.n_times == 256
    assert np.isfinite(result.signals).all()


def test_a_bipolar_montage_keeps_its_channels_and_loses_its_bad_ones(make_recording):
    recording = dataclasses.replace(make_recording(), is_bipolar=True)
    recording.signals[2] = 0
    result = harmonise_recording(recording, SETTINGS)
    assert "F7" not in result.ch_names
    assert result.bads == {"F7": "flat"}
    assert np.abs(result.signals.mean(1)).max() > 1  # no average reference


def test_pieces_on_disk_are_those_in_memory(make_recording, monkeypatch, tmp_path):
    recording = make_recording(duration_s=60)
    recording.signals[3] *= 50
    in_memory = harmonise_recording(recording, SETTINGS)
    monkeypatch.setattr(buffer, "MAX_BYTES", 1000)
    monkeypatch.setattr(buffer, "PIECE_ROWS", 999)
    on_disk = harmonise_recording(recording, SETTINGS, scratch=tmp_path)
    assert on_disk.rows.array is None
    np.testing.assert_allclose(on_disk.signals, in_memory.signals, rtol=1e-4, atol=1e-4)
    assert on_disk.seconds == in_memory.seconds
    on_disk.rows.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_recording(
    make_recording, monkeypatch
):
    """Peak of Python's allocations for 4 minutes and for an hour, rows on disk."""
    monkeypatch.setattr(buffer, "MAX_BYTES", 1000)
    monkeypatch.setattr(buffer, "PIECE_ROWS", 2048)
    monkeypatch.setattr("neurograft.harmonising.filtering.BLOCK_S", 30.0)
    monkeypatch.setattr("neurograft.harmonising.harmonise.MAX_SAMPLES", 2048)
    peaks = {}
    short = make_recording(duration_s=240, sfreq=128.0)
    for times in (1, 15):
        signals = np.tile(short.signals, times)
        recording = dataclasses.replace(short, signals=signals)
        tracemalloc.start()
        result = harmonise_recording(recording, SETTINGS)
        for _ in result.iterate_pieces():
            pass
        peaks[times] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        result.rows.close()
    assert peaks[15] < 1.5 * peaks[1]
