"""Cross-validate methods on a task: every repeat, and permuted labels in the first.

A fold is the unit of work: methods that share features share what is fitted to them,
and the permuted labels are fitted in the same solve as the real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from neurograft.evaluation.methods import predict_fold
from neurograft.evaluation.metrics import Predictions, choose_metrics
from neurograft.evaluation.splits import Split
from neurograft.types import FloatArray, IntArray


@dataclass(frozen=True)
class MethodResult:
    """What cross-validation says of one method.

    Attributes:
        predictions: Of all repeats.
        permuted: Primary metric of the first repeat under permuted labels; one per
            permutation, larger is better.
        observed: The same with the real labels.
        fold_scores: Primary metric of every repeat and fold, larger is better.
    """

    predictions: Predictions
    permuted: FloatArray
    observed: float
    fold_scores: FloatArray


def evaluate_fold(
    methods: Sequence[str],
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    permuted: FloatArray,
    split: Split,
    *,
    is_classification: bool,
    n_inner: int,
) -> dict[str, FloatArray]:
    """Predict one fold's test subjects; in the first repeat also for permuted labels.

    One thread, so that results do not depend on the machine's cores.

    Returns:
        By method, shape `(1 or 1 + n_permutations, n_test)`.
    """
    Y = labels[None]
    if split.repeat == 0:
        Y = np.concatenate([Y, permuted])
    with threadpool_limits(1):
        return predict_fold(
            methods,
            features,
            Y,
            split,
            is_classification=is_classification,
            n_inner=n_inner,
        )


def number_folds(splits: Sequence[Split], n_subjects: int) -> IntArray:
    """Fold in which each subject is tested, shape `(n_repeats, n_subjects)`."""
    n_repeats = max(split.repeat for split in splits) + 1
    folds = np.full((n_repeats, n_subjects), -1)
    for split in splits:
        folds[split.repeat, split.test] = split.fold
    return folds


def gather_method(
    labels: FloatArray,
    permuted: FloatArray,
    splits: Sequence[Split],
    outputs: Sequence[FloatArray],
    *,
    is_classification: bool,
) -> MethodResult:
    """Put one method's folds together.

    Args:
        labels: Real labels.
        permuted: Permuted labels, shape `(n_permutations, n_subjects)`.
        splits: All folds.
        outputs: What `evaluate_fold` said of each.
        is_classification: Whether labels are 0 and 1.
    """
    folds = number_folds(splits, len(labels))
    scores, thresholds = np.empty(folds.shape), np.empty(folds.shape)
    null_scores = np.empty(permuted.shape)
    for split, output in zip(splits, outputs, strict=True):
        scores[split.repeat, split.test] = output[0]
        thresholds[split.repeat, split.test] = labels[split.train].mean()
        if split.repeat == 0:
            null_scores[:, split.test] = output[1:]
    decisions = (scores > thresholds).astype(float) if is_classification else scores
    predictions = Predictions(labels, scores, decisions, folds)
    null = [
        _primary(Predictions(y, s[None], s[None], folds[:1]), is_classification)
        for y, s in zip(permuted, null_scores, strict=True)
    ]
    first = Predictions(labels, scores[:1], decisions[:1], folds[:1])
    return MethodResult(
        predictions,
        np.array(null),
        _primary(first, is_classification),
        _score_folds(predictions, is_classification),
    )


def _primary(predictions: Predictions, is_classification: bool) -> float:
    """AUROC, or minus the mean absolute error: larger is better."""
    metric = next(iter(choose_metrics(is_classification=is_classification).values()))
    value = float(metric(predictions, np.ones((1, len(predictions.labels))))[0])
    return value if is_classification else -value


def _score_folds(predictions: Predictions, is_classification: bool) -> FloatArray:
    """Primary metric per repeat and fold, flat."""
    scores = []
    for repeat, folds in enumerate(predictions.folds):
        for fold in range(int(folds.max()) + 1):
            rows = np.flatnonzero(folds == fold)
            part = Predictions(
                predictions.labels[rows],
                predictions.scores[repeat : repeat + 1, rows],
                predictions.decisions[repeat : repeat + 1, rows],
                predictions.folds[repeat : repeat + 1, rows],
            )
            scores.append(_primary(part, is_classification))
    return np.array(scores)
