"""Power of every channel by band, and the cross-spectra behind it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.signal import get_window

from neurograft.features.window_facts import Facts, Features, Windows

# Edges in Hz of the bands of the band-power baseline. Chosen here: finer than delta,
# theta and alpha, so that a slowed alpha moves power between bands.
POWER_EDGES = (1, 2, 3, 4, 6, 8, 9, 10, 11, 13, 20, 30, 45)


def compute_cross_spectra(
    windows: Windows,
    *,
    sfreq: float,
    edges: Sequence[float],
) -> Float[np.ndarray, "n_bands n_channels n_channels"]:
    """Return the covariance within each band: real cross-spectra, mean over windows.

    Each window is tapered (Hann) and transformed once, so that no filter rings across
    its edges.

    Args:
        windows: Signals.
        sfreq: Sampling rate, Hz.
        edges: Edges of the bands, Hz; a band holds its lower edge.

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


def describe_band_power(windows: Windows, facts: Facts) -> Features:
    """Return log power by band and channel: absolute where the unit is known, relative.

    Each part is band by band. Relative power is a share of the power of all bands.
    """
    spectra = compute_cross_spectra(windows, sfreq=facts.sfreq, edges=POWER_EDGES)
    power = np.diagonal(spectra, axis1=1, axis2=2)
    floor = 1e-6 * power.mean()
    absolute = np.log(power + floor)
    relative = absolute - np.log(power.sum(0) + floor)
    parts = (absolute, relative) if facts.has_microvolts else (relative,)
    return np.concatenate([part.ravel() for part in parts])


def average_reference_basis(n_channels: int) -> Float[np.ndarray, "n_channels n_left"]:
    """Return an orthonormal basis of the vectors over channels that sum to zero."""
    centring = np.eye(n_channels) - 1 / n_channels
    return np.asarray(np.linalg.svd(centring)[0][:, : n_channels - 1])
