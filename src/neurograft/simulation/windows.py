"""Simulate endless windows with known latents, under domain randomisation.

Not people with files but single windows, drawn anew for every batch: brains with widely
spread rhythms, any montage, reference, gain, band and mains, already harmonised. The
physics are those of `brain.py`; everything a device does is applied in the frequency
domain, so that one transform makes the windows of a batch.

The latents cover simulated people of 5 to 90 years, healthy and ill, but they are drawn
independently of each other, not by age. In people slow alpha goes with a steep spectrum
where they are children, and with a flat one where they are old. An encoder that is
taught such a link could guess one latent from another, and would then read a patient's
slow alpha as youth. Each latent has to be seen in the signal; children are not rare
among the windows because the ranges reach well beyond them.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.simulation.brain import (
    ALPHA_NAM,
    APERIODIC_NAM,
    BETA_NAM,
    CENTRAL,
    EYES,
    FRONTAL_MIDLINE,
    KNEE_HZ,
    N_SOURCES,
    POSTERIOR,
    TEMPORAL,
    THETA_NAM,
    draw_dipoles,
    find_response,
    weigh_angles,
)
from neurograft.types import ComplexArray, FloatArray

# Names of the latents: frequency, exponent, log amplitudes, place of alpha, coupling.
LATENTS = (
    "alpha_hz", "exponent", "offset", "alpha", "theta", "beta", "alpha_x", "alpha_y",
    "alpha_z", "coupling",
)  # fmt: skip
# Alpha frequency and exponent are uniform between these. Chosen here: wider than any
# population, so that the encoder learns no prior.
ALPHA_HZ = (6.0, 13.5)
EXPONENT = (0.6, 2.6)
# Mean and SD of the offset (base e). Chosen here: between children (0.8 at 5 years) and
# the old (-0.3 at 90 years), and wide enough for both.
OFFSET_MEAN = 0.2
OFFSET_SD = 0.5
# SD of log amplitudes (base e) and of alpha's place. Chosen here: much wider than
# between people.
AMPLITUDE_SD = 0.9
PLACE_SD = 0.25
# Length of a blink (SD of its bump), seconds; as in `brain`.
BLINK_S = 0.08
# Normal numbers are picked from a table of this many, which is four times as fast as
# drawing them. Chosen here: the range of 16 bits.
N_NORMALS = 2**16
# Lowest electrode of caps (z on the unit sphere); the height of the lowest source.
LOWEST_ELECTRODE = -0.25


class SimulatedWindows(NamedTuple):
    """Harmonised windows and the latents that made them.

    Attributes:
        signals: Microvolts, average reference.
        positions: Unit sphere.
        scale: Robust scale of each window, microvolts.
        latents: Standardised, in the order of `LATENTS`.
    """

    signals: Float[np.ndarray, "n n_channels n_times"]
    positions: Float[np.ndarray, "n n_channels 3"]
    scale: Float[np.ndarray, " n"]
    latents: Float[np.ndarray, "n n_latents"]


@cache
def _electrodes() -> tuple[tuple[str, ...], FloatArray]:
    """Return the electrodes that a cap may have, and their positions."""
    places = template_positions()
    names = tuple(name for name, place in places.items() if place[2] > LOWEST_ELECTRODE)
    return names, np.array([places[name] for name in names])


def simulate_windows(
    n: int,
    *,
    n_channels: int,
    n_times: int,
    sfreq: float,
    band: tuple[float, float],
    rng: np.random.Generator,
) -> SimulatedWindows:
    """Simulate windows, each of another brain under another amplifier.

    Args:
        n: Windows.
        n_channels: Electrodes of every window; each window has others.
        n_times: Samples.
        sfreq: Sampling rate, Hz.
        band: Band edges of harmonised signals, Hz.
        rng: Source of randomness.
    """
    names, places = _electrodes()
    chosen = np.argsort(rng.random((n, len(names))), axis=1)[:, :n_channels]
    frequencies = np.fft.rfftfreq(n_times, 1 / sfreq)
    low, high = band
    inside = slice(
        frequencies.searchsorted(low), frequencies.searchsorted(high, side="right")
    )
    brain, latents = _draw_brains(n, frequencies[inside], n_times, sfreq, rng)
    leadfield = _draw_leadfields(n, names, rng)
    leadfield = np.take_along_axis(leadfield, chosen[:, :, None], axis=1)
    spectrum = np.zeros((n, n_channels, frequencies.size), dtype=np.complex64)
    # As pairs of real numbers: the leadfield is real.
    spectrum.view(np.float32)[:, :, 2 * inside.start : 2 * inside.stop] = (
        leadfield @ brain.view(np.float32)
    )
    spectrum *= _draw_responses(n, frequencies, rng)[:, None]
    spectrum[:, :, inside] += _draw_noise(
        n, places[chosen], frequencies[inside], (n_times, sfreq), rng
    )
    signals = np.fft.irfft(spectrum, n=n_times, axis=2).astype(np.float32, copy=False)
    signals *= np.exp(rng.normal(0, 0.1, (n, n_channels, 1))).astype(np.float32)
    signals -= signals.mean(1, keepdims=True)
    gain = np.exp(rng.normal(0, 0.3, n)).astype(np.float32)
    signals *= gain[:, None, None]
    scale = np.median(signals.std(2), axis=1)
    return SimulatedWindows(signals, places[chosen].astype(np.float32), scale, latents)


def _draw_brains(
    n: int,
    frequencies: FloatArray,
    n_times: int,
    sfreq: float,
    rng: np.random.Generator,
) -> tuple[ComplexArray, FloatArray]:
    """Draw spectra of the sources of each brain, and its standardised latents."""
    uniform = rng.uniform(-1, 1, (n, 3))
    normal = rng.standard_normal((n, 7))
    low, high = np.array([ALPHA_HZ, EXPONENT]).T
    alpha_hz, exponent = ((low + high) / 2 + uniform[:, :2] * (high - low) / 2).T
    offset = OFFSET_MEAN + OFFSET_SD * normal[:, :1]
    coupling = (uniform[:, 2] + 1) / 2
    size = np.sqrt(n_times * sfreq / 4)
    amplitude = size * _place_rhythms(normal[:, 1:4] * AMPLITUDE_SD, normal[:, 4:])
    bumps = _shape_rhythms(alpha_hz, frequencies)
    # Theta of the front is shared between its sources to the degree of the coupling.
    squares = amplitude**2
    squares[:, 2] *= 1 - coupling[:, None]
    floor = np.maximum(frequencies, KNEE_HZ)
    aperiodic = np.exp(2 * offset - exponent[:, None] * np.log(floor))
    # Half as much to move in single precision.
    power = squares.transpose(0, 2, 1).astype(np.float32) @ bumps.astype(np.float32)
    power += ((size * APERIODIC_NAM) ** 2 * aperiodic[:, None]).astype(np.float32)
    spectra = _draw_complex(power.shape, rng)
    spectra *= np.sqrt(power, out=power)
    shared = np.sqrt(coupling[:, None] * bumps[:, 2]).astype(np.float32)
    theta = shared[:, None] * _draw_complex((n, 1, frequencies.size), rng)
    spectra += amplitude[:, 2, :, None].astype(np.float32) * theta
    latents = np.concatenate(
        [uniform[:, :2] * np.sqrt(3), normal, uniform[:, 2:] * np.sqrt(3)], axis=1
    )
    return spectra, latents.astype(np.float32)


def _place_rhythms(log_amplitudes: FloatArray, places: FloatArray) -> FloatArray:
    """Return moments of alpha, its harmonic, theta and beta at every source, nAm."""
    alpha, theta, beta = log_amplitudes.T
    factors = np.exp(np.stack([alpha, alpha, theta, beta], axis=1))
    moments = factors * (ALPHA_NAM, 0.15 * ALPHA_NAM, THETA_NAM, BETA_NAM)
    sources = place_sources(N_SOURCES)
    posterior = weigh_angles(POSTERIOR[0] + PLACE_SD * places, sources, POSTERIOR[1])
    front, centre = (
        np.broadcast_to(weigh_angles(place, sources, width), posterior.shape)
        for place, width in (FRONTAL_MIDLINE, CENTRAL)
    )
    weights = np.stack([posterior, posterior, front, centre], axis=1)
    return np.asarray(moments[..., None] * weights)


def _shape_rhythms(alpha_hz: FloatArray, frequencies: FloatArray) -> FloatArray:
    """Return spectral densities of alpha, its harmonic, theta, beta; unit power."""
    n = len(alpha_hz)
    centres = np.stack([alpha_hz, 2 * alpha_hz, np.full(n, 6.0), np.full(n, 20.0)], 1)
    widths = np.array([0.7, 1.0, 0.8, 1.5])[:, None]
    bumps = np.exp(-0.5 * ((frequencies - centres[..., None]) / widths) ** 2)
    return np.asarray(bumps / (widths * np.sqrt(2 * np.pi)))


def _draw_leadfields(
    n: int, names: tuple[str, ...], rng: np.random.Generator
) -> FloatArray:
    """Draw the leadfield of each head, `(n, n_electrodes, N_SOURCES)`."""
    gains = compute_leadfield(names, N_SOURCES).astype(np.float32)
    dipoles = draw_dipoles(n, rng).astype(np.float32)
    return np.asarray(np.einsum("csk,nsk->ncs", gains, dipoles, optimize=True))


def _draw_responses(
    n: int, frequencies: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw the gains of amplifiers, `(n, n_bins)`."""
    high_pass = np.exp(rng.uniform(np.log(0.05), np.log(1.0), (n, 1)))
    low_pass = np.exp(rng.uniform(np.log(35.0), np.log(120.0), (n, 1)))
    return find_response(frequencies, high_pass, low_pass).astype(np.float32)


