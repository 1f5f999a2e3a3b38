"""Regression across sites that learns how far to re-centre."""

import numpy as np
import pytest

from neurograft.adaptation.geodesic_regression import GeodesicRegression, fit_ridge
from neurograft.errors import DataError


def make_sites(rng, means, n=60, n_channels=4):
    """Covariances whose log-power of one source follows the label, mixed by site."""
    X, y, domain = [], [], []
    base = np.linalg.qr(rng.normal(size=(n_channels, n_channels)))[0]
    for site, mean in enumerate(means, 1):
        label = rng.normal(mean, 8, n)
        mixing = base + 0.3 * rng.normal(size=(n_channels, n_channels))
        power = np.exp(0.2 * rng.normal(size=(n, n_channels)))
        power[:, 0] = np.exp((label - 50) / 20)
        X.append(np.einsum("ck,nk,dk->ncd", mixing, power, mixing))
        y.append(label)
        domain += [site] * n
    return np.concatenate(X)[:, None], np.concatenate(y), np.array(domain)


def test_a_site_with_another_mean_age_is_predicted_with_its_mean_known():
    """Re-centring wholly would set every site to the same mean: GOPSA must not."""
    rng = np.random.default_rng(0)
    X, y, domain = make_sites(rng, means=[40, 50, 60, 70])
    train, test = domain <= 3, domain == 4
    model = GeodesicRegression().fit(X[train], y[train], sample_domain=domain[train])
    predicted = model.predict(X[test], target_mean=float(y[test].mean()))
    assert np.abs(predicted - y[test]).mean() < 6.5  # a constant has about 6.4
    assert np.corrcoef(predicted, y[test])[0, 1] > 0.6
    assert set(model.shares_) == {1, 2, 3}
    assert 0 <= model.target_share_ <= 1


def test_leave_one_out_errors_are_those_of_leaving_one_out():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    _, _, error = fit_ridge(X, y, 1e-9)
    expected = []
    for i in range(20):
        keep = np.arange(20) != i
        design = np.column_stack([np.ones(19), X[keep]])
        w = np.linalg.lstsq(design, y[keep], rcond=None)[0]
        expected.append((y[i] - w[0] - X[i] @ w[1:]) ** 2)
    assert error == pytest.approx(np.mean(expected), rel=1e-3)


def test_a_target_needs_its_mean_and_fitting_needs_sources():
    rng = np.random.default_rng(2)
    X, y, domain = make_sites(rng, means=[40, 60], n=20)
    model = GeodesicRegression().fit(X, y, sample_domain=domain)
    with pytest.raises(DataError, match="needs the mean label"):
        model.predict(X[:5], target_mean=float("nan"))
    with pytest.raises(DataError, match="source people only"):
        GeodesicRegression().fit(X, y, sample_domain=np.where(domain == 1, 1, -2))
