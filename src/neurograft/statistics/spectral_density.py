"""Estimate power spectra that a few loud seconds do not decide."""

import numpy as np
from jaxtyping import Float
from scipy import fft
from scipy.signal import get_window

from neurograft.types import FloatArray

# Length of the segments whose spectra are combined: half a hertz of resolution.
SEGMENT_S = 2.0
# Power below this share of the mean counts as this: a logarithm needs some.
FLOOR_SHARE = 1e-9


def estimate_density(
    segments: Float[np.ndarray, "n_segments n_channels n_samples"],
    *,
    sfreq: float,
    low_hz: float,
    high_hz: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the median power of segments, as density, without the median's bias.

    That bias is the one of noise; a pure tone comes out 1.4 times too strong.

    Source: Welch 1967; median and its bias as in Allen 2012, appendix B, and scipy.

    Args:
        segments: Signals; each is centred and tapered (Hann).
        sfreq: Sampling rate, Hz.
        low_hz: Lowest frequency that is wanted.
        high_hz: Highest frequency that is wanted.

    Returns:
        Frequencies in Hz, `(n_bins,)`, and power in the signals' unit squared per Hz,
        `(n_channels, n_bins)`.

    Example:
        >>> t = np.arange(256) / 128
        >>> hz, power = estimate_density(np.sin(20 * np.pi * t)[None, None], sfreq=128,
        ...                              low_hz=1, high_hz=40)
        >>> float(hz[power[0].argmax()])
        10.0
    """
    n_samples = segments.shape[-1]
    taper = get_window("hann", n_samples).astype(segments.dtype)
    frequencies = np.fft.rfftfreq(n_samples, 1 / sfreq)
    used = (frequencies >= low_hz - 1e-6) & (frequencies <= high_hz + 1e-6)
    centred = segments - segments.mean(-1, keepdims=True)
    spectra = fft.rfft(centred * taper, axis=-1)[..., used]
    density = spectra.real**2 + spectra.imag**2
    power = np.median(density, axis=0).astype(float)
    power *= 2 / (sfreq * float((taper.astype(float) ** 2).sum()))
    power /= _find_median_bias(len(segments))
    return frequencies[used], power + FLOOR_SHARE * power.mean() + 1e-30


def _find_median_bias(n: int) -> float:
    """Return the mean of the median of `n` powers whose own mean is 1."""
    steps = 2.0 * np.arange(1, (n - 1) // 2 + 1)
    return float(1 + (1 / (steps + 1) - 1 / steps).sum())
