"""Learners besides the linear probes, fitted one label vector at a time.

All are scikit-learn estimators with small grids that inner folds by person decide.
"""

import warnings
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.svm import SVC, SVR

from neurograft.types import FloatArray, IntArray

Splits = list[tuple[IntArray, IntArray]]
# Trees while settings are chosen, and in the forest that is kept (Engemann 2022: 1000).
SEARCH_TREES, FINAL_TREES = 100, 500


def make_learner(
    name: str, *, is_classification: bool, seed: int
) -> tuple[Any, dict[str, Any]]:
    """Return an estimator and the grid of its settings.

    Args:
        name: `svm`, `kernel`, `boosting` or `forest`.
        is_classification: Whether it tells groups apart.
        seed: Of what is random in it.

    Returns:
        Estimator and grid. SVM with a linear kernel and with an RBF kernel (`kernel`;
        for numbers kernel ridge), gradient boosting of shallow trees, random forest.
    """
    costs = [0.001, 0.01, 0.1, 1.0]
    if name == "svm":
        machine = SVC(kernel="linear", class_weight="balanced")
        return (machine if is_classification else SVR(kernel="linear")), {"C": costs}
    widths = [0.1, 1.0, 10.0]
    if name == "kernel" and is_classification:
        machine = SVC(kernel="rbf", class_weight="balanced")
        return machine, {"C": [0.1, 1.0, 10.0], "gamma": widths}
    if name == "kernel":
        return KernelRidge(kernel="rbf"), {"alpha": [0.01, 0.1, 1.0], "gamma": widths}
    if name == "boosting":
        boost = (
            HistGradientBoostingClassifier
            if is_classification
            else HistGradientBoostingRegressor
        )
        shallow = boost(max_depth=3, min_samples_leaf=5, max_iter=60, random_state=seed)
        return shallow, {"learning_rate": [0.03, 0.1]}
    forest = RandomForestClassifier if is_classification else RandomForestRegressor
    grid = {"max_features": ["sqrt", 0.3], "min_samples_leaf": [1, 3]}
    return forest(n_estimators=SEARCH_TREES, random_state=seed), grid


def predict_with(
    name: str,
    train: tuple[FloatArray, FloatArray],
    new: FloatArray,
    *,
    groups: IntArray,
    is_classification: bool,
    n_inner: int,
    seed: int,
) -> FloatArray:
    """Choose settings on inner folds, fit to all training rows, predict new rows.

    Args:
        name: See `make_learner`.
        train: Features and labels of the training rows.
        new: Features of the rows to predict.
        groups: Cluster of every training row.
        is_classification: Whether labels are groups.
        n_inner: Inner folds.
        seed: Decides folds and forests.

    Returns:
        Values `(n, 1)`, or probabilities: of the second of two groups `(n, 1)`, of all
        of more groups `(n, n_classes)`.
    """
    X = train[0]
    learner, grid = make_learner(name, is_classification=is_classification, seed=seed)
    if name == "kernel":
        # Widths in units of the number of features, as scikit-learn's "scale".
        grid = grid | {"gamma": [g / (X.shape[1] * X.var()) for g in grid["gamma"]]}
    best = _search(
        name,
        (learner, grid),
        train,
        groups=groups,
        n_inner=n_inner,
        is_classification=is_classification,
        seed=seed,
    )
    if not is_classification:
        return np.asarray(best.predict(new))[:, None]
    p = np.asarray(best.predict_proba(new))
    return p[:, 1:] if p.shape[1] == 2 else p


def _search(
    name: str,
    learner: tuple[Any, dict[str, Any]],
    train: tuple[FloatArray, FloatArray],
    *,
    groups: IntArray,
    n_inner: int,
    is_classification: bool,
    seed: int,
) -> Any:
    """Choose settings on inner folds, and return the learner fitted to all rows."""
    X, y = train
    inner = _cut(y if is_classification else 0 * y, groups, n_inner, seed)
    scoring = "neg_log_loss" if name in ("boosting", "forest") else "balanced_accuracy"
    search = GridSearchCV(
        *learner,
        cv=inner,
        scoring=scoring if is_classification else "neg_mean_squared_error",
        error_score=-np.inf,
    )
    with warnings.catch_warnings():
        # Inner folds of few people may lack a class; the search scores them anyway.
        warnings.simplefilter("ignore", UserWarning)
        best = search.fit(X, y).best_estimator_
        if name == "forest":
            best = best.set_params(n_estimators=FINAL_TREES).fit(X, y)
        if isinstance(best, SVC):
            # Platt scaling of outputs on rows that the machine did not see.
            best = CalibratedClassifierCV(best, cv=inner, ensemble=False).fit(X, y)
    return best


def _cut(strata: FloatArray, groups: IntArray, n_inner: int, seed: int) -> Splits:
    """Return inner folds, balanced by class, that keep clusters together."""
    # More folds than people of the largest class cannot be cut.
    largest = np.unique(strata.astype(int), return_counts=True)[1].max()
    n_splits = min(n_inner, len(np.unique(groups)), int(largest))
    cutter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return list(cutter.split(groups, strata.astype(int), groups))
