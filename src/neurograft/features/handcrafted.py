"""Describe every channel by handcrafted features, as in Engemann 2022.

Shape of the distribution, complexity, and summary of the spectrum; mean over windows.
There, they go with a random forest. Features whose unit is that of the signal are
logarithms, and left out where the unit means nothing.
"""

from functools import partial

import numpy as np
from scipy import stats

from neurograft.features.band_power import POWER_EDGES, compute_cross_spectra
from neurograft.features.window_facts import Facts, Features, Windows
from neurograft.types import FloatArray

# Quantiles of the standardised signal. Chosen here: both tails, both quartiles.
QUANTILES = (0.05, 0.25, 0.75, 0.95)
# Step sizes in samples, over which dimensions are fitted. Chosen here: up to a 16th of
# a second at 128 Hz, which is less than a period of alpha.
FRACTAL_STEPS = (1, 2, 4, 8)
# Longest lag of the autocorrelation. Chosen here: a second, ten periods of alpha.
MAX_LAG_S = 1.0
# Share of the power below the edge frequency: the usual "SEF95".
EDGE_SHARE = 0.95


def describe_by_hand(windows: Windows, facts: Facts) -> Features:
    """Return all features, each of every channel, mean over windows."""
    spread = windows.std(-1) + 1e-12
    scaled = (windows - windows.mean(-1, keepdims=True)) / spread[..., None]
    parts = {
        **_describe_shape(scaled),
        **_describe_complexity(scaled, facts.sfreq),
        **_describe_spectrum(windows, facts.sfreq),
    }
    if facts.has_microvolts:
        parts |= {
            "log_sd": np.log(spread),
            "log_peak_to_peak": np.log(np.ptp(windows, axis=-1) + 1e-12),
            "log_line_length": np.log(np.abs(np.diff(windows)).mean(-1) + 1e-12),
            "log_teager_energy": np.log(np.abs(_teager(windows)).mean(-1) + 1e-12),
        }
    return np.concatenate([values.mean(0) for values in parts.values()])


def _describe_shape(scaled: FloatArray) -> dict[str, FloatArray]:
    """Describe the distribution of amplitudes: moments and quantiles."""
    quantiles = np.quantile(scaled, QUANTILES, axis=-1)
    return {
        "skewness": stats.skew(scaled, axis=-1),
        "kurtosis": np.log(stats.kurtosis(scaled, axis=-1, fisher=False)),
        **{f"q{int(100 * q)}": v for q, v in zip(QUANTILES, quantiles, strict=True)},
    }


def _describe_complexity(scaled: FloatArray, sfreq: float) -> dict[str, FloatArray]:
    """Describe complexity: Hjorth 1970; Katz 1988; Higuchi 1988; Hurst; zero crossings.

    Hurst's exponent follows from the variance of differences.
    """
    first, second = np.diff(scaled), np.diff(scaled, n=2)
    mobility = first.std(-1) / (scaled.std(-1) + 1e-12)
    complexity = second.std(-1) / (first.std(-1) + 1e-12) / (mobility + 1e-12)
    length = np.abs(first).sum(-1) + 1e-12
    reach = np.abs(scaled - scaled[..., :1]).max(-1) + 1e-12
    n = np.log(scaled.shape[-1])
    crossings = (np.diff(np.signbit(scaled), axis=-1) != 0).mean(-1)
    return {
        "mobility": np.log(mobility + 1e-12),
        "complexity": np.log(complexity + 1e-12),
        "zero_crossings": crossings,
        "katz_dimension": n / (n + np.log(reach / length)),
        "higuchi_dimension": _fit_steps(scaled, power=1.0, normalise=True),
        "hurst_exponent": _fit_steps(scaled, power=2.0, normalise=False) / 2,
        "decorrelation_s": _decorrelate(scaled, sfreq),
    }


def _fit_steps(scaled: FloatArray, *, power: float, normalise: bool) -> FloatArray:
    """Return the slope over step sizes of the log size of increments."""
    sizes = []
    for step in FRACTAL_STEPS:
        moved = np.abs(scaled[..., step:] - scaled[..., :-step]) ** power
        sizes.append(np.log(moved.mean(-1) / (step**2 if normalise else 1) + 1e-12))
    x = np.log(FRACTAL_STEPS) - np.log(FRACTAL_STEPS).mean()
    slope = np.tensordot(x, np.stack(sizes), axes=(0, 0)) / (x**2).sum()
    return np.asarray(-slope if normalise else slope)


def _decorrelate(scaled: FloatArray, sfreq: float) -> FloatArray:
    """Return the seconds until the autocorrelation first crosses 0, at most 1."""
    n = scaled.shape[-1]
    power = np.abs(np.fft.rfft(scaled, 2 * n)) ** 2
    correlation = np.fft.irfft(power)[..., 1 : int(MAX_LAG_S * sfreq) + 1]
    is_below = correlation <= 0
    first = np.where(is_below.any(-1), is_below.argmax(-1) + 1, is_below.shape[-1])
    return np.asarray(first / sfreq)


def _describe_spectrum(windows: FloatArray, sfreq: float) -> dict[str, FloatArray]:
    """Describe the spectrum: relative band power, entropy, edge frequency, slope."""
    cross = partial(compute_cross_spectra, sfreq=sfreq, edges=POWER_EDGES)
    spectra = np.stack([cross(window[None]) for window in windows])
    power = np.moveaxis(np.diagonal(spectra, axis1=2, axis2=3), 1, -1) + 1e-12
    share = power / power.sum(-1, keepdims=True)
    middles = np.sqrt(np.array(POWER_EDGES[:-1]) * np.array(POWER_EDGES[1:]))
    density = np.log(power / np.diff(POWER_EDGES))
    x = np.log(middles) - np.log(middles).mean()
    edge = (np.cumsum(share, axis=-1) < EDGE_SHARE).sum(-1).clip(max=len(middles) - 1)
    return {
        "spectral_entropy": -(share * np.log(share)).sum(-1),
        "edge_frequency": np.log(POWER_EDGES[1:])[edge],
        "spectral_slope": density @ x / (x**2).sum(),
        **{f"band_{i}": np.log(share[..., i]) for i in range(share.shape[-1])},
    }


def _teager(windows: FloatArray) -> FloatArray:
    """Return the Teager-Kaiser energy of every sample but the ends (Kaiser 1990)."""
    inner = windows[..., 1:-1]
    return np.asarray(inner**2 - windows[..., :-2] * windows[..., 2:])
