"""Weigh source people so that together they resemble the target.

All weights have mean 1. The effective sample size says how many people are left: if
there are few, the populations hardly overlap, and no weight can help.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy import optimize
from scipy.spatial.distance import pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler

from neurograft.adaptation.adapter import is_source
from neurograft.types import FloatArray

# No person may count for more than this many: it bounds the variance (Huang 2007, B).
# Chosen here: 10, with which a tenth of the people can still carry everything.
MAX_WEIGHT = 10.0
# Ridge of kernel mean matching, in units of the kernel, whose diagonal is 1. Chosen
# here: without it, small samples are matched noise for noise.
KERNEL_RIDGE = 0.01


def weigh_by_discriminator(
    X: Float[np.ndarray, "n n_features"],
    sample_domain: Int[np.ndarray, " n"],
    *,
    C: float = 0.1,
) -> Float[np.ndarray, " n_source"]:
    """Return the density ratio of target and source, from a logistic discriminator.

    `w(x) = p(target | x) / p(source | x) * n_source / n_target` (Bickel 2009, eq. 6),
    cut at 10 and divided by the mean. With covariates instead of signals in `X` these
    are propensity weights (Rosenbaum and Rubin 1983).

    Args:
        X: Features, or covariates without gaps.
        sample_domain: Positive for source, negative for target.
        C: Inverse penalty of the discriminator. The default is chosen here: strong, so
            that many features do not separate small samples by chance.

    Returns:
        Weights of the source rows, in their order; mean 1.

    Raises:
        DataError: If there is no source.
    """
    source = is_source(sample_domain)
    scaled = StandardScaler().fit_transform(X)
    model = LogisticRegression(C=C, class_weight="balanced").fit(scaled, ~source)
    odds = np.exp(model.decision_function(scaled[source]))
    return _normalise(odds)


def weigh_by_kernel_means(
    X: Float[np.ndarray, "n n_features"],
    sample_domain: Int[np.ndarray, " n"],
    *,
    gamma: float | None = None,
) -> Float[np.ndarray, " n_source"]:
    """Return weights under which the means in a kernel space agree.

    Kernel mean matching: minimises `1/2 w'Kw - k'w` with `0 <= w <= 10` (Huang 2007,
    eq. 5) by projected quasi-Newton steps. A ridge draws weights to 1. The mean is set
    to 1 afterwards.

    Args:
        X: Features.
        sample_domain: Positive for source, negative for target.
        gamma: Of the radial basis kernel; None, the inverse of the median squared
            distance.

    Returns:
        Weights of the source rows, in their order; mean 1.

    Raises:
        DataError: If there is no source.
    """
    source = is_source(sample_domain)
    scaled = StandardScaler().fit_transform(X)
    gamma = 1 / find_median_distance(scaled) if gamma is None else gamma
    K = rbf_kernel(scaled[source], gamma=gamma)
    k = rbf_kernel(scaled[source], scaled[~source], gamma=gamma).mean(1)
    n = len(K)

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        product = K @ w / n
        apart = w - 1
        value = w @ product / 2 - k @ w + KERNEL_RIDGE * apart @ apart / 2
        return float(value), product - k + KERNEL_RIDGE * apart

    best = optimize.minimize(
        loss, np.ones(n), jac=True, method="L-BFGS-B", bounds=[(0, MAX_WEIGHT)] * n
    )
    return _normalise(best.x)


def find_median_distance(X: Float[np.ndarray, "n n_features"]) -> float:
    """Return the median squared distance of different rows (the usual kernel width)."""
    return float(max(np.median(pdist(X, "sqeuclidean")), 1e-12))


def count_effective(weights: Float[np.ndarray, " n"]) -> float:
    """Return the number of equally weighted people that tell as much (Kish 1965).

    Example:
        >>> count_effective(np.array([1.0, 1.0, 1.0, 0.0]))
        3.0
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def _normalise(weights: FloatArray) -> FloatArray:
    """Bound weights and give them mean 1; equal weights if all are 0."""
    mean = float(weights.mean())
    if not mean > 0:
        return np.ones(len(weights))
    cut = np.minimum(weights / mean, MAX_WEIGHT)
    return np.asarray(cut / cut.mean())
