"""Describe spectra by scalp region: what cohorts with different caps share."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.features.aperiodic import find_spectrum, fit_spectra
from neurograft.features.window_facts import Windows
from neurograft.montage.regions import weigh_regions
from neurograft.types import FloatArray

# Edges in Hz of the bands that are compared. Chosen here: the usual bands, with alpha
# in two halves, within the fitted range.
BAND_EDGES = (2, 4, 8, 10, 13, 20, 30, 40)
# Names of the bands in tables.
BANDS = tuple(f"{low}-{high} Hz" for low, high in pairwise(BAND_EDGES))
# A device's low-pass is seen here, at the top of the band. Chosen here: the top fifth.
TOP_HZ = (32.0, 40.0)
# A line through the spectrum up to here promises what would be at the top. Chosen here:
# the part with little muscle.
LOWER_HZ = 20.0


class RegionalSpectrum(NamedTuple):
    """Spectrum of a person by region, all logarithms to base 10.

    Attributes:
        power: Log power by band less that of all bands together.
        exponent: Of the 1/f part.
        offset: Of the 1/f part; means nothing without microvolts.
        periodic: Log power by band above the 1/f part.
        roll_off: Log power at the top of the band above what 1/f promises, mean over
            regions; far below 0 where the amplifier cut earlier.
    """

    power: Float[np.ndarray, "n_regions n_bands"]
    exponent: Float[np.ndarray, " n_regions"]
    offset: Float[np.ndarray, " n_regions"]
    periodic: Float[np.ndarray, "n_regions n_bands"]
    roll_off: float


def describe_regions(
    windows: Windows,
    positions: Float[np.ndarray, "n_channels 3"],
    *,
    sfreq: float,
) -> RegionalSpectrum:
    """Describe a person's windows by region, whatever the montage.

    Power is averaged over the electrodes of a region before the logarithm is taken.

    Args:
        windows: Signals of the person.
        positions: Unit sphere; x right, y front, z up.
        sfreq: Sampling rate, Hz.
    """
    frequencies, power = find_spectrum(windows, sfreq=sfreq)
    regional = weigh_regions(positions) @ power
    log_power = np.log10(regional)
    exponent, offset, _, _ = fit_spectra(frequencies, log_power)
    line = offset[:, None] - exponent[:, None] * np.log10(frequencies)
    top = (frequencies >= TOP_HZ[0]) & (frequencies <= TOP_HZ[1])
    lower = frequencies <= LOWER_HZ
    slope, height, _, _ = fit_spectra(frequencies[lower], log_power[:, lower])
    promised = height[:, None] - slope[:, None] * np.log10(frequencies[top])
    band_power = _sum_bands(frequencies, regional)
    band_line = _sum_bands(frequencies, 10**line)
    total = band_power.sum(1, keepdims=True)
    return RegionalSpectrum(
        np.log10(band_power / total),
        exponent,
        offset,
        np.log10(band_power / band_line),
        float((log_power[:, top] - promised).mean()),
    )


def _sum_bands(frequencies: FloatArray, power: FloatArray) -> FloatArray:
    """Sum power `(n_regions, n_bins)` over the bins of each band."""
    edges = (*BAND_EDGES[:-1], BAND_EDGES[-1] + 1e-9)  # the last band holds its end
    inside = [
        (frequencies >= low) & (frequencies < high) for low, high in pairwise(edges)
    ]
    return np.asarray(power @ np.transpose(inside))
