"""Age, sex and disease change the rhythms as planted."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from scipy.signal import welch

from neurograft.errors import DataError
from neurograft.simulation.brain import simulate_recording
from neurograft.simulation.person import Person, draw_person
from neurograft.simulation.sites import default_sites


def test_the_disease_slows_alpha_and_raises_theta_and_can_be_absent():
    def draw(effect):
        rng = np.random.default_rng(0)
        people = [
            draw_person(
                rng, age=50, sex="F", is_patient=i % 2 == 0, disease_effect=effect
            )
            for i in range(2000)
        ]
        table = pd.DataFrame([vars(p) for p in people]).groupby("is_patient")
        return table[["alpha_hz", "theta", "exponent"]].mean().diff().loc[True]

    planted, absent = draw(1.0), draw(0.0)
    assert planted["alpha_hz"] == pytest.approx(-0.5, abs=0.08)
    assert planted["theta"] == pytest.approx(0.6, abs=0.06)
    np.testing.assert_allclose(absent, 0, atol=0.08)


def draw_adult_as_before(rng, *, age, sex, is_patient):
    """Draw an adult as people were drawn when there were only adults."""
    years, female, ill = age - 20.0, float(sex == "F"), float(is_patient)
    return {
        "age": age, "sex": sex, "is_patient": is_patient,
        "alpha_hz": rng.normal(10.6 - 0.025 * years + 0.1 * female - 0.5 * ill, 0.6),
        "exponent": rng.normal(1.6 - 0.009 * years, 0.12),
        "offset": rng.normal(-0.003 * years - 0.1 * (1 - female), 0.15),
        "alpha": rng.normal(-0.006 * years + 0.15 * female, 0.45),
        "theta": rng.normal(0.6 * ill, 0.4),
        "beta": rng.normal(0.2 * female, 0.35),
    }  # fmt: skip


@pytest.mark.parametrize("age", [18.0, 18.3, 20.0, 25.5, 61.2, 90.0])
@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("is_patient", [False, True])
def test_adults_are_bit_for_bit_what_they_were(age, sex, is_patient):
    own = {"age": age, "sex": sex, "is_patient": is_patient}
    for seed in range(20):
        now = draw_person(np.random.default_rng(seed), **own)
        assert asdict(now) == draw_adult_as_before(np.random.default_rng(seed), **own)


class NoSpread(np.random.Generator):
    """A source of randomness that returns the mean."""

    def normal(self, loc=0.0, scale=1.0, size=None):
        return loc


def draw_typical(age):
    return draw_person(NoSpread(np.random.PCG64(0)), age=age, sex="F")


TRAITS = ("alpha_hz", "exponent", "offset", "alpha", "theta", "beta")


@pytest.mark.parametrize("age", [7.0, 10.0, 13.0, 16.0, 18.0, 20.0])
@pytest.mark.parametrize("trait", TRAITS)
def test_no_trait_jumps_at_any_age(age, trait):
    before, after = (getattr(draw_typical(age + d), trait) for d in (-1e-6, 1e-6))
    assert before == pytest.approx(after, abs=1e-5)


def test_alpha_quickens_in_childhood_and_slows_in_adults():
    assert draw_typical(5.0).alpha_hz == pytest.approx(8.4, abs=0.3)  # Freschl 2022
    assert draw_typical(13.0).alpha_hz == pytest.approx(9.9, abs=0.3)
    by_age = [draw_typical(age).alpha_hz for age in np.arange(5.0, 91.0)]
    oldest_rising = int(np.argmax(by_age)) + 5
    assert 17 <= oldest_rising <= 20
    assert (np.diff(by_age[: oldest_rising - 5]) > 0).all()
    assert (np.diff(by_age[oldest_rising - 5 :]) < 0).all()


def test_spectra_flatten_from_five_to_ninety_years():
    exponents = [draw_typical(age).exponent for age in np.arange(5.0, 91.0)]
    assert 1.9 < exponents[0] < 2.2
    assert (np.diff(exponents) < 0).all()


def find_aperiodic_log_amplitude(person: Person) -> float:
    """Return the log amplitude of the aperiodic part at alpha's frequency."""
    return person.offset - person.exponent / 2 * np.log(person.alpha_hz)


def test_alpha_above_the_aperiodic_part_rises_where_its_total_falls():
    """Troendle 2022: which of the two is measured decides on the sign."""
    people = [draw_typical(age) for age in (5.0, 7.0, 10.0, 13.0, 16.0, 18.0)]
    totals = [person.alpha for person in people]
    above = [person.alpha - find_aperiodic_log_amplitude(person) for person in people]
    assert (np.diff(totals) < 0).all()
    assert (np.diff(above) > 0).all()


def test_the_scalp_amplitude_of_children_falls_with_age_in_every_band():
    site = replace(default_sites()[1], gain=1.0, line_uv=0.0)

    def measure(age):
        spectra = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            person = draw_person(rng, age=age, sex="F")
            signals = simulate_recording(person, site, duration_s=40, rng=rng)
            signals -= signals.mean(0)
            frequencies, power = welch(signals, site.sfreq, nperseg=2 * site.sfreq)
            spectra.append(np.median(power, axis=0))
        edges = np.array([1, 4, 8, 13, 30])
        bands = np.digitize(frequencies, edges)
        mean = np.mean(spectra, axis=0)
        return np.array([mean[bands == band].sum() for band in (1, 2, 3, 4)])

    young, middle, adult = measure(6.0), measure(10.0), measure(20.0)
    assert (young > middle).all()
    assert (middle > adult).all()
    assert 2 < (young / adult)[0] < 6  # delta
    assert (young / adult)[3] < 1.5  # beta


@pytest.mark.parametrize("age", [4.9, 90.1, float("nan")])
def test_ages_that_cannot_be_simulated_are_refused(age):
    with pytest.raises(DataError, match="between 5 and 90 years"):
        draw_person(np.random.default_rng(0), age=age, sex="F")
