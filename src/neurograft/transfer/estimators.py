"""Networks as scikit-learn estimators: `fit`, `predict`, `clone`, grid search.

    classifier = EncoderClassifier("lora", positions=positions, sfreq=128)
    cross_val_score(classifier, windows, diagnosis, groups=people)

`X` holds the windows of people, microvolts, average reference, at the encoder's rate:
`(n_people, n_windows, n_channels, n_times)`; or it is a list of harmonised recordings,
one per person, and positions and rate need not be given.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from neurograft.config.method_table import NETWORKS
from neurograft.errors import ConfigError, DataError
from neurograft.models.encoder import N_FACTS
from neurograft.models.saving import load_encoder
from neurograft.transfer.finetuning import TuningRecipe, predict_people, tune
from neurograft.transfer.network_input import NetworkInput, Targets
from neurograft.transfer.recorded_people import (
    are_recordings,
    check_rate,
    find_shape,
    gather_people,
)
from neurograft.types import FloatArray

# A robust SD is this many times the median absolute deviation of a normal variable.
NORMAL_MAD = 1.4826


class _EncoderEstimator(BaseEstimator):  # type: ignore[misc]
    """Settings of both estimators, described there, and windows as people."""

    def __init__(
        self,
        network: str = "lora",
        encoder: str = "tiny",
        *,
        positions: FloatArray | None = None,
        sfreq: float = 128.0,
        epochs: int = 20,
        learning_rate: float = 1e-3,
        random_state: int = 0,
    ) -> None:
        self.network = network
        self.encoder = encoder
        self.positions = positions
        self.sfreq = sfreq
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.random_state = random_state

    def _learn(self, X: Any, targets: Targets, groups: Any) -> None:
        """Tune the network.

        Raises:
            ConfigError: If a setting is out of range.
            DataError: If people and labels do not go together.
        """
        if self.network not in NETWORKS:
            raise ConfigError(
                f"network={self.network!r} is unknown; choose {', '.join(NETWORKS)}."
            )
        if self.epochs < 1:
            raise ConfigError(f"epochs={self.epochs}: one epoch is the least.")
        self.shape_ = find_shape(list(X)) if are_recordings(X) else None
        encoder = load_encoder(self.encoder)
        sfreq = self.shape_.sfreq if self.shape_ else self.sfreq
        check_rate(sfreq, encoder.config.patch_size)
        people = self._describe(X)
        if len(X) != len(targets.labels):
            raise DataError(
                f"X has {len(X)} people and y has {len(targets.labels)} labels; give "
                "one per person."
            )
        clusters = np.arange(len(X)) if groups is None else np.asarray(groups)
        self.tuned_ = tune(
            self.network,
            encoder,
            people,
            targets,
            clusters=np.unique(clusters, return_inverse=True)[1],
            seed=self.random_state,
            recipe=TuningRecipe(epochs=self.epochs, learning_rate=self.learning_rate),
        )
        self.n_channels_in_ = people.signals.shape[2]

    def _describe(self, X: Any) -> NetworkInput:
        """Describe people as they were when the network learned.

        Raises:
            DataError: If they are recordings where arrays were learned from, or the
                other way round, or have other axes.
            ConfigError: If positions do not fit.
        """
        if are_recordings(X) != (self.shape_ is not None):
            given, learned = ("windows", "recordings")[:: 1 if self.shape_ else -1]
            raise DataError(
                f"X holds {given}; the network learned from {learned}. Give {learned}."
            )
        if self.shape_:
            return gather_people(list(X), self.shape_)
        if np.ndim(X) != 4:
            raise DataError(
                f"X has {np.ndim(X)} axes; expected people, windows, channels, times."
            )
        return describe_windows(np.asarray(X), self.positions, self.sfreq)

    def _predict(self, X: Any, n_classes: int) -> FloatArray:
        check_is_fitted(self, "tuned_")
        if np.ndim(X) == 4 and X.shape[2] != self.n_channels_in_:
            raise DataError(
                f"X has {X.shape[2]} channels; the network learned from "
                f"{self.n_channels_in_}."
            )
        return predict_people(self.tuned_, self._describe(X), n_classes)


class EncoderClassifier(ClassifierMixin, _EncoderEstimator):  # type: ignore[misc]
    """Tells groups of people apart with a network that learns from their windows.

    Args:
        network: `fine-tuned`, `partial`, `lora`, `attentive`, `scratch`, or a network
            of `neurograft.models.convnets`.
        encoder: Name of a shipped encoder, or a folder with one.
        positions: Electrodes on the unit sphere, `(n_channels, 3)`; of an array.
        sfreq: Samples per second of the windows; must be the encoder's; of an array.
        epochs: Passes over the people, at most.
        learning_rate: Peak.
        random_state: Seed.

    Example:
        >>> positions = np.eye(4, 3)
        >>> positions[3] = [0.6, 0.8, 0]
        >>> X = np.random.default_rng(0).normal(size=(8, 1, 4, 256))
        >>> classifier = EncoderClassifier("shallownet", positions=positions, epochs=1)
        >>> classifier.fit(X, ["control", "patient"] * 4).predict_proba(X).shape
        (8, 2)
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> "EncoderClassifier":
        """Learn from people.

        Args:
            X: Windows, `(n_people, n_windows, n_channels, n_times)`, or harmonised
                recordings, one per person.
            y: Group of every person.
            groups: Rows of one group are on one side when training is stopped.

        Raises:
            DataError: If there is one class only, or `X` has other axes.
            ConfigError: If positions or rate do not fit.
        """
        if pd.isna(np.asarray(y, dtype=object)).any():
            raise DataError("y has missing labels; leave those people out.")
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds one class, {self.classes_[0]!r}; at least two are needed."
            )
        self._learn(X, Targets(labels.astype(float), len(self.classes_)), groups)
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Return probabilities `(n_people, n_classes)`, by the windows' mean logit."""
        check_is_fitted(self, "tuned_")
        p = self._predict(X, len(self.classes_))
        return np.concatenate([1 - p, p], axis=1) if p.shape[1] == 1 else p

    def predict(self, X: Any) -> Any:
        """Return the likeliest class of every person, shape `(n_people,)`."""
        likeliest = self.predict_proba(X).argmax(1)
        return self.classes_[likeliest]


