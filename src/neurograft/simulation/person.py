"""Simulated people of 5 to 90 years: age, sex, diagnosis, and rhythms that follow."""

from dataclasses import dataclass

import numpy as np

from neurograft.errors import DataError

# Effects of age on adults are per year from this age on.
REFERENCE_AGE_YEARS = 20.0
# Ages that can be simulated. Chosen here: below, alpha has no adult-like peak yet.
YOUNGEST_YEARS, OLDEST_YEARS = 5.0, 90.0
# Ages between which children are interpolated; from the last on, the lines of adults
# hold.
CHILD_AGES_YEARS = (YOUNGEST_YEARS, 7.0, 10.0, 13.0, 16.0, 18.0)
# Differences of children to people of 18 years, at these ages.
# - alpha_hz: 8.4 Hz at 5 years, as the meta-analysis of 3 882 children (Freschl 2022),
#   and half way between its later course (9.7 Hz at 13 years, 10.1 Hz at the end) and
#   our adults, who are faster. Before it: Stroganova 1999, Marshall 2002.
# - exponent: steeper, 2.1 at 5 years; flatter through childhood (Hill 2022, 4-12 years;
#   He 2019), adolescence (Cellier 2021, 3-24 years; Troendle 2022, 5-22 years), from
#   infancy on (Schaworonkow & Voytek 2021). Sizes chosen here: they differ
#   between papers with the range of the fit.
# - offset: larger, in the same papers. Sizes chosen here so that the power of every
#   band is above that of adults, that of slow bands 2 to 4 times (Gasser 1988 for 6-17
#   years; Whitford 2007 for 10-30 years).
# - alpha: total power falls with age, power above the aperiodic part rises (Troendle
#   2022): so it is larger, but by less than the aperiodic part is at its frequency.
# - theta: larger; slow rhythms give way to fast ones (Gasser 1988; Cellier 2021).
# Beta is as in adults (Hill 2022 found no change with age).
CHILD_DIFFERENCES = {
    "alpha_hz": (-2.25, -1.65, -1.05, -0.65, -0.25, 0.0),
    "exponent": (0.5, 0.4, 0.27, 0.16, 0.06, 0.0),
    "offset": (0.8, 0.65, 0.45, 0.25, 0.1, 0.0),
    "alpha": (0.2, 0.17, 0.12, 0.07, 0.02, 0.0),
    "theta": (0.5, 0.4, 0.28, 0.15, 0.05, 0.0),
}


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

    Directions and sizes in adults: alpha slows by 0.01-0.05 Hz a year (Koepruner 1984;
    Grandy 2013 for the spread between people), the aperiodic exponent falls with age
    (Merkin 2023; Troendle 2023), women have larger alpha and beta. Age effects are
    taken from the upper half of the published range, so that age is about as decodable
    as in real resting EEG (R2 .5-.7 on LEMON, Engemann 2022). People below 18 years
    differ from those of 18 by `CHILD_DIFFERENCES`, where the sources stand; the spread
    between people of one age is the same at every age.

    The disease is slowing: theta up by 0.6 log units and alpha slower by 0.5 Hz, both
    times `disease_effect`; 0 plants no effect at all.

    Args:
        rng: Source of randomness.
        age: Years, 5 to 90.
        sex: F or M.
        is_patient: Whether the person has the disease.
        disease_effect: Size of the disease.

    Raises:
        DataError: If nobody of this age can be simulated.
    """
    if not YOUNGEST_YEARS <= age <= OLDEST_YEARS:
        raise DataError(
            f"People of {age:g} years cannot be simulated; choose an age between "
            f"{YOUNGEST_YEARS:g} and {OLDEST_YEARS:g} years."
        )
    years = max(age, CHILD_AGES_YEARS[-1]) - REFERENCE_AGE_YEARS
    child = {
        name: float(np.interp(age, CHILD_AGES_YEARS, sizes))
        for name, sizes in CHILD_DIFFERENCES.items()
    }
    female = float(sex == "F")
    slowing = disease_effect * float(is_patient)
    alpha_hz = 10.6 - 0.025 * years + 0.1 * female - 0.5 * slowing
    return Person(
        age=age,
        sex=sex,
        is_patient=is_patient,
        alpha_hz=rng.normal(alpha_hz + child["alpha_hz"], 0.6),
        exponent=rng.normal(1.6 - 0.009 * years + child["exponent"], 0.12),
        offset=rng.normal(-0.003 * years - 0.1 * (1 - female) + child["offset"], 0.15),
        alpha=rng.normal(-0.006 * years + 0.15 * female + child["alpha"], 0.45),
        theta=rng.normal(0.6 * slowing + child["theta"], 0.4),
        beta=rng.normal(0.2 * female, 0.35),
    )
