"""Measure distances between two sets of people in a space of features.

A distance is not transferability: in one comparison the encoder that was furthest from
the target transferred best. Distances say what alignment has to undo.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import gaussian_kde
from sklearn.metrics.pairwise import rbf_kernel

from neurograft.adaptation.alignment import power
from neurograft.adaptation.weighting import find_median_distance
from neurograft.shift.probing import permute
from neurograft.statistics.linear.positive_matrices import (
    average_logarithms,
    measure_distance,
)
from neurograft.statistics.permutation import permutation_p_value
from neurograft.types import BoolArray, FloatArray


class Discrepancy(NamedTuple):
    """Maximum mean discrepancy of two samples.

    Attributes:
        value: Unbiased estimate of its square; about 0 or below for equal populations.
        p: Permutation p-value.
    """

    value: float
    p: float


def measure_discrepancy(
    X: Float[np.ndarray, "n n_features"],
    is_target: BoolArray,
    *,
    n_permutations: int = 1000,
    seed: int = 0,
) -> Discrepancy:
    """Return the unbiased squared MMD, with a Gaussian kernel of median width.

    Source: Gretton 2012, eq. 3 and section 8; all permutations in one product.

    Args:
        X: Features of the people.
        is_target: True for people of the target, `(n,)`.
        n_permutations: Number of permutations of the labels source and target.
        seed: Seed of the permutations.
    """
    rng = np.random.default_rng(seed)
    kernel = rbf_kernel(X, gamma=1 / find_median_distance(X))
    np.fill_diagonal(kernel, 0.0)
    own = is_target.astype(int)
    labels = np.concatenate([own[None], permute(own, None, n_permutations, rng)])
    target = labels.T.astype(float)
    n, m = float(len(X) - own.sum()), float(own.sum())
    product = kernel @ target
    total = kernel.sum()
    within_target = (target * product).sum(0)
    across = product.sum(0) - within_target
    within_source = total - within_target - 2 * across
    values = (
        within_source / (n * (n - 1))
        + within_target / (m * (m - 1))
        - 2 * across / (n * m)
    )
    return Discrepancy(float(values[0]), permutation_p_value(values[0], values[1:]))


class Frechet(NamedTuple):
    """Squared Frechet distance, as shares of the sources' total variance.

    Attributes:
        mean: Of the means: what re-centring undoes.
        covariance: Of the covariances: what re-centring leaves.
    """

    mean: float
    covariance: float


def measure_frechet(
    source: Float[np.ndarray, "n n_features"],
    target: Float[np.ndarray, "m n_features"],
) -> Frechet:
    """Return the distance of two normal distributions (Dowson 1982, eq. 4)."""
    a, b = np.atleast_2d(np.cov(source.T)), np.atleast_2d(np.cov(target.T))
    root = power(a, 0.5)
    cross = power(root @ b @ root, 0.5)
    total = float(np.trace(a)) or 1.0
    apart = ((source.mean(0) - target.mean(0)) ** 2).sum()
    return Frechet(
        float(apart / total),
        float(max(0.0, np.trace(a) + np.trace(b) - 2 * np.trace(cross)) / total),
    )


def measure_covariance_distance(
    source: Float[np.ndarray, "n n_bands n_channels n_channels"],
    target: Float[np.ndarray, "m n_bands n_channels n_channels"],
) -> Float[np.ndarray, " n_bands"]:
    """Return the Riemannian distance of the mean covariances, by band.

    Affine-invariant distance of log-Euclidean means.
    """
    return measure_distance(average_logarithms(source), average_logarithms(target))


def standardise_difference(
    source: Float[np.ndarray, " n"], target: Float[np.ndarray, " m"]
) -> float:
    """Return the difference of means, target minus source, in pooled SDs."""
    spread = np.sqrt((source.var(ddof=1) + target.var(ddof=1)) / 2)
    apart = float(target.mean() - source.mean())
    return apart / float(spread) if spread > 0 else 0.0


def overlap(source: FloatArray, target: FloatArray, *, n_points: int = 200) -> float:
    """Return the overlapping coefficient of two distributions: 1 equal, 0 apart.

    Of Gaussian kernel density estimates (Inman and Bradley 1989; Scott's width).
    """
    if np.ptp(source) == 0 or np.ptp(target) == 0:
        return float(np.ptp(np.concatenate([source, target])) == 0)
    both = np.concatenate([source, target])
    margin = 3 * float(both.std())
    grid = np.linspace(both.min() - margin, both.max() + margin, n_points)
    densities = [gaussian_kde(one)(grid) for one in (source, target)]
    return float(min(1.0, np.trapezoid(np.minimum(*densities), grid)))
