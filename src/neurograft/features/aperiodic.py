"""Describe the 1/f part of a spectrum, and the alpha peak on top of it, by channel."""

import numpy as np
from jaxtyping import Float
from scipy.signal import get_window

from neurograft.features.window_facts import Facts, Features, Windows
from neurograft.types import FloatArray

# Range of the fit. Chosen here: above drifts, below the upper edge of the band.
FIT_HZ = (2.0, 40.0)
# Range of the alpha peak. Chosen here: wide enough for slowed alpha, too.
ALPHA_HZ = (6.5, 13.5)
# A first line is drawn through everything; the second line, which counts, through the
# lowest quarter of what remains, where no oscillation can be. Robust fit as in Donoghue
# 2020; the share is chosen here.
LOWEST_SHARE = 0.25
# Length of the segments whose spectra are combined: half a hertz of resolution.
SEGMENT_S = 2.0


def describe_aperiodic(windows: Windows, facts: Facts) -> Features:
    """Return exponent, alpha frequency, alpha height and offset of every channel.

    In this order, each of all channels. The offset is left out where the amplitude
    scale means nothing.
    """
    frequencies, power = find_spectrum(windows, sfreq=facts.sfreq)
    exponent, offset, alpha_hz, height = fit_spectra(frequencies, np.log10(power))
    parts = [exponent, alpha_hz, height]
    return np.concatenate([*parts, offset] if facts.has_microvolts else parts)


def find_spectrum(windows: Windows, *, sfreq: float) -> tuple[FloatArray, FloatArray]:
    """Return the median of the power spectra of two-second segments.

    Source: Welch 1967; the median as in Izhikevich 2018.

    Returns:
        Frequencies `(n_bins,)` within the fitted range, Hz, and power
        `(n_channels, n_bins)`.
    """
    segments = cut_segments(windows, sfreq=sfreq)
    length = segments.shape[-1]
    taper = get_window("hann", length)
    power = np.median(np.abs(np.fft.rfft(segments * taper)) ** 2, axis=0)
    frequencies = np.fft.rfftfreq(length, 1 / sfreq)
    used = (frequencies >= FIT_HZ[0]) & (frequencies <= FIT_HZ[1])
    floor = 1e-9 * power.mean() + 1e-300
    return frequencies[used], power[:, used] * 2 / (sfreq * (taper**2).sum()) + floor


def cut_segments(
    windows: Windows, *, sfreq: float
) -> Float[np.ndarray, "n_segments n_channels n_samples"]:
    """Cut windows into segments of two seconds; the rest of a window is dropped."""
    length = int(SEGMENT_S * sfreq)
    n_parts = windows.shape[-1] // length
    parts = np.split(windows[..., : n_parts * length], n_parts, axis=-1)
    return np.stack(parts, axis=1).reshape(-1, windows.shape[1], length)


def fit_spectra(
    frequencies: Float[np.ndarray, " n_bins"],
    log_power: Float[np.ndarray, "n_spectra n_bins"],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Fit lines to spectra in double logarithms, and find the alpha peak above them.

    Args:
        frequencies: Hz.
        log_power: Decadic logarithms.

    Returns:
        Exponent, offset (log power at 1 Hz), centre of gravity of the alpha range (Hz;
        Klimesch 1999) and largest height above the line there, each `(n_spectra,)`.
    """
    slope, offset = fit_background(frequencies, log_power)
    flat = log_power - (slope[:, None] * np.log10(frequencies) + offset[:, None])
    alpha = (frequencies >= ALPHA_HZ[0]) & (frequencies <= ALPHA_HZ[1])
    height = np.maximum(flat[:, alpha], 0)
    weight = height**2 + 1e-9
    centre = (weight * frequencies[alpha]).sum(1) / weight.sum(1)
    return -slope, offset, centre, height.max(1)


def fit_background(
    frequencies: Float[np.ndarray, " n_bins"],
    log_power: Float[np.ndarray, "n_spectra n_bins"],
    *,
    lowest_share: float = LOWEST_SHARE,
) -> tuple[FloatArray, FloatArray]:
    """Fit lines to the 1/f part of spectra in double logarithms, beneath their peaks.

    Args:
        frequencies: Hz; some of them outside of alpha and beta.
        log_power: Decadic logarithms.
        lowest_share: Share of the bins, lowest first, that the second line is drawn
            through.

    Returns:
        Slope and offset (log power at 1 Hz), each `(n_spectra,)`.
    """
    x = np.log10(frequencies)
    slope, offset = _fit_lines(x, log_power, np.ones_like(log_power))
    residual = log_power - (slope[:, None] * x + offset[:, None])
    limit = np.quantile(residual, lowest_share, axis=1, keepdims=True)
    slope, offset = _fit_lines(x, log_power, (residual <= limit).astype(float))
    flat = log_power - (slope[:, None] * x + offset[:, None])
    # The lowest quarter lies below the middle of the noise; bring the line there.
    beyond = (frequencies < ALPHA_HZ[0]) | (frequencies > 30)
    return slope, offset + np.median(flat[:, beyond], axis=1)


def _fit_lines(
    x: FloatArray, y: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return slope and offset of every row on the same abscissa, by weights."""
    total = weights.sum(1)
    x_mean, y_mean = (weights @ x) / total, (weights * y).sum(1) / total
    dx, dy = x - x_mean[:, None], y - y_mean[:, None]
    slope = (weights * dx * dy).sum(1) / (weights * dx**2).sum(1)
    return slope, y_mean - slope * x_mean
