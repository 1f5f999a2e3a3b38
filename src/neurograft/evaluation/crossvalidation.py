"""One method on one task: predictions of every repeat, and of permuted labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from neurograft.config import EvaluationConfig
from neurograft.evaluation.methods import predict_fold
from neurograft.evaluation.metrics import Predictions, choose_metrics
from neurograft.evaluation.splits import Split
from neurograft.evaluation.statistics import permute_within_folds
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


def evaluate_method(
    method: str,
    features: Mapping[str, FloatArray],
    labels: FloatArray,
    splits: Sequence[Split],
    *,
    is_classification: bool,
    settings: EvaluationConfig,
    seed: int,
) -> MethodResult:
    """Cross-validate a method; the first repeat also with permuted labels.

    Everything that is fitted, penalties included, is fitted anew in every fold and for
    every permutation. One thread, so that results do not depend on the machine's cores.
    """
    rng = np.random.default_rng([seed, 6])
    folds = _fold_of_subjects(splits, len(labels))
    permuted = permute_within_folds(
        labels, folds[0], n_permutations=settings.n_permutations, rng=rng
    )
    shape = (len(folds), len(labels))
    scores, thresholds = np.empty(shape), np.empty(shape)
    null_scores = np.empty(permuted.shape)
    with threadpool_limits(1):
        for split in splits:
            Y = labels[None]
            if split.repeat == 0:
                Y = np.concatenate([Y, permuted])
            predicted = predict_fold(
                method, features, Y, split,
                is_classification=is_classification, n_inner=settings.n_inner,
            )  # fmt: skip
            scores[split.repeat, split.test] = predicted.score[0]
            thresholds[split.repeat, split.test] = predicted.threshold[0]
            if split.repeat == 0:
                null_scores[:, split.test] = predicted.score[1:]
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


def _fold_of_subjects(splits: Sequence[Split], n_subjects: int) -> IntArray:
    n_repeats = max(split.repeat for split in splits) + 1
    folds = np.full((n_repeats, n_subjects), -1)
    for split in splits:
        folds[split.repeat, split.test] = split.fold
    return folds


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
