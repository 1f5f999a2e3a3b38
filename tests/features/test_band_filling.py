"""A band that is taken out: its height is the line's, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.features.band_filling import fill_band
from neurograft.features.person_spectra import ALL_BANDS

SFREQ, N_TIMES, RECORDED = 128.0, 1280, (0.5, 45.0)
FREQUENCIES = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
each_band = pytest.mark.parametrize("band", ALL_BANDS.values(), ids=ALL_BANDS)


def make_windows(seed=0, *, exponent=1.5, peak=0.0, peak_hz=10.0, n=8):
    """Noise with power `1 / f ** exponent`, and a peak as many times as high."""
    rng = np.random.default_rng(seed)
    line = np.maximum(FREQUENCIES, 0.5) ** -exponent
    power = line * (1 + peak * np.exp(-0.5 * (FREQUENCIES - peak_hz) ** 2))
    noise = rng.standard_normal((2, n, 3, len(FREQUENCIES)))
    spectra = 1e3 * np.sqrt(power / 2) * (noise[0] + 1j * noise[1])
    return np.fft.irfft(spectra, n=N_TIMES)


def fill(windows, band, recorded_hz=RECORDED):
    return fill_band(windows, band, sfreq=SFREQ, recorded_hz=recorded_hz)


def measure(windows, band):
    """Return the mean power of a band, by window and channel."""
    own = (band[0] <= FREQUENCIES) & (band[1] > FREQUENCIES)
    return (np.abs(np.fft.rfft(windows)[..., own]) ** 2).mean(-1)


@given(
    seed=st.integers(0, 99),
    band=st.sampled_from(list(ALL_BANDS.values())),
    exponent=st.floats(0.5, 2.5),
    peak=st.floats(0, 30),
)
def test_outside_the_band_and_in_its_phases_nothing_changes(seed, band, exponent, peak):
    windows = make_windows(seed, exponent=exponent, peak=peak, n=2)
    before, after = (np.fft.rfft(one) for one in (windows, fill(windows, band)))
    inside = (band[0] <= FREQUENCIES) & (band[1] > FREQUENCIES)
    np.testing.assert_allclose(
        after[..., ~inside], before[..., ~inside], atol=1e-9 * np.abs(before).max()
    )
    turned = np.angle(after[..., inside] / before[..., inside])
    np.testing.assert_allclose(turned, 0, atol=1e-6)
    assert not np.allclose(after[..., inside], before[..., inside])


@each_band
def test_without_a_peak_a_band_is_filled_as_high_as_it_was(band):
    windows = make_windows(exponent=1.5, n=60)
    ratio = measure(fill(windows, band), band).mean() / measure(windows, band).mean()
    assert ratio == pytest.approx(1, rel=0.25)


@pytest.mark.parametrize("peak", [3.0, 30.0])
def test_what_fills_a_band_does_not_depend_on_the_peak_in_it(peak):
    band = ALL_BANDS["alpha"]
    plain, peaked = (make_windows(peak=size, n=40) for size in (0.0, peak))
    assert measure(peaked, band).mean() > 1.5 * measure(plain, band).mean()
    filled = measure(fill(peaked, band), band).mean()
    assert filled == pytest.approx(measure(fill(plain, band), band).mean(), rel=0.1)


def test_a_peak_beside_the_band_does_not_lift_the_line():
    band = ALL_BANDS["theta"]
    plain, peaked = (make_windows(peak=size, n=40) for size in (0.0, 20.0))
    filled = measure(fill(peaked, band), band).mean()
    assert filled == pytest.approx(measure(fill(plain, band), band).mean(), rel=0.1)


def test_the_filled_band_is_a_straight_line_in_double_logarithms():
    band = ALL_BANDS["beta"]
    inside = (band[0] <= FREQUENCIES) & (band[1] > FREQUENCIES)
    spectra = np.abs(np.fft.rfft(fill(make_windows(n=1, peak=5), band)))[..., inside]
    x = np.log(FREQUENCIES[inside])
    for channel in np.log(spectra[0]):
        slope, offset = np.polyfit(x, channel, 1)
        np.testing.assert_allclose(channel, slope * x + offset, atol=1e-6)
        assert -1.5 < slope < -0.3


def test_nothing_is_filled_beyond_what_was_recorded():
    windows = make_windows()
    changed = np.fft.rfft(fill(windows, ALL_BANDS["gamma"], (0.5, 35.0)) - windows)
    moved = np.abs(changed).max((0, 1)) > 1e-6
    assert FREQUENCIES[moved].min() == pytest.approx(30, abs=0.2)
    assert FREQUENCIES[moved].max() < 35


def test_a_silent_channel_stays_silent_and_numbers_keep_their_kind():
    windows = make_windows().astype(np.float32)
    windows[:, 1] = 0
    filled = fill(windows, ALL_BANDS["alpha"])
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled[:, 1], 0)
    assert np.isfinite(filled).all()
