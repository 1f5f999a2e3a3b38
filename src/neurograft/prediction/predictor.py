"""A predictor: one method that was fitted to everybody, with the limits of its use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float

from neurograft.evaluation.feature_reader import EMBEDDED
from neurograft.prediction.card import PredictorCard
from neurograft.prediction.learned.calibration import (
    GroupCalibration,
    NumberCalibration,
    move_to_prevalence,
)
from neurograft.prediction.learned.familiarity import Distances, Familiarity
from neurograft.prediction.learned.fitted_method import FittedMethod
from neurograft.prediction.norms.norms import Norms
from neurograft.types import FloatArray


@dataclass(frozen=True)
class GivenAnswers:
    """Answers to some people.

    Attributes:
        values: A number, or the calibrated probability of every group,
            `(n, n_outputs)`.
        raw: As the method says them, before calibration.
        low: Lower end of the interval of a number; NaN of groups.
        high: Upper end.
        sets: Groups that cannot be ruled out; of a number without columns.
    """

    values: Float[np.ndarray, "n n_outputs"]
    raw: Float[np.ndarray, "n n_raw"]
    low: Float[np.ndarray, " n"]
    high: Float[np.ndarray, " n"]
    sets: Bool[np.ndarray, "n n_classes"]


@dataclass(frozen=True)
class Predictor:
    """Everything that is needed to answer for new people.

    Attributes:
        card: What it is.
        fitted: Weights of features.
        calibration: From what the method says to what comes true.
        familiarity: How far from those learned from somebody may be.
        encoder_folder: Where the encoder of the bundle lies; None if none is needed.
        norms: What is usual in healthy people; None if they are too few, or none are
            named.
    """

    card: PredictorCard
    fitted: FittedMethod
    calibration: GroupCalibration | NumberCalibration
    familiarity: Familiarity
    encoder_folder: Path | None = None
    norms: Norms | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Return the names of the feature sets."""
        return tuple(part.name for part in self.fitted.parts)

    @property
    def embedded(self) -> tuple[str, ...]:
        """Return the names of the feature sets that an encoder makes."""
        return tuple(name for name in self.features if find_embedding(name))

    def answer(
        self, features: Mapping[str, FloatArray], *, prevalence: float | None = None
    ) -> GivenAnswers:
        """Answer for people.

        Args:
            features: Feature sets by name, `(n, ...)`.
            prevalence: Of the second group where the predictor is used; None keeps the
                shares of the study.
        """
        raw = self.fitted.predict(features)
        nothing = np.full(len(raw), np.nan)
        if isinstance(self.calibration, NumberCalibration):
            width = self.calibration.width
            none = np.zeros((len(raw), 0), dtype=bool)
            return GivenAnswers(raw, raw, raw[:, 0] - width, raw[:, 0] + width, none)
        whole = np.concatenate([1 - raw, raw], axis=1) if raw.shape[1] == 1 else raw
        values = self.calibration.calibrate(whole)
        sets = self.calibration.find_sets(values)
        if prevalence is not None:
            values = move_to_prevalence(values, self.calibration.shares, prevalence)
        return GivenAnswers(values, raw, nothing, nothing, sets)

    def measure_distances(
        self, features: Mapping[str, FloatArray], facts: FloatArray
    ) -> Distances:
        """Measure how far people are from those learned from.

        Args:
            features: Feature sets by name, `(n, ...)`.
            facts: As `describe_facts` gives them.
        """
        return self.familiarity.measure(join_vectors(self.fitted, features), facts)


def find_embedding(name: str) -> str:
    """Find what the encoder makes for a feature set; empty if it needs none.

    Example:
        >>> find_embedding("encoder-covariance"), find_embedding("riemann")
        ('encoder', '')
    """
    if name == "encoder-covariance":
        return "encoder"
    return name if name in EMBEDDED else ""


def join_vectors(
    fitted: FittedMethod, features: Mapping[str, FloatArray]
) -> Float[np.ndarray, "n n_vector"]:
    """Join the vectors of all parts of a method."""
    return np.concatenate(fitted.find_vectors(features), axis=1)
