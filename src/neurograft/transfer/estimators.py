"""Networks as scikit-learn estimators: `fit`, `predict`, `clone`, grid search.

    classifier = EncoderClassifier("lora", positions=positions, sfreq=128)
    cross_val_score(classifier, windows, diagnosis, groups=people)

`X` holds the windows of people, microvolts, average reference, at the encoder's rate:
`(n_people, n_windows, n_channels, n_times)`.
"""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from neurograft.errors import ConfigError, DataError
from neurograft.models.encoder import N_FACTS, Encoder
from neurograft.models.saving import load_encoder
from neurograft.transfer.finetuning import TuningRecipe, predict_people, tune
from neurograft.transfer.network_input import NetworkInput, Targets
from neurograft.types import FloatArray

# A robust SD is this many times the median absolute deviation of a normal variable.
NORMAL_MAD = 1.4826


class _EncoderEstimator(BaseEstimator):  # type: ignore[misc]
    """The settings of both estimators, and windows as people.

    Args:
        network: `fine-tuned`, `partial`, `lora`, `attentive`, `scratch`, or a network
            of `neurograft.models.convnets`.
        encoder: Name of a shipped encoder, or a folder with one.
        positions: Electrodes on the unit sphere, `(n_channels, 3)`.
        sfreq: Samples per second of the windows; must be the encoder's.
        epochs: Passes over the people, at most.
        learning_rate: Peak.
        random_state: Seed.
    """

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

    def _learn(self, X: FloatArray, targets: Targets, groups: Any) -> None:
        encoder = self._load()
        people = self._describe(X)
        clusters = np.arange(len(X)) if groups is None else groups
        self.tuned_ = tune(
            self.network,
            encoder,
            people,
            targets,
            clusters=np.unique(clusters, return_inverse=True)[1],
            seed=self.random_state,
            recipe=TuningRecipe(epochs=self.epochs, learning_rate=self.learning_rate),
        )
        self.n_channels_in_ = X.shape[2]

    def _load(self) -> Encoder:
        encoder = load_encoder(self.encoder)
        if encoder.config.patch_size != self.sfreq:
            raise ConfigError(
                f"The encoder takes {encoder.config.patch_size} samples per second, "
                f"found sfreq={self.sfreq:g}; resample the windows."
            )
        return encoder

    def _describe(self, X: FloatArray) -> NetworkInput:
        if np.ndim(X) != 4:
            raise DataError(
                f"X has {np.ndim(X)} axes; expected people, windows, channels, times."
            )
        if self.positions is None or len(self.positions) != X.shape[2]:
            found = "none" if self.positions is None else len(self.positions)
            raise ConfigError(
                f"The windows have {X.shape[2]} channels and `positions` {found}; give "
                "one row per channel, on the unit sphere."
            )
        spread = np.median(np.abs(X - np.median(X, -1, keepdims=True)), axis=-1)
        scale = NORMAL_MAD * np.median(spread, axis=(1, 2))
        n_people, n_windows = X.shape[:2]
        return NetworkInput(
            np.asarray(X, dtype=np.float32),
            float(self.sfreq),
            np.asarray(self.positions, dtype=np.float32),
            np.repeat(np.maximum(scale, 1e-6)[:, None], n_windows, axis=1),
            np.zeros((n_people, n_windows, N_FACTS)),
        )

    def _predict(self, X: FloatArray, n_classes: int) -> FloatArray:
        check_is_fitted(self, "tuned_")
        if np.ndim(X) == 4 and X.shape[2] != self.n_channels_in_:
            raise DataError(
                f"X has {X.shape[2]} channels; the network learned from "
                f"{self.n_channels_in_}."
            )
        return predict_people(self.tuned_, self._describe(X), n_classes)


class EncoderClassifier(ClassifierMixin, _EncoderEstimator):  # type: ignore[misc]
    """Tells groups of people apart with a network that learns from their windows."""

    def fit(self, X: FloatArray, y: Any, groups: Any = None) -> "EncoderClassifier":
        """Learn from people.

        Args:
            X: Windows, shape `(n_people, n_windows, n_channels, n_times)`.
            y: Group of every person.
            groups: Rows of one group are on one side when training is stopped.

        Raises:
            DataError: If there is one class only, or `X` has other axes.
            ConfigError: If positions or rate do not fit.
        """
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds one class, {self.classes_[0]!r}; at least two are needed."
            )
        self._learn(X, Targets(labels.astype(float), len(self.classes_)), groups)
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return probabilities `(n_people, n_classes)`, by the windows' mean logit."""
        p = self._predict(X, len(self.classes_))
        return np.concatenate([1 - p, p], axis=1) if p.shape[1] == 1 else p

    def predict(self, X: FloatArray) -> Any:
        """Return the likeliest class of every person, shape `(n_people,)`."""
        return self.classes_[self.predict_proba(X).argmax(1)]


class EncoderRegressor(RegressorMixin, _EncoderEstimator):  # type: ignore[misc]
    """Predicts a number of people with a network that learns from their windows."""

    def fit(self, X: FloatArray, y: Any, groups: Any = None) -> "EncoderRegressor":
        """Learn from people; arguments and shapes as for `EncoderClassifier`."""
        self._learn(X, Targets(np.asarray(y, dtype=float), 0), groups)
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Return values in the unit of `y`, shape `(n_people,)`."""
        return self._predict(X, 0)[:, 0]
