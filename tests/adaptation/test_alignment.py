"""Aligned domains share what the method promises, to machine precision."""

import numpy as np
import pytest
from scipy.stats import norm

from neurograft.adaptation.alignment import AlignDomains, find_monge_map, power
from neurograft.errors import ConfigError, DataError

METHODS = ("recentre", "rescale", "coral", "linear-ot", "quantile")


@pytest.mark.parametrize("method", METHODS)
def test_every_domain_ends_with_mean_zero(make_domains, method):
    X, domain = make_domains(np.random.default_rng(0))
    aligned = AlignDomains(method).fit(X, sample_domain=domain)
    Z = aligned.transform(X, sample_domain=domain)
    for one in (1, -2):
        np.testing.assert_allclose(Z[domain == one].mean(0), 0, atol=1e-10)


def test_rescaled_domains_lie_at_the_sources_distance_from_their_mean(make_domains):
    X, domain = make_domains(np.random.default_rng(1))
    Z = AlignDomains("rescale").fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    source = X[domain == 1] - X[domain == 1].mean(0)
    for one in (1, -2):
        spread = (Z[domain == one] ** 2).sum(1).mean()
        assert spread == pytest.approx((source**2).sum(1).mean())


@pytest.mark.parametrize("method", ["coral", "linear-ot"])
def test_covariances_become_those_of_the_source(make_domains, method):
    """Up to the shrinkage, which fades with many people."""
    X, domain = make_domains(np.random.default_rng(2), sizes=(20_000, 20_000))
    Z = AlignDomains(method).fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    source, target = np.cov(Z[domain == 1].T), np.cov(Z[domain == -2].T)
    np.testing.assert_allclose(target, source, atol=0.03)


def test_the_optimal_map_is_symmetric_and_carries_one_covariance_to_the_other(
    make_matrices,
):
    rng = np.random.default_rng(3)
    a, b = make_matrices(rng, 2, n_bands=1)[:, 0]
    A = find_monge_map(a, b)
    np.testing.assert_allclose(A, A.T, atol=1e-10)
    np.testing.assert_allclose(A @ a @ A, b, atol=1e-10)
    assert np.linalg.eigvalsh(A).min() > 0
    # Commuting covariances: the map is the ratio of standard deviations.
    np.testing.assert_allclose(
        find_monge_map(np.diag([1.0, 4.0]), np.diag([9.0, 1.0])), np.diag([3.0, 0.5])
    )


def test_power_keeps_empty_directions_empty():
    root = power(np.diag([4.0, 0.0]), -0.5)
    np.testing.assert_allclose(root, np.diag([0.5, 0.0]))


@pytest.mark.parametrize("method", METHODS)
def test_fit_never_sees_a_row_that_is_only_transformed(make_domains, method):
    """Canary: huge rows of a known domain move nobody else."""
    rng = np.random.default_rng(4)
    X, domain = make_domains(rng)
    fitted = AlignDomains(method).fit(X, sample_domain=domain)
    plain = fitted.transform(X, sample_domain=domain)
    canary = np.concatenate([X, np.full((5, 4), 1e9)])
    with_canary = fitted.transform(canary, sample_domain=np.append(domain, [1] * 5))
    np.testing.assert_array_equal(with_canary[: len(X)], plain)


def test_a_new_site_is_recentred_by_its_own_rows_and_a_single_person_refused(
    make_domains,
):
    rng = np.random.default_rng(5)
    X, domain = make_domains(rng)
    fitted = AlignDomains("recentre").fit(
        X[domain > 0], sample_domain=domain[domain > 0]
    )
    Z = fitted.transform(X[domain < 0], sample_domain=domain[domain < 0])
    np.testing.assert_allclose(Z.mean(0), 0, atol=1e-10)
    with pytest.raises(DataError, match="Domain -3 has 1 subject; at least 2"):
        fitted.transform(X[:1], sample_domain=np.array([-3]))


def test_a_misspelt_method_is_named_beside_the_others(make_domains):
    X, domain = make_domains(np.random.default_rng(0))
    misspelt = AlignDomains().set_params(method="recenter")
    with pytest.raises(ConfigError, match="'recenter' is unknown; choose recentre"):
        misspelt.fit(X, sample_domain=domain)


def test_quantiles_undo_any_rising_change_of_a_feature_at_a_site(make_domains):
    X, domain = make_domains(np.random.default_rng(7))
    changed = X.copy()
    changed[domain == -2] = np.exp(3 * X[domain == -2]) + 100
    fitted = [
        AlignDomains("quantile").fit(x, sample_domain=domain) for x in (X, changed)
    ]
    one, other = (
        adapter.transform(x, sample_domain=domain)
        for adapter, x in zip(fitted, (X, changed), strict=True)
    )
    np.testing.assert_allclose(one, other)
    ordered = [np.sort(one[domain == site], axis=0)[:, 0] for site in (1, -2)]
    if len(ordered[0]) == len(ordered[1]):
        np.testing.assert_allclose(*ordered)


def test_a_row_of_a_known_site_takes_its_place_among_the_training_rows():
    X = np.arange(10.0)[:, None]
    domain = np.ones(10, dtype=int)
    fitted = AlignDomains("quantile").fit(X, sample_domain=domain)
    new = np.array([[-9.0], [4.5], [99.0]])
    found = fitted.transform(new, sample_domain=np.ones(3, dtype=int)).ravel()
    np.testing.assert_allclose(found, norm.ppf([0.05, 0.5, 0.95]))


def test_equal_numbers_get_equal_scores():
    X = np.array([[1.0], [1.0], [1.0], [5.0]])
    domain = np.ones(4, dtype=int)
    fitted = AlignDomains("quantile").fit(X, sample_domain=domain)
    found = fitted.transform(X, sample_domain=domain).ravel()
    np.testing.assert_allclose(found, norm.ppf([0.375, 0.375, 0.375, 0.875]))
