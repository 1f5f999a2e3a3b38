"""Fit many linear models at once: every penalty and every label vector in one solve.

A nested, repeated, permuted evaluation fits the same small design to thousands of label
vectors. Solving them as one batch is what makes an exact permutation test of the whole
pipeline affordable.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float
from scipy.special import expit

from neurograft.statistics.folds import inner_folds
from neurograft.types import FloatArray, IntArray

# Newton steps at most. Chosen here: convergence takes about ten; the rest is reserve.
MAX_NEWTON_STEPS = 40
# A fit ends when a step gains less than this share of the objective. Chosen here: the
# weights then agree with scikit-learn's to three digits or more, as the tests check.
TOLERANCE = 1e-8
# Smallest curvature of a row. Chosen here: keeps Newton's equations solvable where the
# model is certain of every row.
MIN_CURVATURE = 1e-9
# Penalty on the intercept. Chosen here: next to nothing, but the intercept of a fold
# with a single class stays finite.
INTERCEPT_PENALTY = 1e-6
# Halvings of a step that makes things worse. Chosen here: 2^-12 of a step is no step.
N_HALVINGS = 12
# Products of columns are made once for all models, but not for fewer models than a
# fourth of the rows. Measured: there each model's own product of matrices is as fast.
FEW_MODELS = 4
# Takes designs (n, d) or (n_labels, n, d), label vectors (n_labels, n), penalties, and
# weights of rows that broadcast with the labels, or None; returns weights, intercept
# last, (n_penalties, n_labels, d + 1).
Solver: TypeAlias = Callable[
    [FloatArray, FloatArray, FloatArray, FloatArray | None], FloatArray
]


def solve_logistic(
    X: FloatArray,
    Y: Float[np.ndarray, "n_labels n"],
    penalties: Float[np.ndarray, " n_penalties"],
    sample_weight: FloatArray | None = None,
) -> Float[np.ndarray, "n_penalties n_labels d1"]:
    """Fit L2-penalised logistic regressions by damped Newton steps.

    Source: Hastie 2009, 4.4.1. Minimises `sum log loss + penalty / 2 * |w|^2`, the
    objective of scikit-learn with `C = 1 / penalty`; the intercept is (all but) free.

    Args:
        X: Design, shared `(n, d)` or one per label vector `(n_labels, n, d)`.
        Y: Labels, 0 or 1.
        penalties: Penalties, positive.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.

    Returns:
        Weights, the intercept last.
    """
    design = _with_intercept(X)
    n_labels, d = len(Y), design.shape[-1]
    counted = np.ones(Y.shape) if sample_weight is None else sample_weight
    counted = np.broadcast_to(counted, Y.shape)
    labels = np.tile(np.arange(n_labels), len(penalties))
    ridge = np.repeat(np.repeat(penalties, n_labels)[:, None], d, axis=1)
    ridge[:, -1] = INTERCEPT_PENALTY
    weights = np.zeros((len(labels), d))
    margins = np.zeros((len(labels), Y.shape[1]))
    objective = np.full(len(labels), np.inf)
    active = np.arange(len(labels))
    for _ in range(MAX_NEWTON_STEPS):
        rows = labels[active]
        designs = design if design.ndim == 2 else design[rows]
        problem = _Logistic(designs, Y[rows], counted[rows], ridge[active])
        before = problem.objective(weights[active], margins[active])
        weights[active], margins[active], objective[active] = problem.step(
            weights[active], margins[active], before
        )
        gained = before - objective[active]
        active = active[gained > TOLERANCE * (1 + np.abs(objective[active]))]
        if not active.size:
            break
    return weights.reshape(len(penalties), n_labels, d)


@dataclass(frozen=True)
class _Logistic:
    """Penalised logistic objectives, one per row of labels.

    Designs are shared `(n, d)` or one per row `(n_rows, n, d)`, intercept included.
    """

    design: FloatArray
    labels: FloatArray
    counted: FloatArray
    ridge: FloatArray

    def objective(
        self,
        weights: FloatArray,
        margins: FloatArray,
        rows: IntArray | slice = slice(None),
    ) -> FloatArray:
        """Return the objectives of all rows, or of some of them."""
        loss = (self.counted[rows] * log_loss(self.labels[rows], margins)).sum(-1)
        return np.asarray(loss + 0.5 * (self.ridge[rows] * weights**2).sum(-1))

    def step(
        self, weights: FloatArray, margins: FloatArray, before: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Take a Newton step, halved where it would make things worse.

        Returns:
            New weights, margins and objectives.
        """
        direction = self._newton_direction(weights, margins)
        moved = _margins(self.design, direction)
        size = np.ones((len(weights), 1))
        after = self.objective(weights - direction, margins - moved)
        worse = np.flatnonzero(after > before)
        for _ in range(N_HALVINGS):
            if not worse.size:
                break
            size[worse] /= 2
            after[worse] = self.objective(
                weights[worse] - size[worse] * direction[worse],
                margins[worse] - size[worse] * moved[worse],
                worse,
            )
            worse = worse[after[worse] > before[worse]]
        size[worse], after[worse] = 0, before[worse]
        return weights - size * direction, margins - size * moved, after

    def _newton_direction(self, weights: FloatArray, margins: FloatArray) -> FloatArray:
        """Return the solution of Newton's equations: inverse Hessian times gradient."""
        p = expit(margins)
        curvature = self.counted * np.maximum(p * (1 - p), MIN_CURVATURE)
        residual = self.counted * (p - self.labels)
        n, d = self.design.shape[-2:]
        if self.design.ndim == 2 and len(weights) > n / FEW_MODELS:
            products = (self.design[:, :, None] * self.design[:, None, :]).reshape(
                n, -1
            )
            gradient = residual @ self.design
            hessian = (curvature @ products).reshape(-1, d, d)
        else:
            transposed = np.swapaxes(self.design, -1, -2)
            gradient = (transposed @ residual[..., None])[..., 0]
            hessian = (transposed * curvature[:, None, :]) @ self.design
        diagonal = np.arange(hessian.shape[-1])
        hessian[:, diagonal, diagonal] += self.ridge
        gradient = gradient + self.ridge * weights
        return np.asarray(np.linalg.solve(hessian, gradient[..., None])[..., 0])


