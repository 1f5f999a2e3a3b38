"""One pass over blocks gives what MNE's filters give one after the other."""

from fractions import Fraction

import mne
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import resample_poly

from neurograft.harmonising import filtering
from neurograft.harmonising.filtering import design_filter, measure_noise


def apply(one, signals):
    blocks = one.iterate(
        lambda first, last: signals[:, first:last], signals.shape[1], len(signals)
    )
    return np.concatenate([block.signals for block in blocks], axis=1)


def make_noise(n_channels, n_times, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n_channels, n_times)).cumsum(1) * 2 + 40


@pytest.mark.parametrize("sfreq", [128.0, 250.0, 256.0, 500.0, 1000.0])
def test_the_result_is_that_of_mne_and_scipy(sfreq):
    signals = make_noise(4, int(60 * sfreq))
    signals -= signals.mean(1, keepdims=True)
    settings = {"l_freq": 0.5, "h_freq": 45.0, "lines": [50.0]}
    found = apply(design_filter(sfreq, sfreq, **settings), signals)
    notched = mne.filter.notch_filter(signals, sfreq, [50.0], verbose="error")
    band = mne.filter.filter_data(notched, sfreq, 0.5, 45.0, verbose="error")
    inner = slice(int(8 * sfreq), -int(8 * sfreq))
    scale = band[:, inner].std()
    np.testing.assert_allclose(found[:, inner], band[:, inner], atol=1e-4 * scale)
    # mne.filter.resample pads to lengths that are no multiple of the ratio
    ratio = Fraction(128 / sfreq).limit_denominator(1000)
    expected = resample_poly(band, ratio.numerator, ratio.denominator, axis=1)
    slower = apply(design_filter(sfreq, 128.0, **settings), signals)
    inner = slice(128 * 8, -128 * 8)
    np.testing.assert_allclose(slower[:, inner], expected[:, inner], atol=5e-3 * scale)


@given(
    sfreq=st.sampled_from([95.0, 128.0, 160.0, 250.0, 512.0, 2048.0, 200.32]),
    duration_s=st.floats(1.5, 30),
)
def test_any_rate_and_length_keeps_the_duration(sfreq, duration_s):
    n_times = int(sfreq * duration_s)
    one = design_filter(sfreq, 128.0, l_freq=0.5, h_freq=30.0)
    found = apply(one, make_noise(2, n_times))
    assert found.shape == (2, one.count(n_times))
    assert abs(found.shape[1] / 128 - n_times / sfreq) <= 1.01 / 128 + 1e-3 * duration_s
    assert np.isfinite(found).all()


def test_small_blocks_give_what_one_block_gives(monkeypatch):
    signals = make_noise(3, 250 * 120)
    one = design_filter(250.0, 128.0, l_freq=0.5, h_freq=45.0, lines=[50.0])
    whole = apply(one, signals)
    monkeypatch.setattr(filtering, "BLOCK_S", 30.0)
    monkeypatch.setattr(filtering, "MIN_BLOCK_KERNELS", 2)
    pieces = list(
        one.iterate(lambda a, b: signals[:, a:b], signals.shape[1], len(signals))
    )
    assert len(pieces) > 3
    joined = np.concatenate([block.signals for block in pieces], axis=1)
    np.testing.assert_allclose(joined, whole, atol=2e-3 * whole.std())


@pytest.mark.parametrize("hz", [2.0, 10.0, 30.0])
def test_a_wave_in_the_band_keeps_amplitude_and_phase(hz):
    times = np.arange(500 * 40) / 500
    wave = 20 * np.sin(2 * np.pi * hz * times)[None]
    one = design_filter(500.0, 128.0, l_freq=0.5, h_freq=45.0, lines=[50.0])
    found = apply(one, wave)[0]
    expected = 20 * np.sin(2 * np.pi * hz * np.arange(found.size) / 128)
    np.testing.assert_allclose(found[1280:-1280], expected[1280:-1280], atol=0.1)


@pytest.mark.parametrize("line", [50.0, 60.0])
def test_the_mains_is_gone_and_its_neighbours_are_not(line):
    times = np.arange(512 * 40) / 512
    one = design_filter(512.0, 256.0, l_freq=0.5, h_freq=100.0, lines=[line])
    lines = apply(one, 100 * np.sin(2 * np.pi * line * times)[None])[0]
    near = apply(one, 100 * np.sin(2 * np.pi * (line - 3) * times)[None])[0]
    inner = slice(256 * 10, 256 * 30)
    assert np.abs(lines[inner]).max() < 0.5
    assert np.abs(near[inner]).max() == pytest.approx(100, rel=0.02)


def test_noise_is_the_share_above_50_hz():
    rng = np.random.default_rng(0)
    slow = np.sin(2 * np.pi * 10 * np.arange(500 * 60) / 500) * 20
    quiet = slow + 0.1 * rng.standard_normal(slow.size)
    loud = slow + 5 * rng.standard_normal(slow.size)
    noise = measure_noise(np.stack([quiet, loud]), np.ones(1), 500.0)
    assert noise[1] > 20 * noise[0]
    assert np.isnan(measure_noise(np.stack([quiet, loud]), np.ones(1), 100.0)).all()
