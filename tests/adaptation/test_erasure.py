"""Erased domains cannot be told apart by any linear model."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from neurograft.adaptation.erasure import EraseDomains, fit_eraser


def test_erasure_leaves_nothing_linearly_decodable(make_people):
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
