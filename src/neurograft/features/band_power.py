"""Features without learning: band power and covariances of the same windows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.signal import get_window

from neurograft.features.window_facts import Facts
from neurograft.types import FloatArray

# Edges in Hz of the bands of the band-power baseline; finer than delta-theta-alpha.
POWER_EDGES = (1, 2, 3, 4, 6, 8, 9, 10, 11, 13, 20, 30, 45)


def compute_cross_spectra(
    windows: Float[np.ndarray, "n_windows n_channels n_times"],
    *,
    sfreq: float,
    edges: Sequence[float],
) -> Float[np.ndarray, "n_bands n_channels n_channels"]:
    """Covariance within each band: real cross-spectra, averaged over windows.

    Each window is tapered (Hann) and transformed once, so that no filter rings across
    its edges.

    Returns:
        Power in the unit of the windows squared.
    """
    n_times = windows.shape[-1]
    taper = get_window("hann", n_times)
    spectra = np.fft.rfft((windows - windows.mean(-1, keepdims=True)) * taper, axis=-1)
    frequencies = np.fft.rfftfreq(n_times, 1 / sfreq)
    norm = 2 / (n_times * (taper**2).sum() * len(windows))
    bands = []
    for low, high in pairwise(edges):
        inside = spectra[..., (frequencies >= low) & (frequencies < high)]
        flat = np.moveaxis(inside, 1, 0).reshape(inside.shape[1], -1)
        bands.append(norm * (flat @ flat.conj().T).real)
    return np.stack(bands)


def describe_band_power(windows: FloatArray, facts: Facts) -> FloatArray:
    """Log power by band and channel: relative, and absolute where units mean it."""
    spectra = compute_cross_spectra(windows, sfreq=facts.sfreq, edges=POWER_EDGES)
    return _log_power(spectra, has_microvolts=facts.has_microvolts)


def average_reference_basis(n_channels: int) -> FloatArray:
    """Orthonormal basis of the vectors that sum to zero, shape `(n, n - 1)`."""
    centring = np.eye(n_channels) - 1 / n_channels
    return np.asarray(np.linalg.svd(centring)[0][:, : n_channels - 1])


def _log_power(spectra: FloatArray, *, has_microvolts: bool) -> FloatArray:
    """Log power per band and channel; absolute too if the unit means something."""
    power = np.diagonal(spectra, axis1=1, axis2=2)
    floor = 1e-6 * power.mean()
    absolute = np.log(power + floor)
    relative = absolute - np.log(power.sum(0) + floor)
    parts = (absolute, relative) if has_microvolts else (relative,)
    return np.concatenate([part.ravel() for part in parts])
