"""A simulated recording holds the rhythms that the truth says."""

import numpy as np
import pytest
from scipy.signal import welch

from neurograft.montage.head_model import place_sources
from neurograft.simulation.brain import (
    draw_dipoles,
    find_response,
    simulate_recording,
    weigh_angles,
)
from neurograft.simulation.cohorts import draw_people
from neurograft.simulation.person import Person
from neurograft.simulation.sites import MONTAGES, Site

PERSON = Person(
    age=40, sex="F", is_patient=False, alpha_hz=10.0, exponent=1.4, offset=0.0,
    alpha=0.5, theta=0.0, beta=0.0,
)  # fmt: skip
SITE = Site(
    "site", 19, 256, ("A1", "A2"), 50, 3, 1.0, 0.1, 100, ".edf", (20, 60), 0.5, 3
)


def spectrum(person=PERSON, site=SITE, channel="O1", seed=0):
    """Power of one channel, average reference."""
    rng = np.random.default_rng(seed)
    signals = simulate_recording(person, site, duration_s=120, rng=rng)
    signals -= signals.mean(0)
    index = MONTAGES[site.n_channels].index(channel)
    return welch(signals[index], site.sfreq, nperseg=4 * site.sfreq)


def test_the_falloff_depends_on_the_angle_alone():
    rng = np.random.default_rng(0)
    places, centre = rng.normal(size=(20, 3)), rng.normal(size=3)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    weights = weigh_angles(places, centre, 0.5)
    np.testing.assert_allclose(
        weigh_angles(7 * places @ turn, 0.1 * centre @ turn, 0.5), weights
    )
    assert weigh_angles(3 * centre, centre, 0.5) == pytest.approx(1)
    aside = weigh_angles(np.array([1.0, 0, 0]), np.array([0.0, 1, 0]), np.pi / 2)
    assert aside == pytest.approx(np.exp(-0.5))


def test_an_amplifier_halves_the_power_at_its_corners():
    gain = find_response(np.array([0.0, 0.1, 3.0, 70.0, 700.0]), 0.1, 70.0)
    np.testing.assert_allclose(
        gain, [0, np.sqrt(0.5), 1, np.sqrt(0.5), 0.01], rtol=1e-3
    )
    corners = np.array([[0.1], [1.0]])
    both = find_response(np.array([1.0, 10.0]), corners, 70 + 0 * corners)
    assert both.shape == (2, 2)
    assert (both[0] >= both[1]).all()


def test_dipoles_point_outwards_and_differ_between_heads():
    dipoles = draw_dipoles(50, np.random.default_rng(0))
    unit = dipoles / np.linalg.norm(dipoles, axis=2, keepdims=True)
    outwards = (unit * place_sources(64)).sum(2)
    assert np.median(outwards) > 0.85
    assert np.abs(np.log(np.linalg.norm(dipoles, axis=2))).mean() < 0.3
    assert dipoles.std(0).min() > 0.1


@pytest.mark.parametrize("alpha_hz", [8.5, 10.0, 11.5])
def test_the_alpha_peak_is_where_the_truth_says(alpha_hz):
    person = Person(**{**vars(PERSON), "alpha_hz": alpha_hz})
    frequencies, power = spectrum(person)
    inside = (frequencies > 7) & (frequencies < 13)
    peak = frequencies[inside][power[inside].argmax()]
    assert peak == pytest.approx(alpha_hz, abs=0.76)


def test_a_larger_exponent_falls_more_steeply():
    def slope(exponent):
        quiet = {"exponent": exponent, "alpha": -5.0, "theta": -5.0, "beta": -5.0}
        frequencies, power = spectrum(Person(**{**vars(PERSON), **quiet}), channel="Pz")
        inside = (frequencies > 2) & (frequencies < 20)
        return -np.polyfit(np.log(frequencies[inside]), np.log(power[inside]), 1)[0]

    assert slope(1.0) == pytest.approx(1.0, abs=0.25)
    assert slope(1.8) == pytest.approx(1.8, abs=0.25)


def test_mains_gain_and_filters_are_those_of_the_site():
    frequencies, power = spectrum()
    at = {hz: power[np.abs(frequencies - hz).argmin()] for hz in (45, 50, 60)}
    assert at[50] > 10 * at[45]
    assert at[60] < 2 * at[45]
    louder = Site(**{**vars(SITE), "gain": 2.0})
    np.testing.assert_allclose(spectrum(site=louder)[1], 4 * power, rtol=1e-9)


def test_amplitudes_are_those_of_scalp_eeg():
    rng = np.random.default_rng(1)
    people = draw_people(SITE, rng)
    sds = [
        np.median(simulate_recording(p, SITE, duration_s=30, rng=rng).std(1))
        for p in people
    ]
    assert 5 < np.median(sds) < 60
