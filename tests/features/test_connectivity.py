"""Connectivity sees lags, and no copies."""

import numpy as np
import pytest

from neurograft.errors import ConfigError
from neurograft.features import connectivity
from neurograft.features.connectivity import BANDS_HZ, describe_connectivity

SFREQ, N = 128.0, 1280


def make_lagged(windows, seed=0):
    """Channel 1 follows channel 0 by a quarter of an alpha cycle; 2 copies 0."""
    rng = np.random.default_rng(seed)
    windows = windows.copy()
    t = np.arange(N) / SFREQ
    for window in windows:
        phase = np.cumsum(rng.normal(0, 0.15, N))
        size = 60 * (1.5 + np.sin(2 * np.pi * 0.3 * t + rng.uniform(0, 6)))
        wave = 2 * np.pi * 10 * t + phase
        window[0] += size * np.sin(wave)
        window[1] += size * np.sin(wave - np.pi / 2)
        window[2] += size * np.sin(wave)
    return windows


def test_connectivity_sees_lags_and_not_copies(make_facts, make_noise):
    n_pairs = 15
    found = describe_connectivity(make_lagged(make_noise(n_windows=24)), make_facts())
    parts = found
    lags = parts[: 3 * n_pairs].reshape(n_pairs, 3)
    imaginary = parts[3 * n_pairs : 6 * n_pairs].reshape(n_pairs, 3)
    envelopes = parts[6 * n_pairs :].reshape(3, n_pairs)
    pairs = list(zip(*np.tril_indices(6, -1), strict=True))
    lagged, copied, unrelated = (pairs.index(p) for p in ((1, 0), (2, 0), (5, 4)))
    alpha = BANDS_HZ.index((8.0, 13.0))
    assert lags[lagged, alpha] > 0.8
    assert lags[copied, alpha] < 0.3
    assert lags[unrelated, alpha] < 0.3
    assert imaginary[lagged, alpha] > 0.5
    assert imaginary[copied, alpha] < 0.2
    assert envelopes[alpha, lagged] > envelopes[alpha, unrelated] + 0.3


def test_without_the_package_connectivity_says_what_to_install(
    make_facts, make_noise, monkeypatch
):
    monkeypatch.setattr(connectivity, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"pip install 'neurograft\[connectivity\]'"):
        describe_connectivity(make_noise(), make_facts())
