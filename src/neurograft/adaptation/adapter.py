"""The interface of adapters: fitted to training people, they change features.

Domains are numbers with a sign (skada): positive for a source, negative for a target.
`fit` sees training rows only. `transform` then treats a domain that was fitted as it
was fitted. A new site, which was not fitted, is described by the unlabelled rows that
are transformed together (test-time adaptation): the caller has to say so in results.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import pandas as pd

from neurograft.errors import DataError
from neurograft.types import BoolArray, FloatArray, IntArray

# Whatever an adapter knows of a domain.
Description = TypeVar("Description")
# A mean of a single person would make that person the mean.
MIN_ROWS = 2


@runtime_checkable
class Adapter(Protocol):
    """Changes features so that domains resemble each other.

    Features are `(n, n_features)`, or `(n, n_bands, n_channels, n_channels)` of
    adapters of covariances; domains are `(n,)`; a row is a person.
    """

    def fit(
        self,
        X: FloatArray,
        y: Any = None,
        *,
        sample_domain: IntArray,
        covariates: pd.DataFrame | None = None,
    ) -> "Adapter":
        """Learn from training rows; the adapter itself is returned.

        Args:
            X: Features of every row: `(n, n_features)`, or covariances
                `(n, n_bands, n_channels, n_channels)`.
            y: Label of every row, `(n,)`; read only by adapters that say so.
            sample_domain: Domain of every row, `(n,)`: positive for a source, negative
                for a target.
            covariates: Columns such as age in years and sex, a row per row of `X`;
                read only by adapters that say so.
        """
        ...

    def transform(
        self,
        X: FloatArray,
        *,
        sample_domain: IntArray,
        covariates: pd.DataFrame | None = None,
    ) -> FloatArray:
        """Return adapted rows, shape as that of `X`; a new domain by its statistics."""
        ...


def iterate_domains(
    X: FloatArray, sample_domain: IntArray
) -> Iterator[tuple[int, BoolArray]]:
    """Yield every domain and a mask `(n,)` of its rows.

    Args:
        X: Features, shape `(n, ...)`.
        sample_domain: Domain of every row, shape `(n,)`.

    Raises:
        DataError: If a domain has a single row, or rows are not finite.
    """
    if not np.isfinite(X).all():
        rows = len(X) - int(np.isfinite(X.reshape(len(X), -1)).all(1).sum())
        raise DataError(
            f"{rows} of {len(X)} rows hold numbers that are not finite; leave those "
            "recordings out before domains are aligned."
        )
    for domain in np.unique(sample_domain):
        rows = sample_domain == domain
        if rows.sum() < MIN_ROWS:
            raise DataError(
                f"Domain {domain} has {rows.sum()} subject; at least {MIN_ROWS} are "
                "needed to describe a site. Join it with another site, or leave it out."
            )
        yield int(domain), rows


def describe_all(
    known: Mapping[int, Description],
    X: FloatArray,
    sample_domain: IntArray,
    describe: Callable[[FloatArray], Description],
) -> dict[int, Description]:
    """Return the description of every domain in the rows.

    A new domain is described by its rows; a known domain is not described anew.

    Args:
        known: Descriptions of the domains that were fitted.
        X: Features, shape `(n, ...)`.
        sample_domain: Domain of every row, shape `(n,)`.
        describe: Describes the rows of a domain.

    Raises:
        DataError: If a new domain has a single row, or rows are not finite.
    """
    fresh = ~np.isin(sample_domain, list(known))
    new = {
        domain: describe(X[sample_domain == domain])
        for domain, _ in iterate_domains(X[fresh], sample_domain[fresh])
    }
    everything = dict(known) | new
    return {domain: everything[domain] for domain in np.unique(sample_domain).tolist()}


def is_source(sample_domain: IntArray) -> BoolArray:
    """Return a mask `(n,)` of the rows that are of a source.

    Args:
        sample_domain: Domain of every row, shape `(n,)`.

    Raises:
        DataError: If a domain is 0, or no row is of a source.
    """
    if (sample_domain == 0).any():
        raise DataError("Domain 0 is neither source (> 0) nor target (< 0).")
    source = sample_domain > 0
    if not source.any():
        raise DataError("There is a target but no source to align it with.")
    return np.asarray(source)
