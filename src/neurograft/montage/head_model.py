"""Dipoles in a spherical head, and the potentials that they make at electrodes."""

from functools import cache

import mne
import numpy as np
from jaxtyping import Float

from neurograft.montage.channels import HEAD_CENTRE_M, read_template_montage
from neurograft.types import FloatArray

# Radius of the head (default of MNE's sphere model).
HEAD_RADIUS_M = 0.09
# Share of the head radius at which sources lie. Chosen here: in the brain of the sphere
# model, whose outer radius is 0.9.
ECCENTRICITY = 0.8
# Lowest height of sources, as a share of the radius. Chosen here: where caps end.
LOWEST_SOURCE = -0.25
# Volts per ampere-metre, as MNE gives them, in microvolts per nanoampere-metre.
MICROVOLTS_PER_NANOAMPEREMETRE = 1e6 * 1e-9


def place_sources(n_sources: int) -> Float[np.ndarray, "n_sources 3"]:
    """Spread sources evenly over the upper head (Fibonacci lattice).

    Returns:
        Unit vectors (x right, y front, z up).
    """
    index = np.arange(n_sources) + 0.5
    height = 1 - (1 - LOWEST_SOURCE) * index / n_sources
    angle = np.pi * (1 + np.sqrt(5)) * index
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


@cache
def compute_leadfield(ch_names: tuple[str, ...], n_sources: int) -> FloatArray:
    """Return the potentials at the electrodes of unit dipoles along x, y and z.

    MNE's four-shell sphere model with its default conductivities (Berg and Scherg
    1994); the reference is at infinity.

    Args:
        ch_names: Electrodes of the 10-05 template.
        n_sources: Number of sources, placed by `place_sources`.

    Returns:
        Microvolts per nAm, shape `(n_channels, n_sources, 3)`.
    """
    info = mne.create_info(list(ch_names), 100.0, "eeg")
    info.set_montage(read_template_montage())
    sphere = mne.make_sphere_model(
        tuple(HEAD_CENTRE_M), head_radius=HEAD_RADIUS_M, verbose="error"
    )
    directions = place_sources(n_sources)
    positions = {
        "rr": HEAD_CENTRE_M + ECCENTRICITY * HEAD_RADIUS_M * directions,
        "nn": directions,
    }
    sources = mne.setup_volume_source_space(
        pos=positions, sphere_units="m", verbose="error"
    )
    forward = mne.make_forward_solution(
        info, trans=None, src=sources, bem=sphere, meg=False, verbose="error"
    )
    gains = forward["sol"]["data"].reshape(len(ch_names), n_sources, 3)
    return np.asarray(gains * MICROVOLTS_PER_NANOAMPEREMETRE)
