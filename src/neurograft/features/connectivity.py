"""Connectivity between channels: phase lags and envelopes, by band.

These are the features of the 2026 benchmark on chronic pain, whose best models were
classical connectivity models. Estimated by mne-connectivity (extra `connectivity`).
"""

import importlib.util
import warnings

import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt

from neurograft.errors import ConfigError
from neurograft.features.aperiodic import cut_segments
from neurograft.features.window_facts import Facts, Features, Windows
from neurograft.types import FloatArray

# Theta, alpha and beta as in DISCOVER-EEG, Hz; gamma lies beyond the edge of the band.
BANDS_HZ = ((4.0, 8.0), (8.0, 13.0), (13.0, 30.0))
# Seconds cut off at either end of an envelope. Chosen here: where the filter rings.
EDGE_S = 0.5


def is_available() -> bool:
    """Return whether mne-connectivity is installed."""
    return importlib.util.find_spec("mne_connectivity") is not None


def describe_connectivity(windows: Windows, facts: Facts) -> Features:
    """Return phase lags, imaginary coherences and envelope correlations.

    Debiased weighted phase lag index (Vinck 2011), size of the imaginary coherency
    (Nolte 2004), correlation of envelopes (Hipp 2012, orthogonalised pairwise). The
    first two are pair by pair, the last is band by band.

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
    envelopes = [_correlate_envelopes(windows, facts.sfreq, b) for b in BANDS_HZ]
    parts += [correlations[pairs] for correlations in envelopes]
    return np.concatenate([part.ravel() for part in parts])


def _find_phase_lags(
    windows: FloatArray, sfreq: float
) -> tuple[FloatArray, FloatArray]:
    """Return squared wPLI and imaginary coherency, `(n, n, n_bands)`, lower half."""
    from mne_connectivity import spectral_connectivity_epochs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimates = spectral_connectivity_epochs(
            cut_segments(windows, sfreq=sfreq),
            method=["wpli2_debiased", "imcoh"],
            sfreq=sfreq,
            fmin=tuple(low for low, _ in BANDS_HZ),
            fmax=tuple(high for _, high in BANDS_HZ),
            faverage=True,
            mode="fourier",
            verbose="ERROR",
        )
    lags, coherence = (estimate.get_data(output="dense") for estimate in estimates)
    return np.nan_to_num(lags), np.nan_to_num(coherence)


def _correlate_envelopes(
    windows: FloatArray, sfreq: float, band: tuple[float, float]
) -> FloatArray:
    """Return correlations of log envelopes `(n, n)`, mean over windows."""
    from mne_connectivity import envelope_correlation

    sos = butter(4, band, btype="bandpass", fs=sfreq, output="sos")
    analytic = hilbert(sosfiltfilt(sos, windows, axis=-1), axis=-1)
    edge = int(EDGE_S * sfreq)
    by_window = envelope_correlation(
        analytic[..., edge:-edge], orthogonalize="pairwise", verbose="ERROR"
    )
    mean = by_window.combine().get_data(output="dense")
    return np.asarray(np.nan_to_num(mean[..., 0]))
