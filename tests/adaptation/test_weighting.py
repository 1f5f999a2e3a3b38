"""Weighted source people resemble the target."""

import numpy as np
import pytest
from scipy import stats

from neurograft.adaptation.weighting import (
    count_effective,
    weigh_by_discriminator,
    weigh_by_kernel_means,
)
from neurograft.errors import DataError

WEIGHTS = (weigh_by_discriminator, weigh_by_kernel_means)


def make_shifted(rng, n=400, apart=1.0):
    X = np.concatenate([rng.normal(size=(n, 2)), rng.normal(size=(n, 2))])
    X[n:, 0] += apart
    return X, np.repeat([1, -1], n)


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_weights_are_positive_and_integrate_to_one(weigh):
    X, domain = make_shifted(np.random.default_rng(0))
    weights = weigh(X, domain)
    assert weights.shape == (400,)
    assert (weights >= 0).all()
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_the_weighted_source_has_the_mean_of_the_target(weigh):
    X, domain = make_shifted(np.random.default_rng(1))
    source, target = X[domain > 0], X[domain < 0]
    weights = weigh(X, domain)
    weighted = (source * weights[:, None]).mean(0)
    before = np.abs(source.mean(0) - target.mean(0))[0]
    assert abs(weighted[0] - target[:, 0].mean()) < 0.25 * before
    assert abs(weighted[1] - target[:, 1].mean()) < 0.2


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_equal_populations_keep_nearly_everybody(weigh):
    X, domain = make_shifted(np.random.default_rng(2), apart=0.0)
    assert count_effective(weigh(X, domain)) > 0.85 * 400


def test_the_discriminators_weights_are_the_ratio_of_densities():
    X, domain = make_shifted(np.random.default_rng(3), n=4000)
    truth = stats.norm.pdf(X[domain > 0, 0], 1) / stats.norm.pdf(X[domain > 0, 0], 0)
    found = weigh_by_discriminator(X, domain, C=10)
    assert np.corrcoef(np.minimum(truth, 10), found)[0, 1] > 0.98


def test_there_has_to_be_a_source():
    with pytest.raises(DataError, match="no source"):
        weigh_by_discriminator(np.zeros((4, 1)), np.full(4, -1))
