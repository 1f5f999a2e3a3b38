"""Compute with symmetric positive definite matrices, such as covariances.

Whole stacks of matrices go through one call, since a fold has thousands of small ones.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from neurograft.types import FloatArray

# When the iterated mean stops: the length of its last step, relative to the root of the
# number of channels; and after how many steps it stops in any case. Both chosen here: a
# step of 1e-9 is beyond what any feature shows, and real covariances need about ten.
TOLERANCE, MOST_STEPS = 1e-9, 100


def take_logarithm(
    matrices: Float[np.ndarray, "*many n n"],
) -> Float[np.ndarray, "*many n n"]:
    """Return the matrix logarithm of positive definite matrices."""
    return _map_eigenvalues(matrices, np.log)


def take_exponential(
    matrices: Float[np.ndarray, "*many n n"],
) -> Float[np.ndarray, "*many n n"]:
    """Return the matrix exponential of symmetric matrices."""
    return _map_eigenvalues(matrices, np.exp)


def raise_to_power(
    matrices: Float[np.ndarray, "*many n n"], exponent: float
) -> Float[np.ndarray, "*many n n"]:
    """Raise positive definite matrices to a power."""
    return _map_eigenvalues(matrices, lambda values: values**exponent)


def _map_eigenvalues(
    matrices: FloatArray, change: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Change the eigenvalues of symmetric matrices, and keep their axes."""
    values, vectors = np.linalg.eigh(matrices)
    scaled = vectors * change(values)[..., None, :]
    return np.asarray(scaled @ np.swapaxes(vectors, -1, -2))


def average_logarithms(
    matrices: Float[np.ndarray, "n_matrices *many n n"],
) -> Float[np.ndarray, "*many n n"]:
    """Return the log-Euclidean mean over the first axis (Arsigny 2007)."""
    return take_exponential(take_logarithm(matrices).mean(0))


def find_geometric_mean(
    matrices: Float[np.ndarray, "n_matrices *many n n"],
) -> Float[np.ndarray, "*many n n"]:
    """Return the affine-invariant mean over the first axis.

    Source: Karcher's fixed point (Moakher 2005): from the log-Euclidean mean, go along
    the mean of the tangent vectors until it vanishes. A step after which that mean is
    longer than before is halved from then on.
    """
    mean = average_logarithms(matrices)
    step = np.ones((*mean.shape[:-2], 1, 1))
    before = np.full(step.shape, np.inf)
    for _ in range(MOST_STEPS):
        root = raise_to_power(mean, 0.5)
        direction = map_to_tangent(matrices, mean).mean(0)
        length = np.linalg.norm(direction, axis=(-2, -1), keepdims=True)
        if (length <= TOLERANCE * np.sqrt(mean.shape[-1])).all():
            break
        step = np.where(length > before, step / 2, step)
        before = length
        mean = root @ take_exponential(step * direction) @ root
    return mean


def map_to_tangent(
    matrices: Float[np.ndarray, "n_matrices *many n n"],
    reference: Float[np.ndarray, "*many n n"],
) -> Float[np.ndarray, "n_matrices *many n n"]:
    """Return the logarithm of matrices as seen from a reference.

    Source: Barachant 2012, eq. 6: `log(R^(-1/2) C R^(-1/2))`.
    """
    root = raise_to_power(reference, -0.5)
    return take_logarithm(root @ matrices @ root)


def take_upper_triangle(
    matrices: Float[np.ndarray, "*many n n"],
) -> Float[np.ndarray, "*many n_vector"]:
    """Return the upper triangles of symmetric matrices as vectors of the same length.

    Entries off the diagonal, which stand for two, count the root of 2.
    """
    rows, columns = np.triu_indices(matrices.shape[-1])
    weights = np.where(rows == columns, 1.0, np.sqrt(2.0))
    return np.asarray(matrices[..., rows, columns] * weights)


def measure_distance(
    a: Float[np.ndarray, "*many n n"], b: Float[np.ndarray, "*or_one n n"]
) -> Float[np.ndarray, " *many"]:
    """Return the affine-invariant distance of positive definite matrices.

    Source: Foerstner 2003: the root of the summed squared logarithms of the eigenvalues
    of `a` as seen from `b`.
    """
    root = raise_to_power(b, -0.5)
    values = np.linalg.eigvalsh(root @ a @ root)
    return np.asarray(np.sqrt((np.log(values) ** 2).sum(-1)))
