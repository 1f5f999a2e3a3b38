"""Share the variance of features out among factors.

Explained variance of all features together (redundancy analysis, Legendre 2012),
adjusted for the number of columns, and shared out among factors by the mean over all
orders in which they can enter (Lindeman 1980; Chevan and Sutherland 1991): factors that
go together share what they explain together. Association, not cause.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import factorial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.adaptation.weighting import count_effective
from neurograft.shift.probing import reduce_features
from neurograft.statistics.permutation import permutation_p_value
from neurograft.types import FloatArray

# Chosen here, as in probing: far fewer components than people.
N_COMPONENTS = 20
# Chosen here: all subsets of eight factors are 256 fits.
MAX_FACTORS = 8


class Share(NamedTuple):
    """Share of the variance that goes with a factor.

    Attributes:
        factor: Name.
        value: Its part of the explained variance, all orders averaged.
        ci_low: Of the 95 % bootstrap interval.
        ci_high: Of it.
        alone: What it explains by itself.
        p: Permutation p-value of the factor by itself (PERMANOVA, Anderson 2001).
    """

    factor: str
    value: float
    ci_low: float
    ci_high: float
    alone: float
    p: float


def partition_variance(
    X: Float[np.ndarray, "n n_features"],
    factors: Mapping[str, FloatArray],
    *,
    n_bootstraps: int = 500,
    n_permutations: int = 1000,
    seed: int = 0,
) -> list[Share]:
    """Share the variance of features out among factors, the largest share first.

    Args:
        X: Features of people; their first 20 principal components are used.
        factors: Columns of every factor, as `code_factor` makes them.
        n_bootstraps: Resamples of people.
        n_permutations: Of every factor by itself.
        seed: Of both.
    """
    names = [name for name, columns in factors.items() if columns.any()]
    if not names:
        return []
    rng = np.random.default_rng(seed)
    Z = reduce_features(X, np.arange(len(X)), n_components=N_COMPONENTS)
    blocks = [factors[name] for name in names]
    model = _Moments(Z, blocks)
    everybody = np.ones((1, len(Z)))
    (observed,) = model.share(everybody)
    drawn = rng.multinomial(len(Z), np.full(len(Z), 1 / len(Z)), size=n_bootstraps)
    resampled = model.share(drawn.astype(float))
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    shares = [
        Share(
            name,
            float(observed[i]),
            float(low[i]),
            float(high[i]),
            float(model.explain(everybody, [i])[0]),
            _permute_alone(Z, blocks[i], n_permutations, rng),
        )
        for i, name in enumerate(names)
    ]
    return sorted(shares, key=lambda share: -share.value)


class _Moments:
    """Cross-products of all columns, from which the fit of every subset follows.

    Resamples hold people more than once; their adjustment counts effective people
    (Kish), or every factor would seem to explain more in them.
    """

    def __init__(self, Z: FloatArray, blocks: Sequence[FloatArray]) -> None:
        self.all = np.concatenate([np.ones((len(Z), 1)), *blocks, Z], axis=1)
        edges = np.cumsum([1, *(block.shape[1] for block in blocks)])
        self.columns = [np.arange(a, b) for a, b in pairwise(edges)]
        self.n_design = int(edges[-1])

    def share(
        self, weights: Float[np.ndarray, "n_draws n"]
    ) -> Float[np.ndarray, "n_draws n_factors"]:
        """Return the Shapley values of the adjusted explained variance."""
        cross, n = self._multiply(weights)
        k = len(self.columns)
        value = {
            subset: self._adjusted(cross, subset, n)
            for size in range(k + 1)
            for subset in combinations(range(k), size)
        }
        shares = np.zeros((len(weights), k))
        for i in range(k):
            for subset in value:
                if i in subset:
                    continue
                s = len(subset)
                weight = factorial(s) * factorial(k - s - 1) / factorial(k)
                larger = tuple(sorted((*subset, i)))
                shares[:, i] += weight * (value[larger] - value[subset])
        return shares

    def explain(
        self, weights: Float[np.ndarray, "n_draws n"], chosen: Sequence[int]
    ) -> Float[np.ndarray, " n_draws"]:
        """Return the adjusted share of the variance that some factors explain."""
        cross, n = self._multiply(weights)
        return self._adjusted(cross, tuple(chosen), n)

    def _multiply(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return cross-products and the number of effective people of every draw."""
        cross = np.stack([(self.all.T * one) @ self.all for one in weights])
        return cross, np.array([count_effective(one) for one in weights])

    def _adjusted(
        self, cross: FloatArray, subset: tuple[int, ...], n: FloatArray
    ) -> FloatArray:
        if not subset:
            return np.zeros(len(cross))
        columns = np.concatenate([np.zeros(1, int), *(self.columns[i] for i in subset)])
        size, d = len(columns), self.n_design
        gram = cross[:, columns[:, None], columns]
        trace = np.trace(gram, axis1=1, axis2=2)
        gram = gram + 1e-8 * (trace / size)[:, None, None] * np.eye(size)
        moment = cross[:, columns, d:]
        explained = (moment * np.linalg.solve(gram, moment)).sum((1, 2))
        centre = (cross[:, 0, d:] ** 2).sum(1) / cross[:, 0, 0]
        total = np.trace(cross[:, d:, d:], axis1=1, axis2=2) - centre
        unexplained = 1 - (explained - centre) / np.maximum(total, 1e-12)
        freedom = n - size
        left = np.where(freedom > 0, freedom, 1.0)
        return np.where(freedom > 0, 1 - unexplained * (n - 1) / left, 0.0)


def _permute_alone(
    Z: FloatArray, block: FloatArray, n: int, rng: np.random.Generator
) -> float:
    """Return the permutation p-value of the variance explained by one factor."""
    basis = np.linalg.qr(block - block.mean(0))[0]
    centred = Z - Z.mean(0)
    scores = [float(((basis.T @ centred) ** 2).sum())]
    for _ in range(n):
        order = rng.permutation(len(Z))
        scores.append(float(((basis.T @ centred[order]) ** 2).sum()))
    return permutation_p_value(scores[0], np.array(scores[1:]))


def measure_identity(
    windows: Float[np.ndarray, "n_people n_windows n_features"],
) -> tuple[float, float]:
    """Measure the variance between people, and how often a person is recognised.

    Returns:
        Share of the variance between people (one-way random effects, negative parts
        count as none), and the share of people whose second half of windows is nearest
        to their own first half among everybody's: the identity trap, chance is one over
        the number of people.
    """
    n, k, _ = windows.shape
    own = windows.mean(1)
    within = ((windows - own[:, None]) ** 2).sum() / (n * (k - 1))
    between = k * ((own - own.mean(0)) ** 2).sum() / (n - 1)
    true = max(0.0, (between - within) / k)
    scale = windows.reshape(n * k, -1).std(0)
    scaled = windows / np.where(scale > 1e-12, scale, 1.0)
    first, second = scaled[:, : k // 2].mean(1), scaled[:, k // 2 :].mean(1)
    apart = (second**2).sum(1)[:, None] + (first**2).sum(1) - 2 * second @ first.T
    found = float((apart.argmin(1) == np.arange(n)).mean())
    return float(true / (true + within)), found
