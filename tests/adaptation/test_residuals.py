"""Covariates are taken out of features, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from neurograft.adaptation.residuals import RemoveCovariates, code_covariates
from neurograft.errors import DataError


def test_nothing_linear_in_the_covariates_is_left_in_training_rows(make_people):
    X, _, domain, people = make_people(np.random.default_rng(0))
    Z = RemoveCovariates().fit(X, sample_domain=domain, covariates=people).transform(
        X, sample_domain=domain, covariates=people
    )  # fmt: skip
    design = code_covariates(people, ("age", "sex"))
    assert LinearRegression().fit(design, Z).score(design, Z) < 1e-5
    np.testing.assert_allclose(Z.mean(0), X.mean(0), atol=1e-10)


def test_a_missing_covariate_is_named_with_how_many_lack_it():
    people = pd.DataFrame({"age": [20.0, np.nan, 40.0], "sex": ["F", "M", "F"]})
    with pytest.raises(DataError, match="'age' is missing for 1 of 3 people"):
        code_covariates(people, ("age", "sex"))
    with pytest.raises(DataError, match="'site' is not known"):
        code_covariates(people, ("site",))
