"""Domains are checked before anything is learned from them."""

import numpy as np
import pytest

from neurograft.adaptation.adapter import describe_all, iterate_domains
from neurograft.adaptation.alignment import AlignDomains
from neurograft.errors import DataError


def test_rows_that_are_not_finite_and_missing_sources_are_named(make_domains):
    X, domain = make_domains(np.random.default_rng(6))
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(DataError, match="1 of 140 rows hold numbers"):
        AlignDomains().fit(broken, sample_domain=domain)
    with pytest.raises(DataError, match="no source"):
        AlignDomains().fit(X, sample_domain=np.full(len(X), -1))
    with pytest.raises(DataError, match="Domain 0"):
        AlignDomains().fit(X, sample_domain=np.zeros(len(X), int))


def test_every_domain_is_yielded_once_and_together_they_are_everybody():
    domain = np.array([2, -1, 2, 5, -1, 5, 5])
    masks = dict(iterate_domains(np.zeros((7, 1)), domain))
    assert set(masks) == {-1, 2, 5}
    assert (np.stack(list(masks.values())).sum(0) == 1).all()


def test_a_known_domain_is_never_described_anew():
    domain = np.array([1, 1, -2, -2])
    X = np.array([[9.0], [9.0], [3.0], [5.0]])
    described = describe_all({1: 0.0, 7: 1.0}, X, domain, lambda rows: rows.mean())
    assert described == {1: 0.0, -2: 4.0}
