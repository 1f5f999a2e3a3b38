"""ComBat takes sites out and keeps what age and disease do."""

import numpy as np
import pytest
from scipy import stats

from neurograft.adaptation.combat import ComBat, pool_effects
from neurograft.errors import DataError


def test_combat_takes_the_site_out_and_keeps_age_and_disease(make_people):
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


def test_combat_of_a_new_site_uses_its_own_rows_and_leaves_the_others(make_people):
    X, y, domain, _ = make_people(np.random.default_rng(5))
    known = domain == 1
    fitted = ComBat().fit(X[known], y[known], sample_domain=domain[known])
    Z = fitted.transform(X[~known], sample_domain=-domain[~known])
    assert np.abs(Z.mean(0) - X[known].mean(0)).max() < 0.3
    with pytest.raises(DataError, match="Domain -7 has 1 subject"):
        fitted.transform(X[:1], sample_domain=np.array([-7]))


def test_pooled_effects_are_the_posterior_means_of_their_paper():
    """Johnson 2007, eqs. 3.1 and 3.2; the prior has the moments of the variances."""
    rng = np.random.default_rng(5)
    rows = rng.normal(0.3, np.sqrt(rng.gamma(8, 1 / 8, 40)), (9, 40))
    variances, n = rows.var(0, ddof=1), len(rows)
    shape = variances.mean() ** 2 / variances.var(ddof=1) + 2
    prior = stats.invgamma(shape, scale=variances.mean() * (shape - 1))
    assert prior.mean() == pytest.approx(variances.mean())
    assert prior.var() == pytest.approx(variances.var(ddof=1))
    effect = pool_effects(rows)
    squares = ((rows - effect.shift) ** 2).sum(0)
    scale = prior.kwds["scale"]
    expected = (scale + squares / 2) / (n / 2 + shape - 1)
    np.testing.assert_allclose(effect.spread**2, expected, rtol=1e-3)
    weight = n * rows.mean(0).var(ddof=1)
    shift = weight * rows.mean(0) + effect.spread**2 * rows.mean()
    np.testing.assert_allclose(
        effect.shift, shift / (weight + effect.spread**2), rtol=1e-3
    )
