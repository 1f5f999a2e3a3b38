"""Simulate the recording of a person: rhythms, artefacts, and the amplifier."""

import numpy as np
from jaxtyping import Float
from scipy import stats

from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.simulation.person import Person
from neurograft.simulation.sites import MONTAGES, Site
from neurograft.types import ComplexArray, FloatArray

# Sources of the brain. Chosen here: as many as electrodes of the largest cap.
N_SOURCES = 64
# Brain sources are simulated up to here. Chosen here: above it, muscle and noise are
# stronger than the brain.
HIGHEST_BRAIN_HZ = 60.0
# Below this frequency the aperiodic part is flat. Chosen here: near the high-pass.
KNEE_HZ = 0.6
# Moments (nAm). Chosen here: a median electrode has about 10 microvolts after
# re-referencing, as in scalp EEG.
APERIODIC_NAM = 18.0
ALPHA_NAM = 16.0
THETA_NAM = 6.5
BETA_NAM = 3.5
# Direction and angular width (radians) of generators. Chosen here from textbook
# anatomy: alpha behind, theta at the frontal midline, beta at the vertex, eyes in
# front, muscles at the temples.
POSTERIOR = (np.array([0.0, -0.9, 0.44]), 0.55)
FRONTAL_MIDLINE = (np.array([0.0, 0.7, 0.71]), 0.4)
CENTRAL = (np.array([0.0, 0.0, 1.0]), 0.7)
EYES = (np.array([0.0, 1.0, -0.05]), 0.45)
TEMPORAL = ((np.array([-1.0, 0.1, 0.0]), 0.4), (np.array([1.0, 0.1, 0.0]), 0.4))


