"""Draw people such that neither the largest site nor the young prevail."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from neurograft.store.acquisition import RecordingFacts
from neurograft.types import FloatArray

# Store and recording numbers.
Place: TypeAlias = tuple[int, int]
# Width of the age bands of strata. Chosen here: a decade.
AGE_BAND_YEARS = 10


def weigh_subjects(
    sites: Sequence[str], strata: Sequence[str], *, temperature: float
) -> Float[np.ndarray, " n_subjects"]:
    """Return the probability of drawing each person.

    A site is drawn in proportion to its number of people to the power of
    `temperature`, then a stratum (age band and sex) of the site in the same way, then a
    person of the stratum: 1 draws every person equally often, 0 every site and stratum
    equally often, 0.5 is the square root. Source: temperature-based sampling of
    unequal sources (Conneau 2020, section 3.1, exponent 0.3-0.7).

    Example:
        >>> weigh_subjects(["a", "b", "b", "b", "b"], [""] * 5, temperature=0.5)[:2]
        array([0.33333333, 0.16666667])
    """
    weights = np.zeros(len(sites))
    for site, share in _share(sites, temperature).items():
        members = [i for i, one in enumerate(sites) if one == site]
        within = [strata[i] for i in members]
        for stratum, part in _share(within, temperature).items():
            rows = [i for i in members if strata[i] == stratum]
            weights[rows] = share * part / len(rows)
    return weights


def _share(names: Sequence[str], temperature: float) -> dict[str, float]:
    """Return the probability of each name."""
    names_once, counts = np.unique(np.array(names), return_counts=True)
    powers = counts.astype(float) ** temperature
    return dict(zip(names_once.tolist(), (powers / powers.sum()).tolist(), strict=True))


def name_stratum(facts: RecordingFacts) -> str:
    """Return age band and sex; empty parts where unknown.

    Example:
        >>> name_stratum(RecordingFacts(age=34.0, sex="F"))
        '3F'
    """
    band = "" if np.isnan(facts.age) else str(int(facts.age // AGE_BAND_YEARS))
    return band + facts.sex


@dataclass(frozen=True)
class Sampler:
    """Draws recordings; a batch holds recordings with as many channels each.

    Attributes:
        places: Recordings.
        weights: Probability of each.
        n_channels: Channels of each.
    """

    places: tuple[Place, ...]
    weights: FloatArray
    n_channels: tuple[int, ...]

    @classmethod
    def of_subjects(
        cls,
        people: Sequence[tuple[str, Sequence[Place], RecordingFacts]],
        n_channels: Sequence[Sequence[int]],
        *,
        temperature: float,
    ) -> "Sampler":
        """Make the sampler of people, each with site, recordings and facts.

        Args:
            people: Site, recordings, facts.
            n_channels: Channels of every recording, by store.
            temperature: See `weigh_subjects`.
        """
        chances = weigh_subjects(
            [site for site, _, _ in people],
            [name_stratum(facts) for _, _, facts in people],
            temperature=temperature,
        )
        places = [place for _, recordings, _ in people for place in recordings]
        weights = [
            chance / len(recordings)
            for chance, (_, recordings, _) in zip(chances, people, strict=True)
            for _ in recordings
        ]
        sizes = tuple(n_channels[store][recording] for store, recording in places)
        return cls(tuple(places), np.array(weights), sizes)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Return the numbers of channels that occur, in order."""
        return tuple(sorted(set(self.n_channels)))

    @cached_property
    def size_shares(self) -> Float[np.ndarray, " n_sizes"]:
        """Return the probability of each number of channels."""
        n_channels = np.array(self.n_channels)
        shares = np.array(
            [self.weights[n_channels == size].sum() for size in self.sizes]
        )
        return np.asarray(shares / shares.sum())

    @cached_property
    def _of_size(self) -> dict[int, tuple[list[Place], FloatArray]]:
        places_of = {}
        for size in self.sizes:
            rows = [
                i for i, n_channels in enumerate(self.n_channels) if n_channels == size
            ]
            weights = self.weights[rows]
            places_of[size] = [self.places[i] for i in rows], weights / weights.sum()
        return places_of

    def draw(self, n: int, rng: np.random.Generator) -> list[Place]:
        """Draw recordings of one size; over many draws, each by its probability."""
        size = int(rng.choice(self.sizes, p=self.size_shares))
        return self.draw_of_size(size, n, rng)

    def draw_of_size(self, size: int, n: int, rng: np.random.Generator) -> list[Place]:
        """Draw recordings with a number of channels."""
        places, weights = self._of_size[size]
        return [places[i] for i in rng.choice(len(places), size=n, p=weights)]
