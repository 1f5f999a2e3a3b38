"""Negative controls made of EEG: traces of eyes, muscles and amplifiers.

If these alone tell patients from controls, a method that uses the whole signal may have
learned the same.
"""

import numpy as np
from jaxtyping import Float
from scipy import stats

from neurograft.features.band_power import compute_cross_spectra
from neurograft.features.window_facts import Facts, Windows

# Edges of the bands. Chosen here: drift below 1 Hz, eyes slow and frontal (1 to 3 Hz),
# muscles fast and at the rim of the cap (30 to 45 Hz).
EDGES_HZ = (0.5, 1.0, 3.0, 8.0, 30.0, 45.0)
# Channels that count as the front and as the rim. Chosen here: about as many as a cap
# of 19 electrodes has there.
N_FRONT, N_RIM = 4, 6
# Beyond this many SDs a sample is an outlier; below this step it is flat. Chosen here.
OUTLIER_SD, FLAT_STEP = 4, 1e-3


def describe_amplitude(windows: Windows, facts: Facts) -> Float[np.ndarray, "3"]:
    """Return the mean log amplitude, and its spread over channels and over windows.

    The mean is 0 where the amplitude scale means nothing.
    """
    level = np.log(windows.std(-1) + 1e-12)
    mean = level.mean() if facts.has_microvolts else 0.0
    return np.array([mean, level.mean(0).std(), level.mean(1).std()])


def describe_artefacts(windows: Windows, facts: Facts) -> Float[np.ndarray, "7"]:
    """Return seven traces of artefacts.

    In this order: frontal slow power, fast power at the rim and drift (log shares of
    the power), kurtosis, share of outliers, share of flat samples, and the size of the
    largest steps (logs).
    """
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
            np.log((np.abs(scaled) > OUTLIER_SD).mean() + 1e-6),
            np.log((steps < FLAT_STEP).mean() + 1e-6),
            np.log(np.quantile(steps, 0.999)),
        ]
    )
