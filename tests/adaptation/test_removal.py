"""Covariates, sites and domains are taken out, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression

from neurograft.adaptation.combat import ComBat, pool_effects
from neurograft.adaptation.erasure import EraseDomains, fit_eraser
from neurograft.adaptation.residuals import RemoveCovariates, code_covariates
from neurograft.errors import DataError, DesignError


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


def test_nothing_linear_in_the_covariates_is_left_in_training_rows():
    X, _, domain, people = make_people(np.random.default_rng(0))
    Z = RemoveCovariates().fit(X, sample_domain=domain, covariates=people).transform(
        X, sample_domain=domain, covariates=people
    )  # fmt: skip
    design = code_covariates(people, ("age", "sex"))
    assert LinearRegression().fit(design, Z).score(design, Z) < 1e-5
    np.testing.assert_allclose(Z.mean(0), X.mean(0), atol=1e-10)


def test_a_normative_model_is_that_of_the_healthy():
    rng = np.random.default_rng(1)
    X, y, domain, people = make_people(rng)
    fitted = RemoveCovariates(normative=True).fit(
        X, y, sample_domain=domain, covariates=people
    )
    changed = X.copy()
    changed[y == 1] += 100 * rng.normal(size=(int(y.sum()), 6))
    again = RemoveCovariates(normative=True).fit(
        changed, y, sample_domain=domain, covariates=people
    )
    np.testing.assert_array_equal(fitted.coef_, again.coef_)
    with pytest.raises(DataError, match="learns from the healthy"):
        RemoveCovariates(normative=True).fit(
            X, np.ones(len(X)), sample_domain=domain, covariates=people
        )


def test_a_missing_covariate_is_named_with_how_many_lack_it():
    people = pd.DataFrame({"age": [20.0, np.nan, 40.0], "sex": ["F", "M", "F"]})
    with pytest.raises(DataError, match="'age' is missing for 1 of 3 people"):
        code_covariates(people, ("age", "sex"))
    with pytest.raises(DataError, match="'site' is not known"):
        code_covariates(people, ("site",))


def test_combat_takes_the_site_out_and_keeps_age_and_disease():
    X, y, domain, people = make_people(np.random.default_rng(2), n=1000)
    Z = ComBat(("age", "sex")).fit(X, y, sample_domain=domain, covariates=people)
    Z = Z.transform(X, sample_domain=domain, covariates=people)
    apart = Z[domain == 1].mean(0) - Z[domain == 2].mean(0)
    # The rest is true: ages and diseases are not mixed exactly alike by chance.
    assert np.abs(apart).max() < 0.15
    spread = Z[domain == 1][:, 2:].std(0) / Z[domain == 2][:, 2:].std(0)
    np.testing.assert_allclose(spread, 1, atol=0.1)
    assert np.corrcoef(Z[:, 0], people["age"])[0, 1] > 0.5
    assert np.corrcoef(Z[:, 1], y)[0, 1] > 0.3


def test_combat_of_equal_sites_changes_little_and_of_one_site_nothing():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 8))
    domain = np.tile([1, 2], 200)
    Z = ComBat().fit(X, sample_domain=domain).transform(X, sample_domain=domain)
    assert np.abs(Z - X).max() < 0.35
    one = np.ones(400, int)
    Z = ComBat().fit(X, sample_domain=one).transform(X, sample_domain=one)
    np.testing.assert_allclose(np.corrcoef(Z[:, 0], X[:, 0])[0, 1], 1)


def test_pooled_effects_lie_between_a_sites_own_and_what_features_share():
    rng = np.random.default_rng(4)
    few = rng.normal(size=(4, 50)) + rng.normal(0.5, 0.2, 50)
    effect = pool_effects(few)
    own = few.mean(0)
    assert effect.shift.std() < own.std()
    assert effect.shift.mean() == pytest.approx(own.mean(), abs=0.15)
    many = rng.normal(size=(20_000, 50)) + np.linspace(0, 1, 50)
    np.testing.assert_allclose(pool_effects(many).shift, many.mean(0), atol=1e-3)


def test_combat_of_a_new_site_uses_its_own_rows_and_leaves_the_others():
    X, y, domain, _ = make_people(np.random.default_rng(5))
    known = domain == 1
    fitted = ComBat().fit(X[known], y[known], sample_domain=domain[known])
    Z = fitted.transform(X[~known], sample_domain=-domain[~known])
    assert np.abs(Z.mean(0) - X[known].mean(0)).max() < 0.3
    with pytest.raises(DataError, match="Domain -7 has 1 subject"):
        fitted.transform(X[:1], sample_domain=np.array([-7]))


def test_removal_is_refused_where_the_site_is_the_label():
    X, _, domain, _ = make_people(np.random.default_rng(6))
    y = (domain == 2).astype(float)
    for adapter in (ComBat(), EraseDomains()):
        with pytest.raises(DesignError, match="go together.*same|Add controls"):
            adapter.fit(X, y, sample_domain=domain)


def test_erasure_leaves_nothing_linearly_decodable():
    """Theorem 4.3: equal group means, so every linear classifier is at chance."""
    X, y, domain, _ = make_people(np.random.default_rng(7))
    Z = EraseDomains().fit(X, y, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    np.testing.assert_allclose(
        Z[domain == 1].mean(0), Z[domain == 2].mean(0), atol=1e-9
    )
    model = LogisticRegression(C=1e6).fit(Z, domain)
    share = max((domain == 1).mean(), (domain == 2).mean())
    assert model.score(Z, domain) == pytest.approx(share, abs=0.03)
    discriminant = LinearDiscriminantAnalysis().fit(Z, domain)
    assert np.abs(discriminant.coef_).max() < 1e-6
    # The label is still there.
    assert LogisticRegression().fit(Z, y).score(Z, y) > 0.6


def test_erasure_changes_features_as_little_as_any_erasing_map():
    """Least-squares optimality: beats projecting the difference of means out."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(500, 5)) @ rng.normal(size=(5, 5))
    z = rng.integers(0, 2, 500).astype(float)
    X[:, 0] += 2 * z
    P, mean = fit_eraser(X, z[:, None])
    ours = ((X - mean) @ P) ** 2
    direction = X[z == 1].mean(0) - X[z == 0].mean(0)
    plain = np.outer(direction, direction) / (direction @ direction)
    theirs = ((X - mean) @ plain) ** 2
    # Both erase; in the norm of the covariance, ours changes less.
    precision = np.linalg.inv(np.cov(X.T))
    norm = [np.einsum("ni,ij,nj->", d, precision, d)
            for d in ((X - mean) @ P, (X - mean) @ plain)]  # fmt: skip
    assert norm[0] <= norm[1]
    assert ours.shape == theirs.shape


def test_erasure_of_nothing_changes_nothing():
    rng = np.random.default_rng(9)
    X = rng.normal(size=(100, 4))
    P, _ = fit_eraser(X, np.ones((100, 1)))
    np.testing.assert_allclose(X @ P, 0, atol=1e-8)


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
