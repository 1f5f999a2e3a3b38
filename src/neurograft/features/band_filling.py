"""Take a band out of windows, and fill it as high as the 1/f line of their spectrum.

A band that is empty is as odd an input as one with a peak. The filled band has the
power that the line through the rest of the spectrum has there, and its own phases.
"""

import numpy as np
from jaxtyping import Float
from scipy import fft

from neurograft.features.aperiodic import ALPHA_HZ, FIT_HZ, fit_background
from neurograft.types import BoolArray, FloatArray, IntArray

# Width over which power is averaged before its logarithm is taken, Hz. Chosen here:
# that of the bins of `aperiodic`.
STEP_HZ = 0.5
# Share of what is left that the line is drawn through. Chosen here, by noise of known
# slope: a window tells less than a person, and a line through the lowest quarter, as in
# `aperiodic`, filled delta 1.5 times as high as it was, this one 1.1 times.
LOWEST_SHARE = 0.75
# Power of a channel that is silent; its logarithm must exist.
SILENCE = 1e-30


def fill_band(
    windows: Float[np.ndarray, "n_windows n_channels n_times"],
    band_hz: tuple[float, float],
    *,
    sfreq: float,
    recorded_hz: tuple[float, float],
) -> Float[np.ndarray, "n_windows n_channels n_times"]:
    """Fill a band of every window and channel from the 1/f line outside the band.

    What is outside the band stays as it is. A channel that is silent stays silent.

    Args:
        windows: Signals, of any unit.
        band_hz: Edges of the band; it holds its lower edge.
        sfreq: Sampling rate, Hz.
        recorded_hz: Edges of what was kept of the signals; nothing is filled or fitted
            beyond them.

    Returns:
        The windows, of the same kind of number.
    """
    n_times = windows.shape[-1]
    frequencies = np.fft.rfftfreq(n_times, 1 / sfreq)
    low, high = (max(band_hz[0], recorded_hz[0]), min(band_hz[1], recorded_hz[1]))
    inside = (frequencies >= low) & (frequencies < high)
    spectra = fft.rfft(windows.astype(float), axis=-1)
    size = np.abs(spectra)
    fitted_hz = (max(FIT_HZ[0], recorded_hz[0]), min(FIT_HZ[1], recorded_hz[1]))
    bins = _choose_bins(frequencies, band_hz, fitted_hz)
    x, log_power = _average(frequencies, size**2, bins)
    slope, offset = fit_background(
        x, log_power.reshape(-1, len(x)), lowest_share=LOWEST_SHARE
    )
    line = slope[:, None] * np.log10(frequencies[inside]) + offset[:, None]
    wanted = 10 ** (line / 2).reshape(*size.shape[:-1], -1)
    own = np.maximum(size[..., inside], SILENCE)
    change = np.zeros_like(spectra)
    change[..., inside] = spectra[..., inside] * (wanted / own - 1)
    filled = windows + fft.irfft(change, n=n_times, axis=-1)
    return np.asarray(filled.astype(windows.dtype))


def _choose_bins(
    frequencies: FloatArray,
    band_hz: tuple[float, float],
    fitted_hz: tuple[float, float],
) -> IntArray:
    """Number the step of every bin that the line is fitted to; -1 for others.

    Alpha is left out always: where it is strong, it would lift the line.
    """
    used = (frequencies >= fitted_hz[0]) & (frequencies <= fitted_hz[1])
    for low, high in (band_hz, ALPHA_HZ):
        used &= (frequencies < low) | (frequencies >= high)
    return np.where(used, np.floor(frequencies / STEP_HZ + 1e-9).astype(int), -1)


def _average(
    frequencies: FloatArray, power: FloatArray, steps: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return frequencies and log power, averaged over the bins of every step."""
    used: BoolArray = steps >= 0
    first = np.flatnonzero(np.diff(steps[used], prepend=-1))
    counts = np.diff(np.append(first, used.sum()))
    x = np.add.reduceat(frequencies[used], first) / counts
    mean = np.add.reduceat(power[..., used], first, axis=-1) / counts
    return x, np.log10(mean + SILENCE)
