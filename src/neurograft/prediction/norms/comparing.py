"""Compare a person with the healthy people of that age, or say why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats

from neurograft.montage.regions import REGIONS
from neurograft.prediction.card import NormCard, Quantiles
from neurograft.prediction.norms.measures import BANDS, Measures
from neurograft.prediction.norms.norms import (
    MIN_HEALTHY,
    MIN_NEAR,
    NEAR_YEARS,
    DeviceKind,
    Norms,
    count_near,
)
from neurograft.prediction.person.told import Told
from neurograft.prediction.quantiles import place
from neurograft.store.acquisition import classify_reference

# Share of healthy people between the ends of a prediction interval.
CONFIDENCE = 0.95
# Values farther from those expected than so many SD are counted.
FAR_SD = 2.0


@dataclass(frozen=True)
class Comparison:
    """A person among the healthy people of that age.

    Attributes:
        frequencies_hz: Bins of the spectra.
        own: Logarithm to base 10 of the person's power density, by region.
        expected: Of the healthy of that age.
        low: Lower end of the 95 % prediction interval of a healthy person.
        high: Upper end.
        z: SD above those expected, `BANDS` by electrode.
        positions: Of these electrodes, on the unit sphere.
        n: Healthy people.
        n_near: Of them within ten years of the person's age, about.
        n_beyond: Values of `z` beyond `FAR_SD`.
        n_by_chance: So many of a healthy person's are expected there.
        centile: Of brain age; None where age is not what is predicted.
    """

    frequencies_hz: Float[np.ndarray, " n_bins"]
    own: Float[np.ndarray, "n_regions n_bins"]
    expected: Float[np.ndarray, "n_regions n_bins"]
    low: Float[np.ndarray, "n_regions n_bins"]
    high: Float[np.ndarray, "n_regions n_bins"]
    z: Float[np.ndarray, "n_bands n_channels"]
    positions: Float[np.ndarray, "n_channels 3"]
    n: int
    n_near: int
    n_beyond: int
    n_by_chance: float
    centile: Told | None = None

    def say(self) -> Told | None:
        """Say how many values are unusual; None without electrodes."""
        if not self.z.size:
            return None
        return Told(
            "NG746",
            {
                "n_values": self.z.size,
                "n_channels": self.z.shape[1],
                "n_beyond": self.n_beyond,
                "by_chance": self.n_by_chance,
                "n": self.n,
                "n_near": self.n_near,
            },
        )


def explain_absence(
    card: NormCard, rows: Sequence[Mapping[str, Any]], age: float
) -> Told | None:
    """Say why a person is compared with nobody; None if the person is.

    Args:
        card: Of the healthy people.
        rows: Of the recordings of the person that are used.
        age: Years; NaN where unknown.
    """
    if card.reason == "NG740":
        return Told("NG740", {})
    if card.reason:
        return Told("NG741", {"n": card.n, "needed": MIN_HEALTHY})
    known = {"n": card.n, "n_channels": card.n_channels, "sfreq_hz": card.sfreq_hz}
    for kind in sorted({read_kind(row) for row in rows}):
        if kind[:2] != (card.n_channels, card.sfreq_hz):
            own = {"own_channels": kind.n_channels, "own_hz": kind.sfreq_hz}
            return Told("NG742", known | own)
        if kind.reference != card.reference:
            are_named = kind.reference and card.reference
            return Told("NG743" if are_named else "NG750", {"n": card.n})
    if not np.isfinite(age):
        return Told("NG744", {"n": card.n})
    n_near = count_near(age, card)
    if n_near < MIN_NEAR:
        near = {"n_near": n_near, "years": NEAR_YEARS, "age": age, "needed": MIN_NEAR}
        return Told("NG745", near | {"n": card.n})
    return None


def read_kind(row: Mapping[str, Any]) -> DeviceKind:
    """Read the kind of device from the row of a recording."""
    reference = row.get("reference")
    text = reference if isinstance(reference, str) else ""
    return DeviceKind(
        int(row["n_channels"]), round(float(row["sfreq_hz"])), classify_reference(text)
    )


def compare_with_healthy(
    measured: Measures,
    norms: Norms,
    card: NormCard,
    *,
    age: float,
    positions: Float[np.ndarray, "n_channels 3"],
    gap: float | None,
) -> Comparison:
    """Compare a person with the healthy people of that age.

    Args:
        measured: Of the person.
        norms: What is usual.
        card: Of the healthy people.
        age: Of the person, years.
        positions: Of the electrodes.
        gap: Predicted minus true age, corrected; None if age is not predicted.
    """
    curve = norms.curve
    expected, error = curve.expect(age), curve.find_error(age)
    reach = curve.find_reach(CONFIDENCE) * error
    shape = (len(REGIONS), len(norms.frequencies_hz))
    n_bins = shape[0] * shape[1]
    z = ((measured.join() - expected) / error)[n_bins:].reshape(len(BANDS), -1)
    mean, low, high = (
        one[:n_bins].reshape(shape)
        for one in (expected, expected - reach, expected + reach)
    )
    return Comparison(
        frequencies_hz=norms.frequencies_hz,
        own=measured.log_power,
        expected=mean,
        low=low,
        high=high,
        z=z,
        positions=positions,
        n=card.n,
        n_near=count_near(age, card),
        n_beyond=int((np.abs(z) > FAR_SD).sum()),
        n_by_chance=z.size * curve.find_share_beyond(FAR_SD),
        centile=None if gap is None else find_centile(gap, card.gaps),
    )


def find_centile(gap: float, gaps: Quantiles | None) -> Told | None:
    """Say which share of the healthy people has a smaller gap, with its interval.

    The interval is exact for the number of people below (Clopper and Pearson 1934).
    Between the outer quantiles and the ends nobody knows who lies where, and only the
    limit is told.

    Args:
        gap: Of the person, years.
        gaps: Of healthy people who were left out.
    """
    if gaps is None:
        return None
    n = gaps.n
    share = place(gap, gaps)
    if gap < gaps.values[0] or gap > gaps.values[-1]:
        is_low = gap < gaps.values[0]
        limit = share if is_low else 1 - share
        return Told("NG748" if is_low else "NG749", {"n_beyond": limit * n, "n": n})
    below = round(share * n)
    low = float(stats.beta.ppf((1 - CONFIDENCE) / 2, below, n - below + 1))
    high = float(stats.beta.ppf((1 + CONFIDENCE) / 2, below + 1, n - below))
    shares = {"centile": 100 * share, "low": 100 * low, "high": 100 * high}
    return Told("NG747", shares | {"n": n})
