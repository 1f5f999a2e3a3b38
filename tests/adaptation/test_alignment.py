"""Adapters are theorems: what they promise of domains holds to machine precision."""

import numpy as np
import pytest
from pyriemann.geometry.base import powm
from pyriemann.geometry.distance import distance_riemann
from pyriemann.geometry.mean import gmean
from pyriemann.transfer import TLCenter, TLScale, encode_domains

from neurograft.adaptation.alignment import AlignDomains, find_monge_map, power
from neurograft.adaptation.covariance_alignment import AlignCovariances
from neurograft.errors import DataError

METHODS = ("recentre", "rescale", "coral", "linear-ot")


def make_domains(rng, sizes=(60, 80), n_features=4):
    """Two domains with other means, scales and axes; the second is a target."""
    mixing = rng.normal(size=(n_features, n_features))
    parts = [rng.normal(size=(n, n_features)) for n in sizes]
    parts[1] = 3.0 + 2.0 * parts[1] @ mixing
    domain = np.repeat([1, -2], sizes)
    return np.concatenate(parts), domain


def make_matrices(rng, n, n_channels=4, n_bands=2, scale=1.0):
    root = rng.normal(size=(n, n_bands, n_channels, 3 * n_channels))
    mixing = np.eye(n_channels) + 0.3 * scale * rng.normal(size=(n_channels,) * 2)
    root = mixing @ root
    return root @ np.swapaxes(root, -1, -2) / root.shape[-1]


@pytest.mark.parametrize("method", METHODS)
def test_every_domain_ends_with_mean_zero(method):
    X, domain = make_domains(np.random.default_rng(0))
    aligned = AlignDomains(method).fit(X, sample_domain=domain)
    Z = aligned.transform(X, sample_domain=domain)
    for one in (1, -2):
        np.testing.assert_allclose(Z[domain == one].mean(0), 0, atol=1e-10)


def test_rescaled_domains_lie_at_the_sources_distance_from_their_mean():
    X, domain = make_domains(np.random.default_rng(1))
    Z = AlignDomains("rescale").fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    source = X[domain == 1] - X[domain == 1].mean(0)
    for one in (1, -2):
        spread = (Z[domain == one] ** 2).sum(1).mean()
        assert spread == pytest.approx((source**2).sum(1).mean())


@pytest.mark.parametrize("method", ["coral", "linear-ot"])
def test_covariances_become_those_of_the_source(method):
    """Up to the shrinkage, which fades with many people."""
    X, domain = make_domains(np.random.default_rng(2), sizes=(20_000, 20_000))
    Z = AlignDomains(method).fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    source, target = np.cov(Z[domain == 1].T), np.cov(Z[domain == -2].T)
    np.testing.assert_allclose(target, source, atol=0.03)


def test_the_optimal_map_is_symmetric_and_carries_one_covariance_to_the_other():
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
def test_fit_never_sees_a_row_that_is_only_transformed(method):
    """Canary: huge rows of a known domain move nobody else."""
    rng = np.random.default_rng(4)
    X, domain = make_domains(rng)
    fitted = AlignDomains(method).fit(X, sample_domain=domain)
    plain = fitted.transform(X, sample_domain=domain)
    canary = np.concatenate([X, np.full((5, 4), 1e9)])
    with_canary = fitted.transform(canary, sample_domain=np.append(domain, [1] * 5))
    np.testing.assert_array_equal(with_canary[: len(X)], plain)


def test_a_new_site_is_recentred_by_its_own_rows_and_a_single_person_refused():
    rng = np.random.default_rng(5)
    X, domain = make_domains(rng)
    fitted = AlignDomains("recentre").fit(
        X[domain > 0], sample_domain=domain[domain > 0]
    )
    Z = fitted.transform(X[domain < 0], sample_domain=domain[domain < 0])
    np.testing.assert_allclose(Z.mean(0), 0, atol=1e-10)
    with pytest.raises(DataError, match="Domain -3 has 1 subject; at least 2"):
        fitted.transform(X[:1], sample_domain=np.array([-3]))


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


@pytest.mark.parametrize("mean", ["riemann", "euclid"])
def test_recentred_covariances_have_identity_mean(mean):
    rng = np.random.default_rng(7)
    X = np.concatenate([make_matrices(rng, 12), make_matrices(rng, 9, scale=2.0)])
    domain = np.repeat([1, 2], (12, 9))
    Z = AlignCovariances(mean).fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    for one in (1, 2):
        for band in range(2):
            found = gmean(Z[domain == one, band], metric=mean)
            np.testing.assert_allclose(found, np.eye(4), atol=1e-4)


