"""Spectra by region: the same brain under two caps, and a device's low-pass."""

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from neurograft.features.regional_spectra import BANDS, describe_regions
from neurograft.montage.channels import template_positions
from neurograft.montage.regions import REGIONS
from neurograft.simulation.sites import CAP_64, TEN_TWENTY

SFREQ = 128.0


def make_windows(names, seed=0, alpha=3.0):
    """1/f noise everywhere, and alpha that is strongest at the back."""
    rng = np.random.default_rng(seed)
    places = np.array([template_positions()[name] for name in names])
    n_times = int(60 * SFREQ)
    frequencies = np.fft.rfftfreq(n_times, 1 / SFREQ)
    shape = np.zeros(frequencies.size)
    shape[1:] = 1 / frequencies[1:]
    noise = np.fft.irfft(
        shape * np.fft.rfft(rng.standard_normal((len(names), n_times))), n=n_times
    )
    noise /= noise.std()
    wave = np.sin(2 * np.pi * 10 * np.arange(n_times) / SFREQ)
    weight = alpha * np.exp(-2 * (places[:, 1] + 0.9) ** 2)
    signals = noise + 0.3 * weight[:, None] * wave
    return signals.reshape(len(names), 6, -1).transpose(1, 0, 2), places


def test_alpha_stands_above_the_1_over_f_part_where_it_is():
    windows, places = make_windows(TEN_TWENTY)
    found = describe_regions(windows, places, sfreq=SFREQ)
    assert found.power.shape == (len(REGIONS), len(BANDS))
    alpha = found.periodic[:, BANDS.index("10-13 Hz")]
    regions = list(REGIONS)
    assert alpha[regions.index("occipital")] > alpha[regions.index("frontal")] + 0.3
    np.testing.assert_allclose(found.exponent, 2.0, atol=0.3)


def test_shares_of_power_add_up_to_one():
    windows, places = make_windows(TEN_TWENTY)
    found = describe_regions(windows, places, sfreq=SFREQ)
    np.testing.assert_allclose((10**found.power).sum(1), 1)


def test_gain_changes_the_offset_alone():
    windows, places = make_windows(TEN_TWENTY)
    one = describe_regions(windows, places, sfreq=SFREQ)
    other = describe_regions(10 * windows, places, sfreq=SFREQ)
    np.testing.assert_allclose(other.offset - one.offset, 2.0, atol=1e-6)
    for name in ("power", "exponent", "periodic", "roll_off"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), atol=1e-6)


def test_two_caps_on_one_brain_are_near():
    small = describe_regions(*make_windows(TEN_TWENTY), sfreq=SFREQ)
    large = describe_regions(*make_windows(CAP_64), sfreq=SFREQ)
    assert np.abs(small.power - large.power).max() < 0.35


def test_a_low_pass_is_seen_at_the_top_of_the_band():
    windows, places = make_windows(TEN_TWENTY)
    sos = butter(2, 25, fs=SFREQ, output="sos")
    cut = sosfiltfilt(sos, windows, axis=-1)
    assert describe_regions(windows, places, sfreq=SFREQ).roll_off == pytest.approx(
        0, abs=0.1
    )
    assert describe_regions(cut, places, sfreq=SFREQ).roll_off < -0.4
