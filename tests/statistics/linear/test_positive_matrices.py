"""Means, tangent vectors and distances are those of pyriemann."""

import numpy as np
import pytest
from pyriemann.geometry.distance import distance_riemann
from pyriemann.geometry.mean import mean_logeuclid, mean_riemann
from pyriemann.geometry.tangentspace import upper
from pyriemann.tangentspace import TangentSpace
from scipy.linalg import expm, fractional_matrix_power, logm

from neurograft.statistics.linear.positive_matrices import (
    average_logarithms,
    find_geometric_mean,
    map_to_tangent,
    measure_distance,
    raise_to_power,
    take_exponential,
    take_logarithm,
    take_upper_triangle,
)


@pytest.fixture
def matrices():
    """Matrices `(7, 3, 5, 5)` whose eigenvalues lie up to a factor of 1e4 apart."""
    rng = np.random.default_rng(0)
    root = rng.normal(size=(7, 3, 5, 5)) * np.logspace(0, 1, 5)
    return root @ np.swapaxes(root, -1, -2) + 0.1 * np.eye(5)


def each_band(function, matrices):
    return np.stack([function(matrices[:, band]) for band in range(3)])


def test_functions_of_a_matrix_are_those_of_scipy(matrices):
    one = matrices[2, 1]
    np.testing.assert_allclose(take_logarithm(matrices)[2, 1], logm(one), atol=1e-10)
    np.testing.assert_allclose(
        take_exponential(-matrices)[2, 1], expm(-one), atol=1e-10
    )
    for exponent in (-0.5, 0.3, 2):
        np.testing.assert_allclose(
            raise_to_power(matrices, exponent)[2, 1],
            fractional_matrix_power(one, exponent),
            rtol=1e-8,
        )


def test_means_are_those_of_pyriemann_band_by_band(matrices):
    np.testing.assert_allclose(
        average_logarithms(matrices), each_band(mean_logeuclid, matrices), rtol=1e-9
    )
    expected = each_band(lambda band: mean_riemann(band, tol=1e-6), matrices)
    np.testing.assert_allclose(find_geometric_mean(matrices), expected, rtol=1e-4)


def test_the_geometric_mean_of_matrices_far_apart_is_where_their_logarithms_cancel():
    """Eigenvalues from 1e-6 to 1e6 on axes that nearly every matrix turns."""
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(6, 4, 4)))[0]
    values = 10 ** rng.uniform(-6, 6, size=(6, 1, 4))
    matrices = (axes * values) @ np.swapaxes(axes, -1, -2)
    left = map_to_tangent(matrices, find_geometric_mean(matrices)).mean(0)
    np.testing.assert_allclose(left, 0, atol=1e-6)


def test_tangent_vectors_are_those_of_pyriemann(matrices):
    reference = average_logarithms(matrices)
    found = take_upper_triangle(map_to_tangent(matrices, reference))
    metric = {"mean": "logeuclid", "map": "riemann"}
    for band in range(3):
        expected = TangentSpace(metric=metric).fit_transform(matrices[:, band])
        np.testing.assert_allclose(found[:, band], expected, atol=1e-8)
    np.testing.assert_allclose(take_upper_triangle(matrices), upper(matrices))


def test_distances_are_those_of_pyriemann_and_the_length_of_the_logarithm(matrices):
    reference = matrices[0]
    found = measure_distance(matrices, reference)
    assert found.shape == (7, 3)
    np.testing.assert_allclose(found[0], 0, atol=1e-6)
    for band in range(3):
        expected = distance_riemann(matrices[:, band], reference[band])
        np.testing.assert_allclose(found[:, band], expected, rtol=1e-6, atol=1e-6)
    lengths = np.linalg.norm(map_to_tangent(matrices, reference), axis=(-2, -1))
    np.testing.assert_allclose(found, lengths, rtol=1e-6, atol=1e-6)
