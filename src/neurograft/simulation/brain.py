"""What an amplifier records of a simulated person: rhythms, artefacts, device."""

import numpy as np

from neurograft.montage.channels import template_positions
from neurograft.montage.head_model import compute_leadfield, place_sources
from neurograft.simulation.person import Person
from neurograft.simulation.sites import MONTAGES, Site
from neurograft.types import ComplexArray, FloatArray

N_SOURCES = 64
# Brain sources are simulated up to here; above it only muscle and noise are left.
HIGHEST_BRAIN_HZ = 60.0
# Below this frequency the aperiodic part is flat.
KNEE_HZ = 0.6
# Moments (nAm) that give a median electrode about 10 microvolts after re-referencing.
APERIODIC_NAM = 18.0
ALPHA_NAM = 16.0
THETA_NAM = 6.5
BETA_NAM = 3.5
# Direction, angular width (radians) of the rhythms' generators.
POSTERIOR = (np.array([0.0, -0.9, 0.44]), 0.55)
FRONTAL_MIDLINE = (np.array([0.0, 0.7, 0.71]), 0.4)
CENTRAL = (np.array([0.0, 0.0, 1.0]), 0.7)
EYES = (np.array([0.0, 1.0, -0.05]), 0.45)
TEMPORAL = ((np.array([-1.0, 0.1, 0.0]), 0.4), (np.array([1.0, 0.1, 0.0]), 0.4))


def simulate_recording(
    person: Person, site: Site, *, duration_s: int, rng: np.random.Generator
) -> FloatArray:
    """Simulate one resting recording with eyes closed.

    Sources are Gaussian processes with an aperiodic `1 / f ** exponent` spectrum and
    bumps at the person's rhythms, so they are drawn directly as spectra, projected
    through the sphere model and transformed once per electrode.

    Returns:
        Microvolts as the site's amplifier writes them, shape `(n_channels, n_times)`.
    """
    ch_names = MONTAGES[site.n_channels]
    electrodes = (*ch_names, *site.reference)
    n_times = duration_s * site.sfreq
    leadfield = _individual_leadfield(electrodes, rng)
    scalp = leadfield @ _draw_source_spectra(person, n_times, site.sfreq, rng)
    spectrum = np.zeros((len(electrodes), n_times // 2 + 1), dtype=complex)
    spectrum[:, : scalp.shape[1]] = scalp
    potentials = np.fft.irfft(spectrum, n=n_times, axis=1)
    potentials += _draw_artefacts(electrodes, n_times, site, rng)
    recorded = potentials[: len(ch_names)] - potentials[len(ch_names) :].mean(0)
    recorded += rng.normal(0, 0.7, recorded.shape)
    return site.gain * _pass_amplifier(recorded, site)


def _individual_leadfield(
    electrodes: tuple[str, ...], rng: np.random.Generator
) -> FloatArray:
    """Mostly radial dipoles, each person with directions and strengths of their own."""
    gains = compute_leadfield(electrodes, N_SOURCES)
    directions = place_sources(N_SOURCES) + rng.normal(0, 0.3, (N_SOURCES, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    strength = np.exp(rng.normal(0, 0.3, N_SOURCES))
    return np.asarray(np.einsum("csk,sk,s->cs", gains, directions, strength))


def _draw_source_spectra(
    person: Person, n_times: int, sfreq: int, rng: np.random.Generator
) -> ComplexArray:
    """Complex spectra of all sources, shape `(N_SOURCES, n_frequencies)`, nAm."""
    frequencies = (
        np.arange(int(HIGHEST_BRAIN_HZ * n_times / sfreq) + 1) * sfreq / n_times
    )
    power = np.empty((N_SOURCES, frequencies.size))
    floor = np.maximum(frequencies, KNEE_HZ)
    aperiodic = APERIODIC_NAM**2 * np.exp(2 * person.offset) / floor**person.exponent
    power[:] = aperiodic
    rhythms = (
        (person.alpha_hz, 0.7, ALPHA_NAM * np.exp(person.alpha), POSTERIOR),
        (2 * person.alpha_hz, 1.0, 0.15 * ALPHA_NAM * np.exp(person.alpha), POSTERIOR),
        (person.alpha_hz + 0.8, 0.8, 0.3 * ALPHA_NAM, CENTRAL),
        (6.0, 0.8, THETA_NAM * np.exp(person.theta), FRONTAL_MIDLINE),
        (20.0, 1.5, BETA_NAM * np.exp(person.beta), CENTRAL),
    )
    for centre_hz, width_hz, moment, place in rhythms:
        bump = np.exp(-0.5 * ((frequencies - centre_hz) / width_hz) ** 2)
        bump /= width_hz * np.sqrt(2 * np.pi)
        power += (moment * _weigh(place_sources(N_SOURCES), place))[:, None] ** 2 * bump
    power[:, 0] = 0
    # One-sided density S (unit^2 / Hz): irfft coefficients of variance S n sfreq / 2.
    scale = np.sqrt(power * n_times * sfreq / 4)
    noise = rng.standard_normal((2, *power.shape))
    return np.asarray(scale * (noise[0] + 1j * noise[1]))


def _weigh(directions: FloatArray, place: tuple[FloatArray, float]) -> FloatArray:
    """Gaussian falloff with the angle from a place on the head."""
    centre, width = place
    cosine = directions @ (centre / np.linalg.norm(centre))
    return np.asarray(np.exp(-0.5 * (np.arccos(np.clip(cosine, -1, 1)) / width) ** 2))


def _draw_artefacts(
    electrodes: tuple[str, ...], n_times: int, site: Site, rng: np.random.Generator
) -> FloatArray:
    """Blinks, muscle bursts and mains at every electrode, microvolts."""
    template = template_positions()
    places = np.array([template[name] for name in electrodes])
    times = np.arange(n_times) / site.sfreq
    blinks = np.zeros(n_times)
    for onset in rng.uniform(0, times[-1], rng.poisson(4 * times[-1] / 60)):
        blinks += 80 * np.exp(-0.5 * ((times - onset) / 0.08) ** 2)
    artefacts = _weigh(places, EYES)[:, None] * blinks
    for side in TEMPORAL:
        muscle = np.diff(rng.normal(0, 1, n_times + 1))  # rises with frequency
        seconds = times[:: site.sfreq]
        bursts = np.interp(times, seconds, rng.gamma(0.3, 2, seconds.size))
        artefacts += _weigh(places, side)[:, None] * (muscle * bursts)
    mains = np.sin(2 * np.pi * site.line_freq * times + rng.uniform(0, 2 * np.pi))
    pickup = site.line_uv * np.exp(rng.normal(0, 0.5, (len(electrodes), 1)))
    return np.asarray(artefacts + pickup * mains)


def _pass_amplifier(signals: FloatArray, site: Site) -> FloatArray:
    """First-order high-pass and second-order low-pass, zero phase."""
    frequencies = np.fft.rfftfreq(signals.shape[1], 1 / site.sfreq)
    ratio = frequencies / site.high_pass
    response = ratio / np.sqrt(1 + ratio**2)
    response /= np.sqrt(1 + (frequencies / site.low_pass) ** 4)
    spectrum = np.fft.rfft(signals, axis=1) * response
    return np.asarray(np.fft.irfft(spectrum, n=signals.shape[1], axis=1))
