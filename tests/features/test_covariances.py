"""Covariances live on the subspace of the average reference; tangent vectors follow."""

import numpy as np
import pytest

from neurograft.features.band_power import average_reference_basis
from neurograft.features.covariances import (
    RIEMANN_EDGES,
    SHRINKAGE,
    EmbeddingCovariance,
    FilterBankTangent,
    describe_covariance,
    shrink,
)


@pytest.fixture
def covariances():
    root = np.random.default_rng(0).normal(size=(12, 3, 4, 20))
    return root @ np.swapaxes(root, -1, -2) / 20


def test_shrinking_keeps_the_trace_and_the_axes_and_bounds_the_eigenvalues(covariances):
    shrunk = shrink(covariances, 0.1)
    before, after = (np.linalg.eigvalsh(c) for c in (covariances, shrunk))
    np.testing.assert_allclose(after.sum(-1), before.sum(-1))
    mean = before.mean(-1, keepdims=True)
    np.testing.assert_allclose(after, 0.9 * before + 0.1 * mean)
    assert (after >= 0.1 * mean - 1e-12).all()
    np.testing.assert_array_equal(shrink(covariances, 0.0), covariances)


def test_covariances_do_not_depend_on_the_reference(make_noise, make_facts):
    windows = make_noise()
    described = describe_covariance(windows, make_facts())
    assert described.shape == (len(RIEMANN_EDGES) - 1, 5, 5)
    referenced = windows - windows[:, 2:3]
    np.testing.assert_allclose(
        describe_covariance(referenced, make_facts()), described, rtol=1e-8, atol=1e-9
    )
    smallest = np.linalg.eigvalsh(described)[:, 0]
    assert (smallest > 0.9 * SHRINKAGE * np.trace(described.T) / 5).all()


def test_the_basis_spans_what_sums_to_zero():
    basis = average_reference_basis(7)
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-12)
    np.testing.assert_allclose(basis.sum(0), 0, atol=1e-12)


def test_tangent_vectors_are_centred_and_as_far_apart_as_the_matrices(covariances):
    """At the log-Euclidean mean of commuting matrices, distances are exact."""
    diagonal = np.exp(np.random.default_rng(1).normal(size=(12, 1, 4)))
    matrices = diagonal[..., None] * np.eye(4)
    vectors = FilterBankTangent().fit(matrices).transform(matrices)
    np.testing.assert_allclose(vectors.mean(0), 0, atol=1e-9)
    expected = np.linalg.norm(np.log(diagonal[0, 0]) - np.log(diagonal[1, 0]))
    assert np.linalg.norm(vectors[0] - vectors[1]) == pytest.approx(expected)
    several = FilterBankTangent().fit(covariances).transform(covariances)
    assert several.shape == (12, 3 * 10)


def test_bands_are_mapped_one_by_one(covariances):
    together = FilterBankTangent().fit(covariances).transform(covariances)
    alone = FilterBankTangent().fit(covariances[:, 1:2]).transform(covariances[:, 1:2])
    np.testing.assert_allclose(together[:, 10:20], alone)


def test_the_covariance_of_embeddings_ignores_their_mean_and_order():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(10, 40, 8)) * np.linspace(3, 1, 8)
    fitted = EmbeddingCovariance(n_directions=3).fit(X)
    vectors = fitted.transform(X)
    assert vectors.shape == (10, 6)
    np.testing.assert_allclose(fitted.transform(X[:, ::-1] + 5.0), vectors, atol=1e-9)


def test_people_whose_embeddings_vary_alike_get_nearby_vectors():
    rng = np.random.default_rng(3)
    spread = np.repeat([1.0, 3.0], 8)[:, None, None]
    X = rng.normal(size=(16, 200, 4))
    X[..., :1] *= spread
    vectors = EmbeddingCovariance(n_directions=4).fit(X).transform(X)
    centres = vectors[:8].mean(0), vectors[8:].mean(0)
    within = np.linalg.norm(vectors[:8] - centres[0], axis=1).max()
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * within
