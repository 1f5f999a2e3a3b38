"""Filters that give every device's signals one common spectrum.

Source: temporal Monge alignment (Gnassounou 2023, "Convolutional Monge mapping
normalization", eqs. 5-8): for stationary Gaussian signals the optimal transport between
domains is a filter, and the barycentre of spectra the squared mean of their roots.
"""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.signal import get_window
from sklearn.base import BaseEstimator

from neurograft.adaptation.adapter import describe_all, is_source, iterate_domains
from neurograft.types import FloatArray, IntArray

# Ratio of spectra beyond which a filter would amplify noise.
MAX_GAIN = 10.0


class MatchSpectra(BaseEstimator):  # type: ignore[misc]
    """Filter signals so that the mean spectrum of every domain is the barycentre's.

    Channels are filtered one by one; the filter is that of the domain, never of a
    person, so that differences between people stay.

    Args:
        filter_size: Taps of the filter, samples; a short one matches the device's
            response and not the people's alpha peak.
    """

    def __init__(self, filter_size: int = 64) -> None:
        self.filter_size = filter_size

    def fit(
        self,
        X: Float[np.ndarray, "n n_channels n_times"],
        y: Any = None,  # noqa: ARG002
        *,
        sample_domain: IntArray,
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> "MatchSpectra":
        """Learn every domain's spectrum and the barycentre of the sources.

        Raises:
            DataError: If a domain has one row.
        """
        is_source(sample_domain)
        self.spectra_ = {
            domain: self._describe(X[rows])
            for domain, rows in iterate_domains(X, sample_domain)
        }
        roots = [np.sqrt(s) for domain, s in self.spectra_.items() if domain > 0]
        self.barycentre_ = np.mean(roots, axis=0) ** 2
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_channels n_times"],
        *,
        sample_domain: IntArray,
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Filter signals; a new domain by its own spectrum."""
        found = np.empty(X.shape)
        spectra = describe_all(self.spectra_, X, sample_domain, self._describe)
        for domain, spectrum in spectra.items():
            rows = sample_domain == domain
            found[rows] = apply_gain(X[rows], np.sqrt(self.barycentre_ / spectrum))
        return found

    def _describe(self, X: FloatArray) -> FloatArray:
        return find_mean_spectrum(X, self.filter_size)


def find_mean_spectrum(
    X: Float[np.ndarray, "n n_channels n_times"], size: int
) -> Float[np.ndarray, "n_channels n_bins"]:
    """Power spectra averaged over people (Welch 1967), `size // 2 + 1` bins."""
    starts = np.arange(0, X.shape[-1] - size + 1, size // 2)
    taper = get_window("hann", size)
    total = np.zeros((X.shape[1], size // 2 + 1))
    for start in starts:
        part = X[..., start : start + size] * taper
        total += (np.abs(np.fft.rfft(part, axis=-1)) ** 2).mean(0)
    floor = 1e-9 * total.mean() + 1e-300
    return np.asarray(total / len(starts) + floor)


def apply_gain(
    X: Float[np.ndarray, "n n_channels n_times"],
    gain: Float[np.ndarray, "n_channels n_bins"],
) -> FloatArray:
    """Filter with a zero-phase response given on a coarse grid of frequencies."""
    n_times = X.shape[-1]
    fine = np.fft.rfftfreq(n_times)
    coarse = np.linspace(0, 0.5, gain.shape[-1])
    limited = np.clip(gain, 1 / MAX_GAIN, MAX_GAIN)
    response = np.stack([np.interp(fine, coarse, row) for row in limited])
    return np.asarray(np.fft.irfft(np.fft.rfft(X, axis=-1) * response, n=n_times))