def _draw_noise(
    n: int,
    places: Float[np.ndarray, "n n_channels 3"],
    frequencies: FloatArray,
    sampling: tuple[int, float],
    rng: np.random.Generator,
) -> ComplexArray:
    """Draw eyes, muscle over the temples and sensor noise; mains lie above the band."""
    n_times, sfreq = sampling
    level = np.exp(rng.normal(-1.0, 1.0, (n, 1)))
    left, right = (weigh_angles(places, *temple) for temple in TEMPORAL)
    muscle = n_times / 2 * (level * (left + right))[..., None] ** 2
    sensor = n_times / 2 * 0.4**2 * np.exp(rng.normal(0, 0.8, muscle.shape))
    power = muscle.astype(np.float32) * ((frequencies / 45.0) ** 2).astype(np.float32)
    power += sensor.astype(np.float32)
    noise = _draw_complex(power.shape, rng)
    noise *= np.sqrt(power, out=power)
    # Eyes: one slow source for all electrodes, strongest at the forehead.
    slow = np.exp(-0.5 * (2 * np.pi * frequencies * BLINK_S) ** 2).astype(np.float32)
    eyes = np.exp(rng.normal(-1.5, 1.5, (n, 1, 1))) * n_times / np.sqrt(sfreq)
    blinks = (eyes * slow).astype(np.float32) * _draw_complex((n, 1, slow.size), rng)
    noise += weigh_angles(places, *EYES).astype(np.float32)[..., None] * blinks
    return np.asarray(noise)


@cache
def _normals() -> ComplexArray:
    """Return complex normal numbers whose parts have mean 0 and variance 1 exactly."""
    parts = np.random.default_rng(0).standard_normal((N_NORMALS, 2))
    parts = (parts - parts.mean(0)) / parts.std(0)
    return np.asarray(parts.astype(np.float32).view(np.complex64)[:, 0])


def _draw_complex(shape: tuple[int, ...], rng: np.random.Generator) -> ComplexArray:
    """Draw complex normal numbers whose parts have unit variance."""
    picks = rng.integers(N_NORMALS, size=shape, dtype=np.uint16)
    return np.asarray(_normals()[picks])
