"""Simulated people: age, sex, diagnosis and the brain rhythms that follow from them."""

from dataclasses import dataclass

import numpy as np

# Effects of age are per year from this age on. Chosen here: adults only.
REFERENCE_AGE_YEARS = 20.0


@dataclass(frozen=True)
class Person:
    """A person who is recorded, and the true state of the rhythms.

    Attributes:
        age: Years.
        sex: F or M.
        is_patient: Whether the disease module applies.
        alpha_hz: Individual alpha frequency, Hz.
        exponent: Aperiodic exponent: power falls as `1 / f ** exponent`.
        offset: Log (base e) amplitude of the aperiodic part, 0 is average.
        alpha: Log amplitude of posterior alpha, 0 is average.
        theta: Log amplitude of frontal-midline theta, 0 is average.
        beta: Log amplitude of central beta, 0 is average.
    """

    age: float
    sex: str
    is_patient: bool
    alpha_hz: float
    exponent: float
    offset: float
    alpha: float
    theta: float
    beta: float


def draw_person(
    rng: np.random.Generator,
    *,
    age: float,
    sex: str,
    is_patient: bool = False,
    disease_effect: float = 1.0,
) -> Person:
    """Draw the rhythms of a person.

    Directions and sizes: alpha slows by 0.01-0.05 Hz a year (Koepruner 1984; Grandy
    2013 for the spread between people), the aperiodic exponent falls with age (Merkin
    2023; Troendle 2023), women have larger alpha and beta. Age effects are taken from
    the upper half of the published range, so that age is about as decodable as in real
    resting EEG (R2 .5-.7 on LEMON, Engemann 2022).

    The disease is slowing: theta up by 0.6 log units and alpha slower by 0.5 Hz, both
    times `disease_effect`; 0 plants no effect at all.

    Args:
        rng: Source of randomness.
        age: Years.
        sex: F or M.
        is_patient: Whether the person has the disease.
        disease_effect: Size of the disease.
    """
    years = age - REFERENCE_AGE_YEARS
    female = float(sex == "F")
    slowing = disease_effect * float(is_patient)
    return Person(
        age=age,
        sex=sex,
        is_patient=is_patient,
        alpha_hz=rng.normal(10.6 - 0.025 * years + 0.1 * female - 0.5 * slowing, 0.6),
        exponent=rng.normal(1.6 - 0.009 * years, 0.12),
        offset=rng.normal(-0.003 * years - 0.1 * (1 - female), 0.15),
        alpha=rng.normal(-0.006 * years + 0.15 * female, 0.45),
        theta=rng.normal(0.6 * slowing, 0.4),
        beta=rng.normal(0.2 * female, 0.35),
    )
