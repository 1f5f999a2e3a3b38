"""Negative controls made of EEG: what eyes, muscles and amplifiers leave behind.

If these alone tell patients from controls, a method that uses all of the signal may
have learned the same.
"""

import numpy as np
from scipy import stats

from neurograft.features.band_power import compute_cross_spectra
from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

# Eyes: slow and frontal. Muscles: fast and at the rim. Drift: below 1 Hz.
EDGES_HZ = (0.5, 1.0, 3.0, 8.0, 30.0, 45.0)
N_FRONT, N_RIM = 4, 6


def describe_amplitude(windows: FloatArray, facts: Facts) -> FloatArray:
    """Log of the mean amplitude, and how it spreads over channels and windows.

    The first is 0 where the amplitude scale means nothing.
    """
    level = np.log(windows.std(-1) + 1e-12)
    mean = level.mean() if facts.has_microvolts else 0.0
    return np.array([mean, level.mean(0).std(), level.mean(1).std()])


def describe_artefacts(windows: FloatArray, facts: Facts) -> FloatArray:
    """Frontal slow power, fast power at the rim, drift, outliers and flatness."""
    spectra = compute_cross_spectra(windows, sfreq=facts.sfreq, edges=EDGES_HZ)
    power = np.diagonal(spectra, axis1=1, axis2=2) + 1e-12
    share = np.log(power / power.sum(0))
    front = np.argsort(-facts.positions[:, 1])[:N_FRONT]
    rim = np.argsort(facts.positions[:, 2])[:N_RIM]
    scaled = windows / (windows.std(axis=(0, 2), keepdims=True) + 1e-12)
    steps = np.abs(np.diff(scaled))
    return np.array(
        [
            share[1, front].mean(),
            share[4, rim].mean(),
            share[0].mean(),
            np.log(stats.kurtosis(scaled.reshape(-1), fisher=False)),
            np.log((np.abs(scaled) > 4).mean() + 1e-6),
            np.log((steps < 1e-3).mean() + 1e-6),
            np.log(np.quantile(steps, 0.999)),
        ]
    )
