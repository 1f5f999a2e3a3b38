"""The curve under which the AUROC is the area, for many sets of weights at once."""

import numpy as np
from jaxtyping import Float

from neurograft.statistics.metrics.predictions import Predictions, Weights, divide
from neurograft.types import FloatArray

# False positive rates at which the curve is read. Chosen here: hundredths.
N_STEPS = 100
GRID: FloatArray = np.arange(N_STEPS + 1) / N_STEPS
# A rate that lies above a step of the grid by less than this lies on it.
ROUNDING = 1e-9


def trace_roc(p: Predictions, weights: Weights) -> Float[np.ndarray, "n_resamples 101"]:
    """Return the share of cases found at each false positive rate of `GRID`.

    Every case is placed among the controls of its own fold, for another fold has
    another model: the rate at which it is found is the share of these controls that
    have a larger score (Pepe and Cai 2004), averaged over repeats. A case counts as
    often as it is compared with a control, so that the area under the curve is `auroc`
    up to the grid. A case that ties with controls is found by and by along their part
    of the rate.

    Averaging the places first makes use of all controls that a case meets. A curve of
    every fold is too high at small rates, where a fold has few controls.

    Args:
        p: Predictions of two groups; 1 is the case.
        weights: How often each person counts in each resample.

    Returns:
        NaN where no fold holds both groups.
    """
    cases = np.flatnonzero(p.labels == 1)
    place_of = np.cumsum(p.labels == 1) - 1
    above, tied, met = np.zeros((3, len(weights), len(cases)))
    for scores, folds in zip(p.scores, p.folds, strict=True):
        for fold in np.unique(folds[folds >= 0]):
            rows = np.flatnonzero(folds == fold)
            own, controls = (rows[p.labels[rows] == group] for group in (1, 0))
            place, drawn = place_of[own], weights[:, controls]
            larger = scores[controls, None] > scores[own]
            equal = scores[controls, None] == scores[own]
            above[:, place] += drawn @ larger.astype(float)
            tied[:, place] += drawn @ equal.astype(float)
            met[:, place] += drawn.sum(1, keepdims=True)
    counted = weights[:, cases] * met
    rate, width = (np.nan_to_num(divide(part, met)) for part in (above, tied))
    curve = _accumulate(rate, width, counted)
    whole = np.broadcast_to(counted.sum(1, keepdims=True), curve.shape)
    return np.clip(divide(curve, whole), 0, 1)


def _accumulate(rate: FloatArray, width: FloatArray, counted: FloatArray) -> FloatArray:
    """Sum what is found up to every rate of the grid, `(n_resamples, n_grid)`.

    A case without ties is a step at its rate; one with ties a line that rises from
    there over the width of the tie, which is the difference of two bent lines.
    """
    is_tied = width > 0
    found = _sum_up(rate, np.where(is_tied, 0.0, counted))
    if is_tied.any():
        slope = np.where(is_tied, counted / np.where(is_tied, width, 1.0), 0.0)
        for start, sign in ((rate, 1.0), (rate + width, -1.0)):
            rising, offset = _sum_up(start, slope), _sum_up(start, slope * start)
            found += sign * (GRID * rising - offset)
    return found


def _sum_up(rate: FloatArray, counted: FloatArray) -> FloatArray:
    """Sum the counts of all rates up to each of the grid."""
    n_resamples = len(rate)
    step = np.ceil(rate * N_STEPS - ROUNDING).astype(int)
    place = step + len(GRID) * np.arange(n_resamples)[:, None]
    size = n_resamples * len(GRID)
    sums = np.bincount(place.ravel(), counted.ravel(), minlength=size)
    return np.cumsum(sums.reshape(n_resamples, len(GRID)), axis=1, dtype=float)
