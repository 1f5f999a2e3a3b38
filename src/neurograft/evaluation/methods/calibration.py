"""Turn outputs into log odds or numbers, by training people left out of learning."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.statistics.linear.solvers import solve_logistic
from neurograft.types import FloatArray

# Smallest slope of the log odds, per standard deviation of the outputs. Chosen here: a
# few people left out may be ordered worse than chance, and the order must not turn.
MIN_SLOPE = 0.1
# Chosen here: next to nothing, as the targets are kept from 0 and 1 already.
PENALTY = np.array([1e-3])


class OutputLine(NamedTuple):
    """A rising line from outputs of any scale to log odds or numbers.

    Attributes:
        centre: Mean output of the training people who were left out, one per label
            vector.
        spread: What outputs are divided by.
        slope: Of the line.
        intercept: Value at the centre.
    """

    centre: Float[np.ndarray, "n_labels 1"]
    spread: Float[np.ndarray, "n_labels 1"]
    slope: Float[np.ndarray, "n_labels 1"]
    intercept: Float[np.ndarray, "n_labels 1"]

    def move(self, fitted: Fitted) -> Fitted:
        """Move outputs, those of training people and those of new people."""
        return Fitted(*map(self._move, fitted))

    def _move(self, outputs: FloatArray) -> FloatArray:
        scaled = (outputs - self.centre) / self.spread
        return np.asarray(scaled * self.slope + self.intercept)


def fit_sigmoid(
    outputs: Float[np.ndarray, "n_labels n"],
    labels: Float[np.ndarray, "n_labels n"],
    sample_weight: FloatArray | None = None,
) -> OutputLine:
    """Fit a sigmoid to the outputs of people who were left out (Platt 1999).

    The line gives log odds; the order of people does not change.

    Args:
        outputs: Of any scale.
        labels: 0 or 1.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.
    """
    n_cases = labels.sum(1, keepdims=True)
    n_controls = labels.shape[1] - n_cases
    targets = np.where(labels > 0, (n_cases + 1) / (n_cases + 2), 1 / (n_controls + 2))
    centre = outputs.mean(1, keepdims=True)
    spread = outputs.std(1, keepdims=True) + 1e-12
    scaled = (outputs - centre) / spread
    weights = solve_logistic(scaled[..., None], targets, PENALTY, sample_weight)[0]
    return OutputLine(
        centre, spread, np.maximum(weights[:, :1], MIN_SLOPE), weights[:, 1:]
    )


def fit_line(
    outputs: Float[np.ndarray, "n_labels n"], numbers: Float[np.ndarray, "n_labels n"]
) -> OutputLine:
    """Fit a line from the outputs of people who were left out to numbers.

    It gives the same for everybody if outputs do not rise with the numbers.
    """
    centre = outputs.mean(1, keepdims=True)
    mean = numbers.mean(1, keepdims=True)
    along = ((outputs - centre) * (numbers - mean)).mean(1, keepdims=True)
    variance = outputs.var(1, keepdims=True) + 1e-12
    return OutputLine(
        centre, np.ones_like(centre), np.maximum(along / variance, 0), mean
    )
