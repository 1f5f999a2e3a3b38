"""Connectivity between channels: phase lags and envelopes, by band.

The features of the 2026 benchmark on chronic pain, whose best models were classical
connectivity models. Estimated by mne-connectivity (extra `connectivity`).
"""

import importlib.util
import warnings

import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt

from neurograft.errors import ConfigError
from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

# Hz; theta, alpha and beta as in DISCOVER-EEG, gamma only up to our band's edge.
BANDS_HZ = ((4.0, 8.0), (8.0, 13.0), (13.0, 30.0))
SEGMENT_S = 2.0


def is_available() -> bool:
    """Whether mne-connectivity is installed."""
    return importlib.util.find_spec("mne_connectivity") is not None


def describe_connectivity(windows: FloatArray, facts: Facts) -> FloatArray:
    """Debiased weighted phase lag, imaginary coherence, envelope correlation.

    Vinck 2011; Nolte 2004; Hipp 2012 (orthogonalised pairwise). Every pair of channels
    and band, side by side.

    Raises:
        ConfigError: If mne-connectivity is not installed.
    """
    if not is_available():
        raise ConfigError(
            "Method 'connectivity' needs mne-connectivity; "
            "pip install 'neurograft[connectivity]'."
        )
    pairs = np.tril_indices(windows.shape[1], k=-1)
    lags, coherence = _find_phase_lags(windows, facts.sfreq)
    parts = [lags[pairs], np.abs(coherence[pairs])]
    parts += [_correlate_envelopes(windows, facts.sfreq, band)[pairs]
              for band in BANDS_HZ]  # fmt: skip
    return np.concatenate([part.ravel() for part in parts])


def _find_phase_lags(
    windows: FloatArray, sfreq: float
) -> tuple[FloatArray, FloatArray]:
    """Debiased squared wPLI and imaginary coherency, `(n, n, n_bands)`, lower half."""
    from mne_connectivity import spectral_connectivity_epochs

    length = int(SEGMENT_S * sfreq)
    n_parts = windows.shape[-1] // length
    cut = windows[..., : n_parts * length]
    cut = np.moveaxis(cut.reshape(*windows.shape[:2], n_parts, length), 1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = spectral_connectivity_epochs(
            cut.reshape(-1, windows.shape[1], length),
            method=["wpli2_debiased", "imcoh"],
            sfreq=sfreq,
            fmin=tuple(low for low, _ in BANDS_HZ),
            fmax=tuple(high for _, high in BANDS_HZ),
            faverage=True,
            mode="fourier",
            verbose="ERROR",
        )
    lags, coherence = (np.nan_to_num(one.get_data(output="dense")) for one in found)
    return lags, coherence


def _correlate_envelopes(
    windows: FloatArray, sfreq: float, band: tuple[float, float]
) -> FloatArray:
    """Correlation of log envelopes, each pair made orthogonal, mean over windows."""
    from mne_connectivity import envelope_correlation

    sos = butter(4, band, btype="bandpass", fs=sfreq, output="sos")
    analytic = hilbert(sosfiltfilt(sos, windows, axis=-1), axis=-1)
    edge = int(0.5 * sfreq)
    found = envelope_correlation(
        analytic[..., edge:-edge], orthogonalize="pairwise", verbose="ERROR"
    )
    return np.asarray(np.nan_to_num(found.combine().get_data(output="dense")[..., 0]))
