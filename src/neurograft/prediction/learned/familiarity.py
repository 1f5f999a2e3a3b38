"""One distance from the people of training to somebody else, and its parts.

The features are standardised and reduced to a third as many components as people; the
distance is Mahalanobis' with a shrunken covariance (Ledoit and Wolf 2004), and what the
components leave over counts as one more number. The distance that is usual is measured
on every training person after all was refitted without that person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from sklearn.covariance import ledoit_wolf

from neurograft.evaluation.methods.reduction import (
    COMPONENTS_PER_SUBJECT,
    MAX_COMPONENTS,
)
from neurograft.statistics.metrics.conformal import find_quantile
from neurograft.types import FloatArray

# Somebody whose conformal p-value is below this is unlike those learned from.
ALPHA = 0.05
# Folds in which the rest that components leave over is measured. Chosen here.
N_FOLDS = 10
# Smallest spread, as a share of the largest, that a column is divided by.
TINY = 1e-9


@dataclass(frozen=True)
class Space:
    """A reduction of vectors, and how training people are spread in it.

    Attributes:
        mean: Of every column of the vectors.
        spread: Standard deviation of the same.
        components: Main directions of the standardised vectors.
        centre: Mean of the facts, then of the components.
        width: Standard deviation of the same.
        precision: Inverse of their shrunken correlation.
    """

    mean: Float[np.ndarray, " n_vector"]
    spread: Float[np.ndarray, " n_vector"]
    components: Float[np.ndarray, "n_components n_vector"]
    centre: Float[np.ndarray, " n_coordinates"]
    width: Float[np.ndarray, " n_coordinates"]
    precision: Float[np.ndarray, "n_coordinates n_coordinates"]

    def place(
        self, vectors: FloatArray, facts: FloatArray
    ) -> tuple[Float[np.ndarray, "n n_coordinates"], Float[np.ndarray, " n"]]:
        """Return z-scores of facts and components, and the log of what is left over."""
        scaled = (vectors - self.mean) / self.spread
        scores = scaled @ self.components.T
        left = (scaled**2).sum(1) - (scores**2).sum(1)
        rest = np.log(np.maximum(left, 0) / vectors.shape[1] + TINY)
        z = (np.concatenate([facts, scores], axis=1) - self.centre) / self.width
        return z, rest


@dataclass(frozen=True)
class Familiarity:
    """Distances from training people, and which are usual.

    Attributes:
        space: Fitted to all training people.
        rest_centre: Mean log of what components leave over of people left out.
        rest_width: Its standard deviation.
        limit: Distance that a new person of the same population stays below in
            19 of 20 cases; infinite if there are fewer than 19 people.
        quantiles: Of the distances of training people who were left out.
    """

    space: Space
    rest_centre: float
    rest_width: float
    limit: float
    quantiles: Float[np.ndarray, " n_quantiles"]

    def measure(
        self, vectors: Float[np.ndarray, "n n_vector"], facts: FloatArray
    ) -> "Distances":
        """Measure how far people are from those learned from.

        Args:
            vectors: Of their features.
            facts: Numbers about them, `(n, n_facts)`.
        """
        return _measure(self.space, vectors, facts, self.rest_centre, self.rest_width)


@dataclass(frozen=True)
class Distances:
    """Distances of people, and the parts they are made of.

    Attributes:
        distance: Root of the sum of the parts.
        facts: z-score of every fact, alone.
        pattern: Share of the components in the squared distance.
        rest: z-score of what components leave over.
    """

    distance: Float[np.ndarray, " n"]
    facts: Float[np.ndarray, "n n_facts"]
    pattern: Float[np.ndarray, " n"]
    rest: Float[np.ndarray, " n"]


def fit_familiarity(
    vectors: Float[np.ndarray, "n n_vector"],
    facts: Float[np.ndarray, "n n_facts"],
    *,
    levels: Sequence[float],
    least: Sequence[float] | FloatArray = (),
    seed: int = 0,
) -> Familiarity:
    """Fit the space to training people, and refit it without each of them.

    Args:
        vectors: Of the features of everybody.
        facts: Numbers about everybody.
        levels: Levels of the quantiles that are kept.
        least: Spread that every fact has at least; empty, none.
        seed: Of the folds in which the rest is measured.
    """
    n = len(vectors)
    least = np.asarray(least, dtype=float)
    order = np.random.default_rng(seed).permutation(n)
    rest = np.empty(n)
    for fold in range(min(N_FOLDS, n)):
        out = order[fold :: min(N_FOLDS, n)]
        kept = np.setdiff1d(order, out)
        space = _fit(vectors[kept], facts[kept], least)
        rest[out] = space.place(vectors[out], facts[out])[1]
    centre, width = float(rest.mean()), float(rest.std() + TINY)
    alone = np.empty(n)
    for row in range(n):
        kept = np.delete(np.arange(n), row)
        space = _fit(vectors[kept], facts[kept], least)
        own = _measure(space, vectors[[row]], facts[[row]], centre, width)
        alone[row] = own.distance[0]
    limit = find_quantile(alone, confidence=1 - ALPHA)
    quantiles = np.quantile(alone, levels)
    space = _fit(vectors, facts, least)
    return Familiarity(space, centre, width, limit, quantiles)


def _fit(vectors: FloatArray, facts: FloatArray, least: FloatArray) -> Space:
    """Fit scaling, components and covariance to people."""
    mean, spread = vectors.mean(0), vectors.std(0)
    # A column without spread says nothing of anybody.
    spread = np.where(spread > TINY * spread.max(), spread, np.inf)
    scaled = (vectors - mean) / spread
    wanted = min(MAX_COMPONENTS, int(len(vectors) * COMPONENTS_PER_SUBJECT))
    u, s = _find_main(scaled, max(wanted, 1))
    components = (u / np.maximum(s, TINY)).T @ scaled
    told = np.concatenate([facts, scaled @ components.T], axis=1)
    centre, width = told.mean(0), told.std(0) + TINY
    width[: len(least)] = np.maximum(width[: len(least)], least)
    z = (told - centre) / width
    covariance, _ = ledoit_wolf(z, assume_centered=True)
    # A fact that hardly varies counts by its least spread, and by no smaller one.
    covariance += np.diag(1 - z.var(0))
    return Space(mean, spread, components, centre, width, np.linalg.inv(covariance))


def _find_main(scaled: FloatArray, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Find left singular vectors and singular values, through the smaller square."""
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    best = values.argsort()[::-1][:n_components]
    return vectors[:, best], np.sqrt(np.maximum(values[best], 0))


def _measure(
    space: Space,
    vectors: FloatArray,
    facts: FloatArray,
    rest_centre: float,
    rest_width: float,
) -> Distances:
    z, rest = space.place(vectors, facts)
    rest_z = (rest - rest_centre) / rest_width
    parts = z * (z @ space.precision)
    # Of people learned from, less is left over than of others: that is no strangeness.
    squared = np.maximum(parts.sum(1), 0) + np.maximum(rest_z, 0) ** 2
    n_facts = facts.shape[1]
    return Distances(
        np.sqrt(squared),
        z[:, :n_facts],
        parts[:, n_facts:].sum(1) / np.maximum(squared, TINY),
        rest_z,
    )
