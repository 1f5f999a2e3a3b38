"""Align feature vectors of domains: make means, scales, covariances or ranks alike.

Every domain is brought to the sources' frame (the papers map the source to the target;
for a learner that follows, the inverse map is the same correction, and one model serves
every target). None of it reads a label, so all of it removes a true difference between
domains that differ in their people: see `label_shift.suspect_label_shift`.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.special import ndtri
from sklearn.base import BaseEstimator
from sklearn.covariance import ledoit_wolf

from neurograft.adaptation.adapter import describe_all, is_source, iterate_domains
from neurograft.errors import ConfigError
from neurograft.types import FloatArray

# Names of the methods of alignment.
Alignment = Literal["recentre", "rescale", "coral", "linear-ot", "quantile"]


class Moments(NamedTuple):
    """Mean and covariance of a domain.

    Attributes:
        mean: Shape `(n_features,)`.
        covariance: Shape `(n_features, n_features)`; only the mean squared distance
            from the mean, without shape, where the method needs no more.
        ordered: Rows with every feature in rising order, `(n, n_features)`, where the
            method needs them.
    """

    mean: FloatArray
    covariance: FloatArray
    ordered: FloatArray | None = None


class AlignDomains(BaseEstimator):  # type: ignore[misc]
    """Give every domain the same mean, scale or covariance.

    - `recentre`: mean zero (Mellot 2023: the step that carried most of the gain).
    - `rescale`: and the sources' mean squared distance from it (Mellot 2023).
    - `coral`: and the sources' covariance, by whitening and recolouring (Sun 2016,
      algorithm 1, with the shrinkage of Ledoit and Wolf in place of `+ I`).
    - `linear-ot`: and the sources' covariance, by the optimal map between Gaussians
      (Flamary 2019, eq. 5; Gelbrich 1990), which turns axes as little as possible.
    - `quantile`: the same distribution of every feature, by its ranks among the rows of
      the domain, as normal scores (van der Waerden 1952; Bolstad 2003).

    Args:
        method: One of the five names above.

    Example:
        >>> X = np.array([[0.0], [2.0], [10.0], [14.0]])
        >>> domain = np.array([1, 1, -2, -2])
        >>> adapter = AlignDomains("recentre").fit(X, sample_domain=domain)
        >>> adapter.transform(X, sample_domain=domain).ravel().tolist()
        [-1.0, 1.0, -2.0, 2.0]
    """

    def __init__(self, method: Alignment = "recentre") -> None:
        self.method = method

    def fit(
        self,
        X: Float[np.ndarray, "n n_features"],
        y: Any = None,  # noqa: ARG002
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> "AlignDomains":
        """Learn the moments of every domain, and of the sources together.

        Raises:
            DataError: If a domain has a single row, if a number is not finite, or if
                there is no source.
            ConfigError: If the method is unknown.
        """
        if self.method not in get_args(Alignment):
            raise ConfigError(
                f"The alignment {self.method!r} is unknown; choose "
                f"{', '.join(get_args(Alignment))}."
            )
        source = is_source(sample_domain)
        self.moments_ = {
            domain: self._describe(X[rows])
            for domain, rows in iterate_domains(X, sample_domain)
        }
        # Within domains: what differs between sites is not part of the common frame.
        parts = [
            X[sample_domain == domain] - self.moments_[domain].mean
            for domain in np.unique(sample_domain[source])
        ]
        self.reference_ = self._describe(np.concatenate(parts))
        return self

    def transform(
        self,
        X: Float[np.ndarray, "n n_features"],
        *,
        sample_domain: Int[np.ndarray, " n"],
        covariates: pd.DataFrame | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Return aligned features `(n, n_features)`; a new domain by its rows.

        Raises:
            DataError: If a new domain has a single row, or a number is not finite.
        """
        aligned = np.empty(X.shape)
        known = describe_all(self.moments_, X, sample_domain, self._describe)
        for domain, moments in known.items():
            rows = sample_domain == domain
            if moments.ordered is not None:
                aligned[rows] = find_normal_scores(X[rows], moments.ordered)
            else:
                aligned[rows] = self._map(X[rows] - moments.mean, moments.covariance)
        return aligned

    def _describe(self, X: FloatArray) -> Moments:
        """Return the moments of rows, as many as the method needs."""
        mean = X.mean(0)
        if self.method in ("coral", "linear-ot"):
            return Moments(mean, ledoit_wolf(X)[0])
        ordered = np.sort(X, axis=0) if self.method == "quantile" else None
        return Moments(mean, np.array(((X - mean) ** 2).sum(1).mean()), ordered)

    def _map(self, centred: FloatArray, covariance: FloatArray) -> FloatArray:
        """Give centred rows the scale or covariance of the sources."""
        if self.method == "recentre":
            return centred
        if self.method == "rescale":
            ratio = float(self.reference_.covariance) / max(float(covariance), 1e-12)
            return np.asarray(centred * np.sqrt(ratio))
        wanted = self.reference_.covariance
        if self.method == "coral":
            return np.asarray(centred @ power(covariance, -0.5) @ power(wanted, 0.5))
        return np.asarray(centred @ find_monge_map(covariance, wanted))


def find_normal_scores(
    X: Float[np.ndarray, "n d"], ordered: Float[np.ndarray, "m d"]
) -> Float[np.ndarray, "n d"]:
    """Return the normal score of every number among ordered numbers of its feature.

    Equal numbers get the score of their mean rank; what lies outside gets that of the
    end.

    Example:
        >>> ordered = np.array([[1.0], [2.0], [2.0], [9.0]])
        >>> find_normal_scores(np.array([[2.0], [-5.0]]), ordered).ravel().round(2)
        array([ 0.  , -1.15])
    """
    n = len(ordered)
    ranks = [
        (np.searchsorted(own, x) + np.searchsorted(own, x, side="right")) / 2
        for x, own in zip(X.T, ordered.T, strict=True)
    ]
    return np.asarray(ndtri(np.clip(np.stack(ranks, axis=1), 0.5, n - 0.5) / n))


def power(
    matrix: Float[np.ndarray, "n n"], exponent: float
) -> Float[np.ndarray, "n n"]:
    """Raise a symmetric positive matrix to a power; empty directions stay empty."""
    values, vectors = np.linalg.eigh(matrix)
    floor = 1e-10 * max(float(values[-1]), 1e-300)
    raised = np.where(values > floor, np.maximum(values, floor) ** exponent, 0.0)
    return np.asarray((vectors * raised) @ vectors.T)


def find_monge_map(
    start: Float[np.ndarray, "n n"], end: Float[np.ndarray, "n n"]
) -> Float[np.ndarray, "n n"]:
    """Return the symmetric A with `A start A = end`: optimal transport of Gaussians.

    Source: Gelbrich 1990; Peyre and Cuturi 2019, eq. 2.40.
    """
    root, inverse = power(start, 0.5), power(start, -0.5)
    return np.asarray(inverse @ power(root @ end @ root, 0.5) @ inverse)
