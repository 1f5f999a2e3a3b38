"""Predict the label from one factor alone: what a method must beat to say more."""

import numpy as np
import pandas as pd

from neurograft.kinds import Kind
from neurograft.statistics.association import find_auroc
from neurograft.types import BoolArray, FloatArray

# Chosen here: a number is cut into so many levels of equally many people.
N_LEVELS = 4


def predict_alone(labels: FloatArray, values: pd.Series, kind: Kind) -> float:
    """Return the primary metric of a factor alone, everybody left out once.

    Args:
        labels: Of every person.
        values: The factor; people of whom it is unknown are a level of their own.
        kind: Of the task.

    Returns:
        AUROC (of several groups the mean over pairs), or the mean absolute error.

    Example:
        >>> device = pd.Series(["a", "a", "b", "b"])
        >>> predict_alone(np.array([0.0, 0.0, 1.0, 1.0]), device, "classification")
        1.0
        >>> predict_alone(np.array([10.0, 10.0, 30.0, 30.0]), device, "regression")
        0.0
    """
    is_number = pd.api.types.is_numeric_dtype(values) and values.nunique() > 2
    if kind == "regression":
        if is_number and values.notna().all():
            return _predict_by_line(labels, values.to_numpy(dtype=float))
        same = _find_alike(values, is_number=is_number)
        mean = _average_others(same, labels)
        return float(np.abs(labels - mean).mean())
    if is_number and len(np.unique(labels)) == 2:
        known = values.notna().to_numpy()
        groups = [values[known & (labels == g)].to_numpy() for g in np.unique(labels)]
        if not all(map(len, groups)):
            return 0.5
        area = find_auroc(*groups)
        return max(area, 1 - area)
    return _separate(_find_alike(values, is_number=is_number), labels)


def _find_alike(values: pd.Series, *, is_number: bool) -> BoolArray:
    """Return who has the same level of a factor, `(n, n)`; nobody is like oneself."""
    if is_number:
        values = pd.qcut(values, N_LEVELS, labels=False, duplicates="drop")
    codes = pd.factorize(values.to_numpy())[0]
    same = codes[:, None] == codes[None]
    np.fill_diagonal(same, val=False)
    return np.asarray(same)


def _average_others(same: BoolArray, numbers: FloatArray) -> FloatArray:
    """Return the mean of the others of the same level, or of all others."""
    alike, count = same @ numbers, same.sum(1)
    rest = (numbers.sum() - numbers) / (len(numbers) - 1)
    return np.asarray(np.where(count > 0, alike / np.maximum(count, 1), rest))


def _predict_by_line(labels: FloatArray, numbers: FloatArray) -> float:
    """Return the error of a straight line, each person left out in closed form.

    Source: Cook 1977, the deleted residual.
    """
    X = np.stack([np.ones(len(numbers)), numbers], axis=1)
    hat = X @ np.linalg.pinv(X)
    residuals = labels - hat @ labels
    return float(np.abs(residuals / np.maximum(1 - np.diag(hat), 1e-9)).mean())


def _separate(same: BoolArray, labels: FloatArray) -> float:
    """Return the mean AUROC over pairs of groups of the share among those alike."""
    groups = np.unique(labels)
    areas = []
    for case in groups:
        share = _average_others(same, (labels == case).astype(float))
        areas += [
            find_auroc(share[labels == control], share[labels == case])
            for control in groups
            if control != case
        ]
    return float(np.mean(areas))
