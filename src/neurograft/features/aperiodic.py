"""The 1/f part of a spectrum and the alpha peak on top of it, by channel."""

import numpy as np
from jaxtyping import Float
from scipy.signal import get_window

from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

FIT_HZ = (2.0, 40.0)
ALPHA_HZ = (6.5, 13.5)
# A first line is drawn through everything; the line that counts through the lowest
# quarter of what remains, where no oscillation can be (Donoghue 2020, robust fit).
LOWEST_SHARE = 0.25
SEGMENT_S = 2.0


def describe_aperiodic(windows: FloatArray, facts: Facts) -> FloatArray:
    """Exponent, offset, alpha frequency and alpha height of every channel.

    The offset is left out where the amplitude scale means nothing.
    """
    frequencies, power = find_spectrum(windows, sfreq=facts.sfreq)
    exponent, offset, frequency, height = fit_spectra(frequencies, np.log10(power))
    parts = [exponent, frequency, height]
    if facts.has_microvolts:
        parts.append(offset)
    return np.concatenate(parts)


def find_spectrum(
    windows: Float[np.ndarray, "n_windows n_channels n_times"], *, sfreq: float
) -> tuple[FloatArray, FloatArray]:
    """Median over segments of their power spectra (Welch 1967; Izhikevich 2018).

    Returns:
        Frequencies within the fitted range, Hz, and power `(n_channels, n_bins)`.
    """
    length = int(SEGMENT_S * sfreq)
    n_parts = windows.shape[-1] // length
    cut = windows[..., : n_parts * length]
    parts = cut.reshape(*windows.shape[:2], n_parts, length)
    taper = get_window("hann", length)
    spectra = np.abs(np.fft.rfft(parts * taper, axis=-1)) ** 2
    by_channel = np.moveaxis(spectra, 1, 0).reshape(
        len(windows[0]), -1, length // 2 + 1
    )
    power = np.median(by_channel, axis=1)
    frequencies = np.fft.rfftfreq(length, 1 / sfreq)
    used = (frequencies >= FIT_HZ[0]) & (frequencies <= FIT_HZ[1])
    floor = 1e-9 * power.mean() + 1e-300
    return frequencies[used], power[:, used] * 2 / (sfreq * (taper**2).sum()) + floor


def fit_spectra(
    frequencies: Float[np.ndarray, " n_bins"],
    log_power: Float[np.ndarray, "n_spectra n_bins"],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Fit lines to spectra in double logarithms, and find the alpha peak above them.

    Args:
        frequencies: Hz.
        log_power: Decadic logarithms.

    Returns:
        Exponent, offset, centre of gravity of the alpha range (Hz; Klimesch 1999) and
        largest height above the line there, one of each per spectrum.
    """
    x = np.log10(frequencies)
    slope, offset = _fit_lines(x, log_power, np.ones_like(log_power))
    residual = log_power - (slope[:, None] * x + offset[:, None])
    limit = np.quantile(residual, LOWEST_SHARE, axis=1, keepdims=True)
    slope, offset = _fit_lines(x, log_power, (residual <= limit).astype(float))
    flat = log_power - (slope[:, None] * x + offset[:, None])
    # The lowest quarter lies below the middle of the noise; bring the line there.
    beyond = (frequencies < ALPHA_HZ[0]) | (frequencies > 30)
    shift = np.median(flat[:, beyond], axis=1)
    flat, offset = flat - shift[:, None], offset + shift
    alpha = (frequencies >= ALPHA_HZ[0]) & (frequencies <= ALPHA_HZ[1])
    height = np.maximum(flat[:, alpha], 0)
    weight = height**2 + 1e-9
    centre = (weight * frequencies[alpha]).sum(1) / weight.sum(1)
    return -slope, offset, centre, height.max(1)


def _fit_lines(
    x: FloatArray, y: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares of every row on the same abscissa."""
    total = weights.sum(1)
    x_mean, y_mean = (weights @ x) / total, (weights * y).sum(1) / total
    dx, dy = x - x_mean[:, None], y - y_mean[:, None]
    slope = (weights * dx * dy).sum(1) / (weights * dx**2).sum(1)
    return slope, y_mean - slope * x_mean