class EncoderRegressor(RegressorMixin, _EncoderEstimator):  # type: ignore[misc]
    """Predicts a number of people with a network that learns from their windows.

    Settings are those of `EncoderClassifier`.

    Example:
        >>> positions = np.eye(4, 3)
        >>> positions[3] = [0.6, 0.8, 0]
        >>> X = np.random.default_rng(0).normal(size=(8, 1, 4, 256))
        >>> regressor = EncoderRegressor("shallownet", positions=positions, epochs=1)
        >>> regressor.fit(X, np.arange(20.0, 28.0)).predict(X).shape
        (8,)
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> "EncoderRegressor":
        """Learn from people; arguments and shapes as for `EncoderClassifier`.

        Raises:
            DataError: If `y` holds something else than finite numbers.
        """
        numbers = pd.to_numeric(pd.Series(list(y)), errors="coerce").to_numpy(float)
        if not np.isfinite(numbers).all():
            n_bad = int((~np.isfinite(numbers)).sum())
            raise DataError(
                f"{n_bad} of {len(numbers)} labels in y are no finite numbers; correct "
                "them, leave those people out, or use EncoderClassifier for groups."
            )
        self._learn(X, Targets(numbers, 0), groups)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return values in the unit of `y`, shape `(n_people,)`."""
        return self._predict(X, 0)[:, 0]


def describe_windows(
    X: FloatArray, positions: FloatArray | None, sfreq: float
) -> NetworkInput:
    """Describe an array of windows; its scale is measured, the device is unknown.

    Raises:
        ConfigError: If there are not as many positions as channels.
    """
    if positions is None or len(positions) != X.shape[2]:
        found = "none" if positions is None else len(positions)
        raise ConfigError(
            f"The windows have {X.shape[2]} channels and `positions` {found}; give "
            "one row per channel, on the unit sphere."
        )
    spread = np.median(np.abs(X - np.median(X, -1, keepdims=True)), axis=-1)
    scale = NORMAL_MAD * np.median(spread, axis=(1, 2))
    n_people, n_windows = X.shape[:2]
    return NetworkInput(
        np.asarray(X, dtype=np.float32),
        float(sfreq),
        np.asarray(positions, dtype=np.float32),
        np.repeat(np.maximum(scale, 1e-6)[:, None], n_windows, axis=1),
        np.zeros((n_people, n_windows, N_FACTS)),
    )
