"""Densities have the size of the noise, whatever a few loud segments do."""

import numpy as np
import pytest

from neurograft.statistics.spectral_density import estimate_density


@pytest.mark.parametrize("n_segments", [1, 2, 5, 200])
def test_white_noise_has_its_variance_over_the_band_as_density(n_segments):
    rng = np.random.default_rng(0)
    segments = 3 * rng.standard_normal((n_segments, 400 // n_segments, 256))
    frequencies, power = estimate_density(segments, sfreq=128, low_hz=2, high_hz=60)
    assert frequencies[0] == 2
    assert frequencies[-1] == 60
    assert frequencies[1] - frequencies[0] == 0.5
    assert power.mean() == pytest.approx(9 / 64, rel=0.05)


def test_a_few_loud_segments_change_little():
    rng = np.random.default_rng(1)
    quiet = rng.standard_normal((101, 1, 256))
    loud = quiet.copy()
    loud[:10] *= 100
    _, before = estimate_density(quiet, sfreq=128, low_hz=1, high_hz=45)
    _, after = estimate_density(loud, sfreq=128, low_hz=1, high_hz=45)
    assert np.abs(np.log10(after / before)).mean() < 0.1


def test_a_constant_channel_has_a_logarithm():
    segments = np.zeros((3, 2, 256))
    segments[:, 1] = np.random.default_rng(0).standard_normal((3, 256))
    _, power = estimate_density(segments, sfreq=128, low_hz=1, high_hz=45)
    assert np.isfinite(np.log10(power)).all()
    _, silent = estimate_density(np.zeros((3, 1, 256)), sfreq=128, low_hz=1, high_hz=9)
    assert np.isfinite(np.log10(silent)).all()
