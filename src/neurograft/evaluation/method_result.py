"""Cross-validate methods on a task: every repeat, and permuted labels in the first.

A fold is the unit of work: methods that share features share what is fitted to them,
and the permuted labels are fitted in the same solve as the real ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from neurograft.errors import DataError
from neurograft.evaluation.methods.problem import Question, decide
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.splits import Split, number_folds
from neurograft.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class MethodResult:
    """What cross-validation says of one method.

    Attributes:
        question: What was asked.
        predictions: Of all repeats.
        permuted: Primary metric of the first repeat under permuted labels; one per
            permutation, larger is better; none where labels were not permuted.
        test_share: People judged per person learned from (`find_test_share`).
    """

    question: Question
    predictions: Predictions
    permuted: FloatArray
    test_share: float

    @property
    def n_repeats(self) -> int:
        """Repeats that were run."""
        return len(self.predictions.folds)

    @cached_property
    def observed(self) -> float:
        """Primary metric of the first repeat, larger is better."""
        return measure(self.first(1).predictions, self.question)

    @cached_property
    def fold_scores(self) -> FloatArray:
        """Primary metric of every repeat and fold, larger is better."""
        scores, p = [], self.predictions
        n_folds = int(p.folds.max()) + 1
        for repeat in range(self.n_repeats):
            one = self._take(p, repeat)
            for fold in range(n_folds):
                rows = np.flatnonzero(one.folds[0] == fold)
                part = Predictions(
                    one.labels[rows],
                    one.scores[:, rows],
                    one.decisions[:, rows],
                    one.folds[:, rows],
                )
                scores.append(measure(part, self.question))
        return np.array(scores)

    def first(self, n_repeats: int) -> "MethodResult":
        """The same of the first repeats only."""
        p = self.predictions
        few = Predictions(
            p.labels, p.scores[:n_repeats], p.decisions[:n_repeats], p.folds[:n_repeats]
        )
        return replace(self, predictions=few)

    @staticmethod
    def _take(p: Predictions, repeat: int) -> Predictions:
        rows = slice(repeat, repeat + 1)
        return Predictions(p.labels, p.scores[rows], p.decisions[rows], p.folds[rows])


def measure(p: Predictions, question: Question) -> float:
    """The primary metric: area under the curve, or minus the mean absolute error."""
    name, metric = next(iter(choose_metrics(question.kind).items()))
    value = float(metric(p, np.ones((1, len(p.labels))))[0])
    return -value if name in LOWER_IS_BETTER else value


def check_scores(scores: FloatArray, question: Question) -> None:
    """Check that predictions are numbers, and probabilities lie between 0 and 1.

    Raises:
        DataError: If one does not.
    """
    bad = np.flatnonzero(~np.isfinite(scores).all(-1))
    if len(bad):
        raise DataError(
            f"{len(bad)} of {len(scores)} predictions of a fold are no numbers; look "
            "for recordings or features that are not finite."
        )
    beyond = scores[(scores < 0) | (scores > 1)]
    if question.is_classification and beyond.size:
        raise DataError(
            f"A probability of {beyond[0]:.3g} was predicted; it must lie between 0 "
            "and 1."
        )


def find_test_share(
    splits: Sequence[Split], judged: BoolArray, clusters: IntArray
) -> float:
    """Return people judged per person learned from, mean over the first repeat's folds.

    Who is tested but not judged, or in no fold of a draw, is not learned from either.

    Args:
        splits: Folds; their training rows are those that models learn from.
        judged: Rows that count.
        clusters: Cluster of every row: rows of a person count once.
    """
    shares = [
        len(set(clusters[tested])) / len(set(clusters[split.train]))
        for split in splits
        if split.repeat == 0 and len(tested := split.test[judged[split.test]])
    ]
    return float(np.mean(shares))


def gather_method(
    labels: FloatArray,
    permuted: FloatArray,
    splits: Sequence[Split],
    outputs: Sequence[FloatArray],
    question: Question,
    judged: BoolArray | None = None,
) -> MethodResult:
    """Put one method's folds together.

    Args:
        labels: Real labels.
        permuted: Permuted labels, shape `(n_permutations, n_rows)`.
        splits: All folds.
        outputs: What `evaluate_fold` said of each.
        question: What was asked.
        judged: Rows that count; None, all. Others are predicted, in no fold.
    """
    judged = np.ones(len(labels), dtype=bool) if judged is None else judged
    folds = number_folds(splits, len(labels))
    n_outputs = outputs[0].shape[-1]
    n_permuted = len(outputs[0]) - 1
    scores = np.full((*folds.shape, n_outputs), np.nan)
    decisions = np.full(folds.shape, np.nan)
    null_scores = np.full((n_permuted, len(labels), n_outputs), np.nan)
    for split, output in zip(splits, outputs, strict=True):
        check_scores(output[0], question)
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
        measure(Predictions(y, s[None], decisions[:1], folds[:1]), question)
        for y, s in zip(permuted[:n_permuted], null_scores, strict=True)
    ]
    predictions = Predictions(labels, scores, decisions, folds)
    share = find_test_share(splits, judged, question.clusters)
    return MethodResult(question, predictions, np.array(null), share)
