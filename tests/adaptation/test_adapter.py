"""Domains are checked before anything is learned from them."""

import numpy as np
import pytest

from neurograft.adaptation.alignment import AlignDomains
from neurograft.errors import DataError


def make_domains(rng, sizes=(60, 80), n_features=4):
    """Two domains with other means, scales and axes; the second is a target."""
    mixing = rng.normal(size=(n_features, n_features))
    parts = [rng.normal(size=(n, n_features)) for n in sizes]
    parts[1] = 3.0 + 2.0 * parts[1] @ mixing
    domain = np.repeat([1, -2], sizes)
    return np.concatenate(parts), domain


def test_rows_that_are_not_finite_and_missing_sources_are_named():
    X, domain = make_domains(np.random.default_rng(6))
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(DataError, match="1 of 140 rows hold numbers"):
        AlignDomains().fit(broken, sample_domain=domain)
    with pytest.raises(DataError, match="no source"):
        AlignDomains().fit(X, sample_domain=np.full(len(X), -1))
    with pytest.raises(DataError, match="Domain 0"):
        AlignDomains().fit(X, sample_domain=np.zeros(len(X), int))
