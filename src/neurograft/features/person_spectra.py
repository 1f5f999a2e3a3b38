"""Describe the spectrum of a person as an EEG report shows it: by region, at half a Hz.

Power is a density, unit squared per Hz. Where the amplitude scale means nothing, it is
divided by the power of the whole band, and says only where in the band power lies.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.features.aperiodic import (
    FIT_HZ,
    SEGMENT_S,
    cut_segments,
    fit_spectra,
)
from neurograft.features.window_facts import Windows
from neurograft.montage.regions import REGIONS, weigh_regions
from neurograft.statistics.spectral_density import estimate_density
from neurograft.types import FloatArray

# The bands of clinical reports, Hz (Kane 2017; delta from 1 Hz on, above drifts).
CLINICAL_BANDS = {
    "delta": (1.0, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
}
# The same, and what is above them up to the end of the harmonised band.
ALL_BANDS = CLINICAL_BANDS | {"gamma": (30.0, 45.0)}
# Power from here on counts as that of the whole band. Chosen here: above drifts.
WHOLE_FROM_HZ = 1.0
# Regions in which alpha is looked for.
POSTERIOR = ("parietal", "occipital")
# A peak lower than this above the 1/f part, in logarithms to base 10, has no frequency.
# Chosen here: a quarter above the line.
MIN_HEIGHT = 0.1


class PersonSpectrum(NamedTuple):
    """The spectrum of a person by region.

    Attributes:
        frequencies_hz: Bins.
        log_power: Logarithm to base 10 of power density; regions in the order of
            `REGIONS`.
        alpha_hz: Frequency of the posterior alpha peak; NaN if there is none.
        alpha_height: Its height above the 1/f part, logarithm to base 10.
        exponent: Of the 1/f part, mean over regions.
    """

    frequencies_hz: Float[np.ndarray, " n_bins"]
    log_power: Float[np.ndarray, "n_regions n_bins"]
    alpha_hz: float
    alpha_height: float
    exponent: float


def describe_person(
    recorded: Sequence[Float[np.ndarray, "_ _ _"]],
    places: Sequence[Float[np.ndarray, "_ 3"]],
    *,
    sfreq: float,
    band_hz: tuple[float, float],
    is_relative: bool,
) -> PersonSpectrum:
    """Describe a person by the windows of all their recordings, whatever the montage.

    Args:
        recorded: Windows, an array per recording; recordings count by their windows.
        places: Electrodes of each recording on the unit sphere.
        sfreq: Sampling rate, Hz.
        band_hz: Lowest and highest frequency.
        is_relative: Whether power is divided by that of the whole band.
    """
    parts = []
    for windows, positions in zip(recorded, places, strict=True):
        frequencies, power = find_density(windows, sfreq=sfreq, band_hz=band_hz)
        parts.append(len(windows) * (weigh_regions(positions) @ power))
    total = sum(map(len, recorded))
    power = np.sum(parts, axis=0) / total
    exponent, _, alpha_hz, height = _fit(frequencies, np.log10(power))
    rows = [list(REGIONS).index(name) for name in POSTERIOR]
    best = max(rows, key=lambda row: height[row])
    has_peak = height[best] >= MIN_HEIGHT
    return PersonSpectrum(
        frequencies,
        np.log10(divide_by_whole(frequencies, power) if is_relative else power),
        float(alpha_hz[best]) if has_peak else float("nan"),
        float(height[best]),
        float(exponent.mean()),
    )


def _fit(frequencies: FloatArray, log_power: FloatArray) -> tuple[FloatArray, ...]:
    used = (frequencies >= FIT_HZ[0]) & (frequencies <= FIT_HZ[1])
    return fit_spectra(frequencies[used], log_power[:, used])


def find_density(
    windows: Windows, *, sfreq: float, band_hz: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return frequencies and power density of every channel over some windows.

    Windows shorter than two seconds are taken whole: their bins are wider.
    """
    is_short = windows.shape[-1] < int(SEGMENT_S * sfreq)
    segments = windows if is_short else cut_segments(windows, sfreq=sfreq)
    low, high = band_hz
    return estimate_density(segments, sfreq=sfreq, low_hz=low, high_hz=high)


def divide_by_whole(
    frequencies: Float[np.ndarray, " n_bins"],
    power: Float[np.ndarray, "n_rows n_bins"],
) -> Float[np.ndarray, "n_rows n_bins"]:
    """Return densities as shares of each row's whole power, per Hz."""
    width = frequencies[1] - frequencies[0]
    counted = frequencies >= WHOLE_FROM_HZ
    whole = power[:, counted].sum(1, keepdims=True) * width
    return np.asarray(power / whole)


def sum_clinical_bands(
    frequencies: Float[np.ndarray, " n_bins"],
    power: Float[np.ndarray, "n_channels n_bins"],
    *,
    is_relative: bool,
    bands: Mapping[str, tuple[float, float]] = CLINICAL_BANDS,
) -> Float[np.ndarray, "n_bands n_channels"]:
    """Return the logarithm to base 10 of each band's power, or of its share.

    Args:
        frequencies: Hz.
        power: Density.
        is_relative: Whether it is divided by the power of the whole band.
        bands: Lower and upper edge of each, Hz; a band holds its lower edge.
    """
    density = divide_by_whole(frequencies, power) if is_relative else power
    width = frequencies[1] - frequencies[0]
    sums = [
        density[:, (frequencies >= low) & (frequencies < high)].sum(1) * width
        for low, high in bands.values()
    ]
    return np.log10(np.stack(sums) + 1e-30)
