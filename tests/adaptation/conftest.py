"""People of several domains."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def make_people():
    """Features of people at two sites, with age, sex, a disease and site effects."""

    def make(rng, n=200):
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

    return make


@pytest.fixture(scope="session")
def make_domains():
    """Two domains with other means, scales and axes; the second is a target."""

    def make(rng, sizes=(60, 80), n_features=4):
        mixing = rng.normal(size=(n_features, n_features))
        parts = [rng.normal(size=(n, n_features)) for n in sizes]
        parts[1] = 3.0 + 2.0 * parts[1] @ mixing
        domain = np.repeat([1, -2], sizes)
        return np.concatenate(parts), domain

    return make


@pytest.fixture(scope="session")
def make_matrices():
    """Covariance matrices of several bands, whose channels are mixed alike."""

    def make(rng, n, n_channels=4, n_bands=2, scale=1.0):
        root = rng.normal(size=(n, n_bands, n_channels, 3 * n_channels))
        mixing = np.eye(n_channels) + 0.3 * scale * rng.normal(size=(n_channels,) * 2)
        root = mixing @ root
        return root @ np.swapaxes(root, -1, -2) / root.shape[-1]

    return make
