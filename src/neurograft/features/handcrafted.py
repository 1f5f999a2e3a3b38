"""Handcrafted features of every channel, as in Engemann 2022 (with a random forest).

Shape of the distribution, complexity, and summary of the spectrum; mean over windows.
Features whose unit is that of the signal are logarithms, and left out where the unit
means nothing.
"""

import numpy as np
from scipy import stats

from neurograft.features.band_power import POWER_EDGES, compute_cross_spectra
from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

QUANTILES = (0.05, 0.25, 0.75, 0.95)
FRACTAL_STEPS = (1, 2, 4, 8)
MAX_LAG_S = 1.0


def describe_by_hand(windows: FloatArray, facts: Facts) -> FloatArray:
    """All features, channel by channel, mean over windows."""
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
    quantiles = np.quantile(scaled, QUANTILES, axis=-1)
    return {
        "skewness": stats.skew(scaled, axis=-1),
        "kurtosis": np.log(stats.kurtosis(scaled, axis=-1, fisher=False)),
        **{f"q{int(100 * q)}": v for q, v in zip(QUANTILES, quantiles, strict=True)},
    }


def _describe_complexity(scaled: FloatArray, sfreq: float) -> dict[str, FloatArray]:
    """Hjorth 1970; Katz 1988; Higuchi 1988; Hurst by variance of differences."""
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
    """Slope over step sizes of the log size of increments."""
    sizes = []
    for step in FRACTAL_STEPS:
        moved = np.abs(scaled[..., step:] - scaled[..., :-step]) ** power
        sizes.append(np.log(moved.mean(-1) / (step**2 if normalise else 1) + 1e-12))
    x = np.log(FRACTAL_STEPS) - np.log(FRACTAL_STEPS).mean()
    slope = np.tensordot(x, np.stack(sizes), axes=(0, 0)) / (x**2).sum()
    return np.asarray(-slope if normalise else slope)


def _decorrelate(scaled: FloatArray, sfreq: float) -> FloatArray:
    """Seconds until the autocorrelation first crosses zero, at most one."""
    n = scaled.shape[-1]
    power = np.abs(np.fft.rfft(scaled, 2 * n)) ** 2
    correlation = np.fft.irfft(power)[..., 1 : int(MAX_LAG_S * sfreq) + 1]
    is_below = correlation <= 0
    first = np.where(is_below.any(-1), is_below.argmax(-1) + 1, is_below.shape[-1])
    return np.asarray(first / sfreq)


def _describe_spectrum(windows: FloatArray, sfreq: float) -> dict[str, FloatArray]:
    """Relative band power, entropy, edge frequency and slope."""
    bands = [
        np.diagonal(compute_cross_spectra(w[None], sfreq=sfreq, edges=POWER_EDGES),
                    axis1=1, axis2=2)
        for w in windows
    ]  # fmt: skip
    power = np.moveaxis(np.stack(bands), 1, -1) + 1e-12
    share = power / power.sum(-1, keepdims=True)
    middles = np.sqrt(np.array(POWER_EDGES[:-1]) * np.array(POWER_EDGES[1:]))
    density = np.log(power / np.diff(POWER_EDGES))
    x = np.log(middles) - np.log(middles).mean()
    edge = (np.cumsum(share, axis=-1) < 0.95).sum(-1)
    return {
        "spectral_entropy": -(share * np.log(share)).sum(-1),
        "edge_frequency": np.log(np.array(POWER_EDGES[1:])[np.minimum(edge, 11)]),
        "spectral_slope": density @ x / (x**2).sum(),
        **{f"band_{i}": np.log(share[..., i]) for i in range(share.shape[-1])},
    }


def _teager(windows: FloatArray) -> FloatArray:
    """Teager-Kaiser energy (Kaiser 1990)."""
    inner = windows[..., 1:-1]
    return np.asarray(inner**2 - windows[..., :-2] * windows[..., 2:])
