"""Mix the outputs of several feature sets, each brought to the same scale before."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.types import FloatArray


class OutputMixture(NamedTuple):
    """A weighted sum of standardised outputs, one per label vector.

    Attributes:
        centre: Mean output of the training people who were left out.
        spread: Standard deviation of the same.
        weights: Of every part.
        intercept: Is added.
    """

    centre: Float[np.ndarray, "n_vectors n_parts"]
    spread: Float[np.ndarray, "n_vectors n_parts"]
    weights: Float[np.ndarray, "n_vectors n_parts"]
    intercept: Float[np.ndarray, " n_vectors"]

    def mix(
        self, outputs: Float[np.ndarray, "n_vectors n n_parts"]
    ) -> Float[np.ndarray, "n_vectors n"]:
        """Mix the outputs of the parts."""
        scaled = (outputs - self.centre[:, None]) / self.spread[:, None]
        mixed = np.einsum("lnk,lk->ln", scaled, self.weights)
        return np.asarray(mixed + self.intercept[:, None])


def stack_parts(
    parts: Sequence[Fitted],
) -> tuple[
    Float[np.ndarray, "n_vectors n n_parts"],
    Float[np.ndarray, "n_vectors n_new n_parts"],
]:
    """Stack the outputs of left-out training people, and of new people, by part."""
    return (
        np.stack([one.out_of_fold for one in parts], axis=-1),
        np.stack([one.outputs for one in parts], axis=-1),
    )


def find_scale(
    held_out: Float[np.ndarray, "n_vectors n n_parts"],
) -> tuple[FloatArray, FloatArray]:
    """Find mean and spread of every part's outputs, `(n_vectors, n_parts)` each."""
    return held_out.mean(1), held_out.std(1) + 1e-12
