"""Aligned covariances have the identity as their mean, whatever mixed the channels."""

import numpy as np
import pytest
from pyriemann.geometry.base import powm
from pyriemann.geometry.distance import distance_riemann
from pyriemann.geometry.mean import gmean
from pyriemann.transfer import TLCenter, TLScale, encode_domains

from neurograft.adaptation.covariance_alignment import AlignCovariances
from neurograft.errors import DataError


@pytest.mark.parametrize("mean", ["riemann", "euclid"])
def test_recentred_covariances_have_identity_mean(make_matrices, mean):
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


def test_recentring_undoes_any_mixing_of_channels_up_to_a_rotation(make_matrices):
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


def test_rescaled_covariances_all_lie_at_one_distance_from_the_identity(make_matrices):
    rng = np.random.default_rng(9)
    X = make_matrices(rng, 40)
    X[20:] = powm(X[20:], 2.0)
    domain = np.repeat([1, -2], 20)
    Z = AlignCovariances(rescale=True).fit(X, sample_domain=domain).transform(
        X, sample_domain=domain
    )  # fmt: skip
    apart = distance_riemann(Z[:, 0], np.eye(4), squared=True)
    assert apart[20:].mean() == pytest.approx(apart[:20].mean(), rel=1e-4)


def test_covariances_are_aligned_as_pyriemann_aligns_them(make_matrices):
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


def test_a_singular_covariance_is_refused(make_matrices):
    X = make_matrices(np.random.default_rng(11), 6)
    X[2, 0, 1] = X[2, 0, 0]
    X[2, 0, :, 1] = X[2, 0, :, 0]
    with pytest.raises(DataError, match="1 of 6 covariance matrices are singular"):
        AlignCovariances().fit(X, sample_domain=np.ones(6, int))
