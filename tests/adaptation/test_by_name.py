"""Every adapter that a method can name keeps its promises."""

import numpy as np
import pandas as pd
import pytest

from neurograft.adaptation.combat import ComBat
from neurograft.adaptation.erasure import EraseDomains
from neurograft.adaptation.residuals import RemoveCovariates
from neurograft.errors import DesignError


def make_people(rng, n=200):
    """Features of people at two sites, with age, sex, a disease and site effects."""
    people = pd.DataFrame({"age": rng.uniform(20, 80, n),
                           "sex": rng.choice(["F", "M"], n)})  # fmt: skip
    y = rng.integers(0, 2, n)
    domain = rng.integers(1, 3, n)
    X = rng.normal(size=(n, 6))
    X[:, 0] += 0.05 * people["age"]
    X[:, 1] += y
    X += np.where(domain == 2, 2.0, 0.0)[:, None] * np.linspace(1, 2, 6)
    X[domain == 2] *= 1.5
    return X, y, domain, people


@pytest.mark.parametrize("adapter", [ComBat(), EraseDomains(), RemoveCovariates()])
def test_fit_never_sees_a_test_row(adapter):
    X, y, domain, people = make_people(np.random.default_rng(10))
    fitted = adapter.fit(X, y, sample_domain=domain, covariates=people)
    plain = fitted.transform(X, sample_domain=domain, covariates=people)
    canary = np.concatenate([X, np.full((3, 6), 1e9)])
    more = pd.concat([people, people[:3]], ignore_index=True)
    again = fitted.transform(
        canary, sample_domain=np.append(domain, [1, 1, 1]), covariates=more
    )
    np.testing.assert_array_equal(again[: len(X)], plain)


def test_removal_is_refused_where_the_site_is_the_label():
    X, _, domain, _ = make_people(np.random.default_rng(6))
    y = (domain == 2).astype(float)
    for adapter in (ComBat(), EraseDomains()):
        with pytest.raises(DesignError, match="go together.*same|Add controls"):
            adapter.fit(X, y, sample_domain=domain)
