"""Turn outputs into log odds or numbers, by training people left out of learning."""

import numpy as np

from neurograft.evaluation.methods.adapter_choice import Fitted
from neurograft.statistics.linear_solvers import solve_logistic
from neurograft.types import FloatArray

# Smallest slope of the log odds, per standard deviation of the outputs. Chosen here: a
# few people left out may be ordered worse than chance, and the order must not turn.
MIN_SLOPE = 0.1
# Chosen here: next to nothing, as the targets are kept from 0 and 1 already.
PENALTY = np.array([1e-3])


def calibrate(
    fitted: Fitted, labels: FloatArray, sample_weight: FloatArray | None = None
) -> Fitted:
    """Fit a sigmoid to the outputs of training people who were left out (Platt 1999).

    The order of people does not change.

    Args:
        fitted: Outputs of any scale.
        labels: 0 or 1, `(n_labels, n)`.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.

    Returns:
        Log odds.
    """
    n_cases = labels.sum(1, keepdims=True)
    n_controls = labels.shape[1] - n_cases
    targets = np.where(labels > 0, (n_cases + 1) / (n_cases + 2), 1 / (n_controls + 2))
    centre = fitted.out_of_fold.mean(1, keepdims=True)
    spread = fitted.out_of_fold.std(1, keepdims=True) + 1e-12
    scaled = (fitted.out_of_fold - centre) / spread
    weights = solve_logistic(scaled[..., None], targets, PENALTY, sample_weight)[0]
    slope, intercept = np.maximum(weights[:, :1], MIN_SLOPE), weights[:, 1:]
    return Fitted(
        scaled * slope + intercept,
        (fitted.outputs - centre) / spread * slope + intercept,
    )


def rescale(fitted: Fitted, numbers: FloatArray) -> Fitted:
    """Fit a line from the outputs of training people who were left out to numbers.

    Args:
        fitted: Outputs of any scale.
        numbers: Of the training people, `(n_labels, n)`.

    Returns:
        Predicted numbers; all alike if outputs do not rise with the numbers.
    """
    centre = fitted.out_of_fold.mean(1, keepdims=True)
    mean = numbers.mean(1, keepdims=True)
    along = ((fitted.out_of_fold - centre) * (numbers - mean)).mean(1, keepdims=True)
    variance = fitted.out_of_fold.var(1, keepdims=True) + 1e-12
    slope = np.maximum(along / variance, 0)
    return Fitted(
        mean + slope * (fitted.out_of_fold - centre),
        mean + slope * (fitted.outputs - centre),
    )
