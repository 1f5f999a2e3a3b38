"""Noise with a known spectrum, and what is known of it."""

import numpy as np
import pytest

from neurograft.features.window_facts import Facts

SFREQ, N = 128.0, 1280


@pytest.fixture(scope="session")
def make_facts():
    """Electrodes on a circle, the first in front, at 128 Hz."""

    def make(n=6, has_microvolts=True):
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        places = np.stack([np.sin(angle), np.cos(angle), np.zeros(n)], 1)
        return Facts(SFREQ, places, has_microvolts)

    return make


@pytest.fixture(scope="session")
def make_noise():
    """Noise whose power falls as a power law, with an oscillation on top."""

    def make(exponent=1.0, n_windows=8, n_channels=6, seed=0, alpha=None, height=3.0):
        rng = np.random.default_rng(seed)
        f = np.fft.rfftfreq(N, 1 / SFREQ)
        size = np.zeros_like(f)
        size[1:] = f[1:] ** (-exponent / 2)
        if alpha is not None:
            size *= 1 + height * np.exp(-((f - alpha) ** 2) / 2)
        shape = (n_windows, n_channels, len(f))
        spectrum = size * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
        return 100 * np.fft.irfft(spectrum, N)

    return make
