"""Every adapter that a method can name keeps its promises."""

import numpy as np
import pandas as pd
import pytest

from neurograft.adaptation.adapter import Adapter
from neurograft.adaptation.by_name import make_adapter
from neurograft.adaptation.combat import ComBat
from neurograft.adaptation.erasure import EraseDomains
from neurograft.adaptation.residuals import RemoveCovariates
from neurograft.errors import ConfigError, DesignError


@pytest.mark.parametrize("adapter", [ComBat(), EraseDomains(), RemoveCovariates()])
def test_fit_never_sees_a_test_row(make_people, adapter):
    X, y, domain, people = make_people(np.random.default_rng(10))
    fitted = adapter.fit(X, y, sample_domain=domain, covariates=people)
    plain = fitted.transform(X, sample_domain=domain, covariates=people)
    canary = np.concatenate([X, np.full((3, 6), 1e9)])
    more = pd.concat([people, people[:3]], ignore_index=True)
    again = fitted.transform(
        canary, sample_domain=np.append(domain, [1, 1, 1]), covariates=more
    )
    np.testing.assert_array_equal(again[: len(X)], plain)


def test_removal_is_refused_where_the_site_is_the_label(make_people):
    X, _, domain, _ = make_people(np.random.default_rng(6))
    y = (domain == 2).astype(float)
    for adapter in (ComBat(), EraseDomains()):
        with pytest.raises(DesignError, match="go together.*same|Add controls"):
            adapter.fit(X, y, sample_domain=domain)


@pytest.mark.parametrize(
    "name",
    ["recentre", "rescale", "coral", "linear-ot", "combat", "erase", "residualise"],
)
def test_a_named_adapter_is_an_adapter(name, make_people):
    X, y, domain, people = make_people(np.random.default_rng(11))
    adapter = make_adapter(name, ("age", "sex"))
    assert isinstance(adapter, Adapter)
    fitted = adapter.fit(X, y, sample_domain=domain, covariates=people)
    adapted = fitted.transform(X, sample_domain=domain, covariates=people)
    assert adapted.shape == X.shape
    assert np.isfinite(adapted).all()


def test_an_adapter_that_cannot_be_made_says_what_to_choose():
    with pytest.raises(ConfigError, match="use it with riemann"):
        make_adapter("euclid", ("age",))
    with pytest.raises(ConfigError, match="neither is known of everybody"):
        make_adapter("residualise", ())