def simulate_recording(
    person: Person, site: Site, *, duration_s: int, rng: np.random.Generator
) -> FloatArray:
    """Simulate a resting recording with eyes closed.

    Sources are Gaussian processes with an aperiodic `1 / f ** exponent` spectrum and
    bumps at the person's rhythms, so they are drawn directly as spectra, projected
    through the sphere model and transformed once per electrode.

    Args:
        person: State of the rhythms.
        site: Cap, amplifier and mains.
        duration_s: Length, seconds.
        rng: Source of randomness.

    Returns:
        Microvolts as the site's amplifier writes them, shape `(n_channels, n_times)`.
    """
    ch_names = MONTAGES[site.n_channels]
    electrodes = (*ch_names, *site.reference)
    n_times = duration_s * site.sfreq
    gains = compute_leadfield(electrodes, N_SOURCES)
    leadfield = np.einsum("csk,sk->cs", gains, draw_dipoles(1, rng)[0])
    scalp = leadfield @ _draw_source_spectra(person, n_times, site.sfreq, rng)
    spectrum = np.zeros((len(electrodes), n_times // 2 + 1), dtype=complex)
    spectrum[:, : scalp.shape[1]] = scalp
    potentials = np.fft.irfft(spectrum, n=n_times, axis=1)
    potentials += _draw_artefacts(electrodes, n_times, site, rng)
    recorded = potentials[: len(ch_names)] - potentials[len(ch_names) :].mean(0)
    recorded += rng.normal(0, 0.7, recorded.shape)
    return site.gain * _pass_amplifier(recorded, site)


def draw_dipoles(
    n: int, rng: np.random.Generator
) -> Float[np.ndarray, "n n_sources 3"]:
    """Draw mostly radial dipoles, with other directions and strengths in every head."""
    dipoles = place_sources(N_SOURCES) + rng.normal(0, 0.3, (n, N_SOURCES, 3))
    dipoles /= np.linalg.norm(dipoles, axis=2, keepdims=True)
    return np.asarray(dipoles * np.exp(rng.normal(0, 0.3, (n, N_SOURCES, 1))))


def _draw_source_spectra(
    person: Person, n_times: int, sfreq: int, rng: np.random.Generator
) -> ComplexArray:
    """Draw complex spectra of all sources, shape `(N_SOURCES, n_frequencies)`, nAm."""
    n_bins = int(HIGHEST_BRAIN_HZ * n_times / sfreq) + 1
    frequencies = np.arange(n_bins) * sfreq / n_times
    floor = np.maximum(frequencies, KNEE_HZ)
    aperiodic = APERIODIC_NAM**2 * np.exp(2 * person.offset) / floor**person.exponent
    power = np.tile(aperiodic, (N_SOURCES, 1))
    rhythms = (
        (person.alpha_hz, 0.7, ALPHA_NAM * np.exp(person.alpha), POSTERIOR),
        (2 * person.alpha_hz, 1.0, 0.15 * ALPHA_NAM * np.exp(person.alpha), POSTERIOR),
        (person.alpha_hz + 0.8, 0.8, 0.3 * ALPHA_NAM, CENTRAL),
        (6.0, 0.8, THETA_NAM * np.exp(person.theta), FRONTAL_MIDLINE),
        (20.0, 1.5, BETA_NAM * np.exp(person.beta), CENTRAL),
    )
    for centre_hz, width_hz, moment, place in rhythms:
        bump = stats.norm.pdf(frequencies, centre_hz, width_hz)
        weights = moment * weigh_angles(place_sources(N_SOURCES), *place)
        power += weights[:, None] ** 2 * bump
    power[:, 0] = 0
    # One-sided density S (unit^2 / Hz): irfft coefficients of variance S n sfreq / 2.
    scale = np.sqrt(power * n_times * sfreq / 4)
    noise = rng.standard_normal((2, *power.shape))
    return np.asarray(scale * (noise[0] + 1j * noise[1]))


def weigh_angles(a: FloatArray, b: FloatArray, width: float) -> FloatArray:
    """Return the Gaussian falloff with the angle between all pairs of directions.

    Args:
        a: Directions of any length, shape `(..., 3)`.
        b: Directions of any length, shape `(3,)` or `(n, 3)`.
        width: SD of the falloff, radians.

    Returns:
        Shape `(...)` or `(..., n)`; 1 where directions agree.
    """
    unit = a / np.linalg.norm(a, axis=-1, keepdims=True)
    other = b / np.linalg.norm(b, axis=-1, keepdims=True)
    angles = np.arccos(np.clip(unit @ other.T, -1, 1))
    return np.asarray(np.exp(-0.5 * (angles / width) ** 2))


def _draw_artefacts(
    electrodes: tuple[str, ...], n_times: int, site: Site, rng: np.random.Generator
) -> FloatArray:
    """Draw blinks, muscle bursts and mains at every electrode, microvolts."""
    template = template_positions()
    places = np.array([template[name] for name in electrodes])
    times = np.arange(n_times) / site.sfreq
    blinks = np.zeros(n_times)
    for onset in rng.uniform(0, times[-1], rng.poisson(4 * times[-1] / 60)):
        blinks += 80 * np.exp(-0.5 * ((times - onset) / 0.08) ** 2)
    artefacts = weigh_angles(places, *EYES)[:, None] * blinks
    for side in TEMPORAL:
        muscle = np.diff(rng.normal(0, 1, n_times + 1))  # rises with frequency
        seconds = times[:: site.sfreq]
        bursts = np.interp(times, seconds, rng.gamma(0.3, 2, seconds.size))
        artefacts += weigh_angles(places, *side)[:, None] * (muscle * bursts)
    mains = np.sin(2 * np.pi * site.line_freq * times + rng.uniform(0, 2 * np.pi))
    pickup = site.line_uv * np.exp(rng.normal(0, 0.5, (len(electrodes), 1)))
    return np.asarray(artefacts + pickup * mains)


def find_response(
    frequencies: FloatArray, high_pass: float | FloatArray, low_pass: float | FloatArray
) -> FloatArray:
    """Return the gain of a first-order high-pass and a second-order low-pass.

    Args:
        frequencies: Hz, shape `(n_bins,)`.
        high_pass: Corner of the high-pass, Hz; a number or `(n, 1)`.
        low_pass: Corner of the low-pass, Hz; a number or `(n, 1)`.

    Returns:
        Shape `(n_bins,)` or `(n, n_bins)`.
    """
    ratio = frequencies / high_pass
    gain = ratio / np.sqrt(1 + ratio**2)
    return np.asarray(gain / np.sqrt(1 + (frequencies / low_pass) ** 4))


def _pass_amplifier(signals: FloatArray, site: Site) -> FloatArray:
    """Filter signals as the site's amplifier does, with zero phase."""
    frequencies = np.fft.rfftfreq(signals.shape[1], 1 / site.sfreq)
    response = find_response(frequencies, site.high_pass, site.low_pass)
    spectrum = np.fft.rfft(signals, axis=1) * response
    return np.asarray(np.fft.irfft(spectrum, n=signals.shape[1], axis=1))