def _with_intercept(X: FloatArray) -> FloatArray:
    """Append a column of ones."""
    return np.concatenate([X, np.ones((*X.shape[:-1], 1))], axis=-1)


def _margins(design: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the linear predictors of every row of weights."""
    if design.ndim == 2:
        return np.asarray(weights @ design.T)
    return np.asarray((design @ weights[..., None])[..., 0])


def solve_ridge(
    X: FloatArray,
    Y: Float[np.ndarray, "n_labels n"],
    penalties: Float[np.ndarray, " n_penalties"],
    sample_weight: FloatArray | None = None,
) -> Float[np.ndarray, "n_penalties n_labels d1"]:
    """Fit ridge regressions with a free intercept, by one SVD (Hastie 2009, eq. 3.47).

    Args:
        X: Design, shared `(n, d)` or one per label vector `(n_labels, n, d)`.
        Y: Numbers.
        penalties: Penalties, positive.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.

    Returns:
        Weights, the intercept last.
    """
    n = Y.shape[1]
    counted = np.ones(n) if sample_weight is None else sample_weight
    share = counted / counted.sum(-1, keepdims=True)
    x_mean = (share[..., None, :] @ X)[..., 0, :]
    y_mean = (share * Y).sum(-1)
    root = np.sqrt(counted)
    u, s, vt = np.linalg.svd(
        root[..., None] * (X - x_mean[..., None, :]), full_matrices=False
    )
    centred = root * (Y - y_mean[:, None])
    rotated = (np.swapaxes(u, -1, -2) @ centred[..., None])[..., 0]
    shrink = s / (s**2 + penalties[:, None, None])
    weights = (np.swapaxes(vt, -1, -2) @ (shrink * rotated)[..., None])[..., 0]
    intercept = y_mean - (weights * x_mean).sum(-1)
    return np.concatenate([weights, intercept[..., None]], axis=-1)


@dataclass(frozen=True)
class Fit:
    """Models chosen by inner folds, a model per label vector.

    Attributes:
        weights: Intercept last, shape `(n_labels, d + 1)`.
        penalty: The penalty chosen, shape `(n_labels,)`.
        out_of_fold: Linear predictor of every training row by models that did not see
            it, at the chosen penalty, shape `(n_labels, n)`.
    """

    weights: FloatArray
    penalty: FloatArray
    out_of_fold: FloatArray

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the linear predictors `(n_labels, n_new)` of new rows `(n_new, d)`."""
        return _margins(_with_intercept(X), self.weights)


def log_loss(Y: FloatArray, margins: FloatArray) -> FloatArray:
    """Return the logistic loss of every row.

    Labels are 0 or 1; both arrays have a shape `(..., n)`. The formula is spelled out,
    which is faster than `logaddexp`; errors are of the size of 1e-16.
    """
    softplus = np.log(1 + np.exp(-np.abs(margins))) + np.maximum(margins, 0)
    return np.asarray(softplus - Y * margins)


def squared_loss(Y: FloatArray, predicted: FloatArray) -> FloatArray:
    """Return the squared error of every row; both arrays have a shape `(..., n)`."""
    return np.asarray((Y - predicted) ** 2)


class Family(NamedTuple):
    """Solver of a kind of linear model, its loss by row, and the penalties tried."""

    solve: Solver
    loss: Callable[[FloatArray, FloatArray], FloatArray]
    penalties: FloatArray


# Penalties of logistic regression that are tried. Chosen here: powers of ten, from weak
# to so strong that hardly more than the intercept is left.
LOGISTIC = Family(solve_logistic, log_loss, np.logspace(0, 5, 6))
# Penalties of ridge regression that are tried. Chosen here, in the same way.
RIDGE = Family(solve_ridge, squared_loss, np.logspace(-1, 6, 8))


def fit_tuned(
    X: FloatArray,
    Y: FloatArray,
    family: Family,
    *,
    n_inner: int,
    seed: int,
    groups: IntArray | None = None,
    sample_weight: FloatArray | None = None,
) -> Fit:
    """Choose each label vector's penalty on inner folds and fit it on all rows.

    Args:
        X: Rows are subjects, shape `(n, d)`.
        Y: Label vectors, shape `(n_labels, n)`.
        family: Logistic for labels 0 and 1, ridge for numbers.
        n_inner: Inner folds.
        seed: Decides the inner folds.
        groups: Group of every row `(n,)`, whose rows stay together; None, every row by
            itself.
        sample_weight: How much rows count, also in the choice; `(n,)` or
            `(n_labels, n)`; None, all 1.
    """
    solve, loss, penalties = family
    groups = np.arange(len(X)) if groups is None else groups
    folds = inner_folds(groups, n_inner=n_inner, seed=seed)
    predict = _predict_together if len(Y) == 1 else _predict_one_by_one
    held_out = predict(X, Y, family, folds, sample_weight)
    losses = loss(Y, held_out)
    if sample_weight is not None:
        losses = losses * sample_weight
    chosen = losses.mean(-1).argmin(0)
    final = np.empty((len(Y), X.shape[1] + 1))
    for choice in np.unique(chosen):
        rows = chosen == choice
        counted = sample_weight
        if counted is not None and counted.ndim > 1:
            counted = counted[rows]
        final[rows] = solve(X, Y[rows], penalties[[choice]], counted)[0]
    return Fit(final, penalties[chosen], held_out[chosen, np.arange(len(Y))])


def _predict_one_by_one(
    X: FloatArray,
    Y: FloatArray,
    family: Family,
    folds: Sequence[IntArray],
    sample_weight: FloatArray | None,
) -> Float[np.ndarray, "n_penalties n_labels n"]:
    """Predict every row by models that did not see it, a fold after the other.

    Many label vectors fill a solve; folds share nothing more.

    Args:
        X: Design, shape `(n, d)`.
        Y: Label vectors, shape `(n_labels, n)`.
        family: Solver and penalties.
        folds: Test rows of every fold.
        sample_weight: How much rows count, `(n,)` or `(n_labels, n)`; None, all 1.
    """
    held_out = np.empty((len(family.penalties), *Y.shape))
    for test in folds:
        train = np.delete(np.arange(len(X)), test)
        counted = None if sample_weight is None else sample_weight[..., train]
        weights = family.solve(X[train], Y[:, train], family.penalties, counted)
        held_out[..., test] = _margins(_with_intercept(X[test]), weights)
    return held_out


def _predict_together(
    X: FloatArray,
    Y: Float[np.ndarray, "1 n"],
    family: Family,
    folds: Sequence[IntArray],
    sample_weight: FloatArray | None,
) -> Float[np.ndarray, "n_penalties 1 n"]:
    """Predict every row by models that did not see it, all folds in one solve.

    Rows of a fold's test do not count in that fold: the same models, in a fifth of the
    calls. Arguments as in `_predict_one_by_one`, but for a single label vector.
    """
    counted = np.ones((len(folds), len(X)))
    fold_of = np.empty(len(X), dtype=int)
    for number, test in enumerate(folds):
        counted[number, test] = 0
        fold_of[test] = number
    if sample_weight is not None:
        counted *= sample_weight
    labels = np.repeat(Y, len(folds), axis=0)
    weights = family.solve(X, labels, family.penalties, counted)
    margins = _margins(_with_intercept(X), weights)
    return np.asarray(margins[:, fold_of, np.arange(len(X))][:, None])
