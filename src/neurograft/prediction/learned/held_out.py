"""Answers of models to people whom they had not seen: the measure of a predictor."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from neurograft.statistics.metrics.predictions import EDGE, Predictions
from neurograft.types import FloatArray

# Taken for the probability of an ordered group whose thresholds cross. Chosen here: one
# person of fifty, which is about what models of some dozens of people can tell.
CROSSED = 0.02


@dataclass(frozen=True)
class HeldOut:
    """Answers of cross-validation, one row per person and repeat.

    Attributes:
        labels: 0, 1, ..., or numbers.
        answers: Values, or the logarithm of the probability of every group.
        person: Number of the person from 0.
    """

    labels: Float[np.ndarray, " n"]
    answers: Float[np.ndarray, "n n_outputs"]
    person: Int[np.ndarray, " n"]

    @property
    def n_people(self) -> int:
        """Return the number of people."""
        return len(np.unique(self.person))

    @property
    def shares(self) -> Float[np.ndarray, " n_classes"]:
        """Return the share of every group among the people."""
        counts = np.array([len(np.unique(self.person[own])) for own in self._of_class])
        return np.asarray(counts / counts.sum())

    @property
    def weights(self) -> Float[np.ndarray, " n"]:
        """Return weights with which everybody counts once."""
        return np.asarray(1 / np.bincount(self.person)[self.person])

    @property
    def _of_class(self) -> list[Bool[np.ndarray, " n"]]:
        return [self.labels == label for label in range(self.answers.shape[1])]

    def average(self) -> tuple[FloatArray, FloatArray]:
        """Return the label and the mean answer of every person."""
        first = np.unique(self.person, return_index=True)[1]
        means = np.stack(
            [
                np.bincount(self.person, self.weights * column)
                for column in self.answers.T
            ],
            axis=1,
        )
        return np.asarray(self.labels[first]), np.asarray(means, dtype=float)


def collect_held_out(
    predictions: Predictions, is_used: Bool[np.ndarray, " n_subjects"]
) -> HeldOut:
    """Collect the answers of all repeats.

    Args:
        predictions: Of cross-validation.
        is_used: People who are judged.
    """
    scores = predictions.scores
    if scores.ndim == 2:
        scores = scores[..., None]
    is_known = (predictions.folds >= 0) & np.isfinite(scores).all(-1) & is_used
    repeats, people = np.nonzero(is_known)
    labels = predictions.labels[people]
    person = np.unique(people, return_inverse=True)[1]
    return HeldOut(labels, scores[repeats, people], person)


def take_logarithms(held_out: HeldOut) -> HeldOut:
    """Return the same with logarithms of the probabilities of all groups.

    Of two groups, answers are the probability of the second.
    """
    p = held_out.answers
    if p.shape[1] == 1:
        p = np.concatenate([1 - p, p], axis=1)
    return HeldOut(held_out.labels, take_log(p), held_out.person)


def take_log(
    probabilities: Float[np.ndarray, "n n_classes"],
) -> Float[np.ndarray, "n n_classes"]:
    """Return the logarithms of probabilities, none of them infinite.

    A probability is exactly 0 where thresholds of ordered groups cross. That says that
    the group between them is unlikely, and not how unlikely.
    """
    known = np.clip(probabilities, EDGE, 1)
    if probabilities.shape[1] > 2:
        known = np.where(probabilities == 0, CROSSED, known)
    return np.asarray(np.log(known))