def test_recentring_undoes_any_mixing_of_channels_up_to_a_rotation():
    """Affine invariance: eigenvalues do not depend on how channels are mixed."""
    rng = np.random.default_rng(8)
    X = make_matrices(rng, 15)
    mixing = np.eye(4) + 0.5 * rng.normal(size=(4, 4))
    mixed = mixing @ X @ mixing.T
    domain = np.ones(15, int)
    plain = AlignCovariances().fit(X, sample_domain=domain)
    other = AlignCovariances().fit(mixed, sample_domain=domain)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(other.transform(mixed, sample_domain=domain)),
        np.linalg.eigvalsh(plain.transform(X, sample_domain=domain)),
        rtol=1e-4,
    )


def test_rescaled_covariances_all_lie_at_one_distance_from_the_identity():
    rng = np.random.default_rng(9)
    X = make_matrices(rng, 40)
    X[20:] = powm(X[20:], 2.0)
    domain = np.repeat([1, -2], 20)
    Z = AlignCovariances(rescale=True).fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    apart = distance_riemann(Z[:, 0], np.eye(4), squared=True)
    assert apart[20:].mean() == pytest.approx(apart[:20].mean(), rel=1e-4)


def test_covariances_are_aligned_as_pyriemann_aligns_them():
    rng = np.random.default_rng(10)
    X = np.concatenate([make_matrices(rng, 10), make_matrices(rng, 8, scale=2.0)])
    domain, y = np.repeat([1, 2], (10, 8)), np.tile([0, 1], 9)
    _, coded = encode_domains(X[:, 0], y, domain.astype(str))
    centred = TLCenter("2").fit_transform(X[:, 0], coded)
    own = AlignCovariances().fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    np.testing.assert_allclose(own[:, 0], centred, atol=1e-5)
    rescaled = AlignCovariances(rescale=True).fit(X, sample_domain=domain)
    theirs = TLScale("2", centered_data=True).fit_transform(centred, coded)
    ours = rescaled.transform(X, sample_domain=domain)[:, 0]
    # They bring the other domain to the target's distance, we both to their mean.
    apart = [distance_riemann(one, np.eye(4), squared=True).mean()
             for one in (theirs[domain == 1], theirs[domain == 2], ours)]  # fmt: skip
    assert apart[0] == pytest.approx(apart[1], rel=1e-3)
    grown = powm(theirs[domain == 1], float(np.sqrt(apart[2] / apart[0])))
    np.testing.assert_allclose(ours[domain == 1], grown, rtol=1e-3, atol=1e-4)


def test_a_singular_covariance_is_refused():
    X = make_matrices(np.random.default_rng(11), 6)
    X[2, 0, 1] = X[2, 0, 0]
    X[2, 0, :, 1] = X[2, 0, :, 0]
    with pytest.raises(DataError, match="1 of 6 covariance matrices are singular"):
        AlignCovariances().fit(X, sample_domain=np.ones(6, int))


def test_balanced_means_keep_the_disease_where_a_site_has_more_patients():
    rng = np.random.default_rng(12)
    y = np.concatenate(
        [np.repeat([0.0, 1.0], (90, 10)), np.repeat([0.0, 1.0], (10, 90))]
    )
    domain = np.repeat([1, 2], 100)
    X = rng.normal(size=(200, 3))
    X[:, 0] += 2 * y
    X += 5.0 * (domain == 2)[:, None]

    def apart(balanced):
        aligner = AlignDomains("recentre", balanced=balanced).fit(
            X, y, sample_domain=domain
        )
        Z = aligner.transform(X, sample_domain=domain)
        return Z[y == 1, 0].mean() - Z[y == 0, 0].mean()

    assert apart(True) == pytest.approx(2, abs=0.4)
    assert apart(False) < 1.0
    with pytest.raises(DataError, match="need the labels"):
        AlignDomains(balanced=True).fit(X, sample_domain=domain)
    with pytest.raises(DataError, match="lacks a group"):
        AlignDomains(balanced=True).fit(X, (domain == 2) * 1.0, sample_domain=domain)
