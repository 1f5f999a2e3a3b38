"""Band power is the power of a wave in its band."""

import numpy as np

from neurograft.features.band_power import POWER_EDGES, compute_cross_spectra


def make_waves(hz, amplitude, n_channels=3):
    times = np.arange(1280) / 128
    wave = amplitude * np.sin(2 * np.pi * hz * times)
    return np.outer(np.arange(1, n_channels + 1), wave)[None]


def test_band_power_is_the_power_of_the_wave_in_its_band():
    spectra = compute_cross_spectra(
        make_waves(10.5, 4.0), sfreq=128.0, edges=POWER_EDGES
    )
    band = POWER_EDGES.index(10)
    expected = np.outer([1, 2, 3], [1, 2, 3]) * 4.0**2 / 2
    np.testing.assert_allclose(spectra[band], expected, rtol=0.01)
    others = np.delete(spectra, band, axis=0)
    assert np.abs(others).max() < 0.02 * expected.max()


def test_cross_spectra_of_white_noise_add_up_to_its_covariance():
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((3, 3))
    windows = mixing @ rng.standard_normal((40, 3, 1280))
    spectra = compute_cross_spectra(windows, sfreq=128.0, edges=(1, 20, 63))
    np.testing.assert_allclose(
        spectra.sum(0) * 64 / 62, mixing @ mixing.T, rtol=0.1, atol=0.1
    )
