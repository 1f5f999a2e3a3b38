"""Norms: what is usual in healthy people at every age, without a row of anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.prediction.card import NormCard
from neurograft.prediction.norms.age_curve import AgeCurve, fit_age_curve
from neurograft.prediction.norms.measures import Measures
from neurograft.prediction.quantiles import find_quantiles
from neurograft.types import FloatArray

# Fewer healthy people have no norms, and so many must be near in age.
MIN_HEALTHY, MIN_NEAR, NEAR_YEARS = 30, 10, 10.0
# Ages are told in steps of so many years.
AGE_STEP_YEARS = 5.0


class DeviceKind(NamedTuple):
    """A kind of device, whose recordings can be compared.

    Attributes:
        n_channels: Electrodes.
        sfreq_hz: Rate of the original recording, rounded to whole Hz.
        reference: Kind of it (`classify_reference`); empty if unknown.
    """

    n_channels: int
    sfreq_hz: int
    reference: str


@dataclass(frozen=True)
class Norms:
    """Curves over age, and the bins of the spectra.

    Attributes:
        frequencies_hz: Bins.
        curve: Of all values of `Measures.join`.
    """

    frequencies_hz: Float[np.ndarray, " n_bins"]
    curve: AgeCurve


def fit_norms(
    measured: Sequence[Measures],
    ages: FloatArray,
    gaps: FloatArray,
    kind: DeviceKind,
    *,
    is_relative: bool,
    seed: int,
) -> tuple[NormCard, Norms]:
    """Fit norms to healthy people of one kind of device.

    Args:
        measured: Of at least `MIN_HEALTHY` people.
        ages: Theirs, years.
        gaps: Predicted minus true age of each, left out and corrected for the usual
            error at that age; NaN where age is not what is predicted.
        kind: Of all their recordings.
        is_relative: Whether power is divided by that of the whole band.
        seed: Of folds.
    """
    values = np.stack([one.join() for one in measured])
    norms = Norms(measured[0].frequencies_hz, fit_age_curve(ages, values, seed=seed))
    card = NormCard(
        n=len(ages),
        **kind._asdict(),
        youngest=float(np.floor(ages.min() / AGE_STEP_YEARS) * AGE_STEP_YEARS),
        oldest=float(np.ceil(ages.max() / AGE_STEP_YEARS) * AGE_STEP_YEARS),
        ages=find_quantiles(ages),
        gaps=find_quantiles(gaps),
        unit="share of power per Hz" if is_relative else "uV^2/Hz",
    )
    return card, norms


def count_near(age: float, card: NormCard) -> int:
    """Count the healthy people within ten years of an age, as the quantiles tell.

    Between quantiles people lie evenly; below the first and above the last they reach
    to the ends of the ages, which are rounded to five years.
    """
    if card.ages is None or card.youngest is None or card.oldest is None:
        return 0
    known = [card.youngest, *card.ages.values, card.oldest]
    levels = [0.0, *card.ages.levels, 1.0]
    low, high = np.interp([age - NEAR_YEARS, age + NEAR_YEARS], known, levels)
    return round(card.n * float(high - low))
