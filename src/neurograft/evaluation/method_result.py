"""Predictions of one method, put together from the folds of cross-validation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from neurograft.errors import DataError
from neurograft.evaluation.methods.problem import Question, decide
from neurograft.kinds import Kind
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.splits import Split, number_folds
from neurograft.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class MethodResult:
    """Predictions of one method, for every repeat and row.

    Attributes:
        kind: Of the task.
        predictions: Of all repeats.
        permuted: Primary metric of the first repeat under permuted labels,
            `(n_permutations,)`, larger is better; empty where labels were not permuted.
        test_share: Test people per training person (`find_test_share`).
    """

    kind: Kind
    predictions: Predictions
    permuted: FloatArray
    test_share: float

    @property
    def is_classification(self) -> bool:
        """Return whether labels are groups."""
        return self.kind != "regression"

    @property
    def n_repeats(self) -> int:
        """Return the number of repeats."""
        return len(self.predictions.folds)

    @cached_property
    def observed(self) -> float:
        """Return the primary metric of the first repeat; larger is better."""
        return measure(self.first(1).predictions, self.kind)

    @cached_property
    def fold_scores(self) -> FloatArray:
        """Return the primary metric of every fold, `(n,)`; larger is better."""
        n_folds = int(self.predictions.folds.max()) + 1
        each = (
            self.predictions.repeats(slice(repeat, repeat + 1))
            for repeat in range(self.n_repeats)
        )
        return np.array(
            [
                measure(p.rows(np.flatnonzero(p.folds[0] == fold)), self.kind)
                for p in each
                for fold in range(n_folds)
            ]
        )

    def first(self, n_repeats: int) -> "MethodResult":
        """Return the result of the first repeats only."""
        few = self.predictions.repeats(slice(n_repeats))
        return replace(self, predictions=few)


def measure(p: Predictions, kind: Kind) -> float:
    """Return the primary metric: AUROC, or minus the mean absolute error."""
    name, metric = next(iter(choose_metrics(kind).items()))
    value = float(metric(p, np.ones((1, len(p.labels))))[0])
    return -value if name in LOWER_IS_BETTER else value


def check_scores(scores: FloatArray, kind: Kind) -> None:
    """Check that predictions are numbers, and probabilities lie between 0 and 1.

    Args:
        scores: Shape `(n_test, n_outputs)`.
        kind: Of the task.

    Raises:
        DataError: If a prediction is no number or out of range.
    """
    bad = np.flatnonzero(~np.isfinite(scores).all(-1))
    if len(bad):
        raise DataError(
            f"{len(bad)} of {len(scores)} predictions of a fold are no numbers; look "
            "for recordings or features that are not finite."
        )
    beyond = scores[(scores < 0) | (scores > 1)]
    if kind != "regression" and beyond.size:
        raise DataError(
            f"A probability of {beyond[0]:.3g} was predicted; it must lie between 0 "
            "and 1."
        )


def count_people(
    splits: Sequence[Split], judged: BoolArray, clusters: IntArray
) -> pd.DataFrame:
    """Count the people of every fold.

    Args:
        splits: Folds; their training rows are the training rows.
        judged: Rows that count, `(n_rows,)`.
        clusters: Cluster of every row: rows of a person count once.

    Returns:
        `repeat`, `split`, `n_learned` and `n_tested`: training people, and people
        tested and judged.
    """
    return pd.DataFrame(
        [
            {
                "repeat": split.repeat,
                "split": split.fold,
                "n_learned": len(set(clusters[split.train])),
                "n_tested": len(set(clusters[split.test[judged[split.test]]])),
            }
            for split in splits
        ]
    )


def find_test_share(people: pd.DataFrame) -> float:
    """Return the number of test people per training person, mean over folds.

    People tested without a score, or in no fold of a draw, do not train models either.

    Args:
        people: As `count_people` gives them.
    """
    first = people[(people["repeat"] == 0) & (people["n_tested"] > 0)]
    return float((first["n_tested"] / first["n_learned"]).mean())


def gather_method(
    labels: FloatArray,
    permuted: FloatArray,
    splits: Sequence[Split],
    outputs: Sequence[FloatArray],
    question: Question,
    judged: BoolArray | None = None,
) -> MethodResult:
    """Put the predictions of one method together from its folds.

    Args:
        labels: Real labels, shape `(n_rows,)`.
        permuted: Permuted labels, shape `(n_permutations, n_rows)`.
        splits: All folds.
        outputs: Predictions of the test rows of each, real labels first:
            `(1 or 1 + n_permutations, n_test, n_outputs)`.
        question: What was asked.
        judged: Rows used for scoring; None, all. Other rows are predicted but get the
            fold -1.
    """
    judged = np.ones(len(labels), dtype=bool) if judged is None else judged
    folds = number_folds(splits, len(labels))
    n_outputs = outputs[0].shape[-1]
    n_permuted = len(outputs[0]) - 1
    scores = np.full((*folds.shape, n_outputs), np.nan)
    decisions = np.full(folds.shape, np.nan)
    null_scores = np.full((n_permuted, len(labels), n_outputs), np.nan)
    for split, output in zip(splits, outputs, strict=True):
        check_scores(output[0], question.kind)
        scores[split.repeat, split.test] = output[0]
        shares = np.array(
            [(labels[split.train] == k).mean() for k in range(question.n_classes)]
        )
        decisions[split.repeat, split.test] = decide(output[0], shares, question.kind)
        if split.repeat == 0:
            null_scores[:, split.test] = output[1:]
    folds = np.where(judged, folds, -1)
    if n_outputs == 1:
        scores, null_scores = scores[..., 0], null_scores[..., 0]
    null = [
        measure(Predictions(y, s[None], decisions[:1], folds[:1]), question.kind)
        for y, s in zip(permuted[:n_permuted], null_scores, strict=True)
    ]
    share = find_test_share(count_people(splits, judged, question.clusters))
    predictions = Predictions(labels, scores, decisions, folds)
    return MethodResult(question.kind, predictions, np.array(null), share)
