"""Suspect, weigh and mend a shift in the labels: other people, not only other devices.

Re-centring makes the means of domains alike, also where they truly differ because a
domain has more patients or older people; it is known to hurt then (SPDIM, Li 2024).
What is known of the target's labels, its mean age or its share of patients, mends it.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import optimize, stats
from sklearn.metrics.pairwise import rbf_kernel

from neurograft.adaptation.adapter import is_source
from neurograft.adaptation.weighting import MAX_WEIGHT, find_median_distance
from neurograft.errors import DataError
from neurograft.statistics.association import measure_association
from neurograft.types import FloatArray

# Ridge of the conditional embedding (Zhang 2013, lambda), in shares of the rows. Chosen
# here: a hundredth of the kernel's diagonal.
CONDITIONAL_RIDGE = 0.01
# Labels with at most this many values are groups. Chosen here: clinical groups are few,
# and a scale with more steps is treated as a number.
MANY_VALUES = 6


class LabelShift(NamedTuple):
    """Answer to whether labels are distributed differently in domains.

    Attributes:
        is_suspect: Whether aligning domains would remove part of the label.
        p: P-value of the test of equal distributions.
        size: Cramer's V of groups; of numbers the largest standardised difference
            between a domain and the others.
        sentence: Advice for the reader; empty if there is nothing to suspect.
    """

    is_suspect: bool
    p: float
    size: float
    sentence: str


def suspect_label_shift(
    y: Float[np.ndarray, " n"],
    sample_domain: Int[np.ndarray, " n"],
    *,
    alpha: float = 0.05,
) -> LabelShift:
    """Compare the labels of domains before they are aligned.

    Groups by the test of `measure_association`, numbers by that of Kruskal and Wallis.

    Args:
        y: Groups as few numbers, or numbers such as ages; without gaps.
        sample_domain: Domain of every row.
        alpha: Suspect below this p-value.
    """
    domains = np.unique(sample_domain)
    if len(domains) < 2:
        return LabelShift(False, 1.0, 0.0, "")
    if len(np.unique(y)) <= MANY_VALUES:
        size, p, *_ = measure_association(y, sample_domain)
        what = f"groups are mixed differently in the domains (Cramer's V {size:.2f})"
    else:
        parts = [y[sample_domain == domain] for domain in domains]
        p = float(stats.kruskal(*parts).pvalue) if np.ptp(y) > 0 else 1.0
        size = max(
            abs(y[sample_domain == d].mean() - y[sample_domain != d].mean())
            for d in domains
        ) / max(float(np.std(y)), 1e-12)
        what = f"labels differ between domains (by {size:.2f} SD)"
    suspect = bool(p < alpha)
    sentence = (
        f"{what[0].upper()}{what[1:]}: re-centring would remove part of the label with "
        "the domain. Use matched people, a known mean of the target, or no alignment."
    )
    return LabelShift(suspect, p, float(size), sentence if suspect else "")


def shift_to_mean(
    predicted: Float[np.ndarray, "*n_labels n"],
    target_mean: float | Float[np.ndarray, "*n_labels"],
) -> Float[np.ndarray, "*n_labels n"]:
    """Move predictions so that their mean is the known mean of the target cohort.

    Needs a number that any cohort paper prints, no label of a person.

    Args:
        predicted: Predictions for the people of the target, of each label vector.
        target_mean: Mean label of these people, of each label vector.

    Raises:
        DataError: If a mean is not finite.

    Example:
        >>> shift_to_mean(np.array([40.0, 60.0]), 55.0)
        array([45., 65.])
    """
    if not np.isfinite(target_mean).all():
        raise DataError(
            f"The target's mean is {target_mean}; give the mean age or score of its "
            "people, or leave the predictions as they are."
        )
    moved = np.asarray(target_mean)[..., None] - predicted.mean(-1, keepdims=True)
    return np.asarray(predicted + moved)


def weigh_labels(
    X: Float[np.ndarray, "n n_features"],
    y: Float[np.ndarray, " n_source"],
    sample_domain: Int[np.ndarray, " n"],
) -> Float[np.ndarray, " n_source"]:
    """Weigh source people so that their labels are mixed as in the target.

    Target shift by kernel mean matching of labels (MMDTarS, Zhang 2013, eq. 5): the
    target's features are explained by a mixture of what each label looks like.

    Args:
        X: Features of source and target.
        y: Labels of the source rows, in their order.
        sample_domain: Positive for source, negative for target.

    Returns:
        Weights with mean 1: equal for people of the same group, smooth in numbers.

    Raises:
        DataError: If there is no source or no target.
    """
    source = is_source(sample_domain)
    n, m = int(source.sum()), int((~source).sum())
    if m == 0:
        raise DataError("There is no target whose labels could be matched.")
    kernel = rbf_kernel(X, gamma=1 / find_median_distance(X))
    K, cross = kernel[np.ix_(source, source)], kernel[np.ix_(source, ~source)]
    basis, L = _describe_labels(y)
    conditional = np.linalg.solve(L + CONDITIONAL_RIDGE * n * np.eye(n), L)
    # Weights are `basis @ a`; the objective is quadratic in `a`.
    B = conditional @ basis
    A = B.T @ K @ B / n**2
    b = B.T @ cross.sum(1) / (n * m)

    def loss(a: FloatArray) -> tuple[float, FloatArray]:
        return float(a @ A @ a / 2 - b @ a), A @ a - b

    start = np.ones(basis.shape[1])
    bounds = [(0, MAX_WEIGHT)] * len(start)
    best = optimize.minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-14, "gtol": 1e-10},
    )
    weights = basis @ best.x
    mean = float(weights.mean())
    return np.asarray(weights / mean) if mean > 0 else np.ones(n)


def _describe_labels(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the functions of the label that weights are made of, and its kernel."""
    groups = np.unique(y)
    if len(groups) <= MANY_VALUES:
        basis = (y[:, None] == groups).astype(float)
        return basis, basis @ basis.T
    width = max(float(np.std(y)), 1e-12)
    centres = np.quantile(y, np.linspace(0.05, 0.95, 8))
    basis = np.exp(-0.5 * ((y[:, None] - centres) / (0.5 * width)) ** 2)
    basis /= basis.sum(1, keepdims=True)
    return basis, rbf_kernel(y[:, None], gamma=1 / (2 * width**2))
