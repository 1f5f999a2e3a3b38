"""People as networks see them: their windows, and what they are labelled with."""

from typing import NamedTuple

import numpy as np
import torch

from neurograft.models.batches import WindowBatch
from neurograft.types import FloatArray, IntArray


class NetworkInput(NamedTuple):
    """Windows of people, all with the same channels.

    Attributes:
        signals: Microvolts, `(n_people, n_windows, n_channels, n_times)`, float32.
        sfreq: Samples per second.
        positions: Unit sphere, `(n_channels, 3)`.
        scale: Robust scale of each window's recording, `(n_people, n_windows)`.
        acquisition: What is known of the device, `(n_people, n_windows, n_facts)`.
    """

    signals: FloatArray
    sfreq: float
    positions: FloatArray
    scale: FloatArray
    acquisition: FloatArray

    def select(self, rows: IntArray) -> "NetworkInput":
        """Return the windows of some people, by their row numbers."""
        return self._replace(
            signals=self.signals[rows],
            scale=self.scale[rows],
            acquisition=self.acquisition[rows],
        )

    def take(
        self, people: IntArray, windows: IntArray, samples: slice = slice(None)
    ) -> WindowBatch:
        """Windows of people as one batch, person by person."""
        rows = (people[:, None], windows)
        signals = self.signals[rows][..., samples]
        n = signals.shape[0] * signals.shape[1]
        places = np.broadcast_to(self.positions, (n, *self.positions.shape))
        return WindowBatch(
            torch.from_numpy(np.array(signals.reshape(n, *signals.shape[2:]))),
            torch.from_numpy(np.array(places, dtype=np.float32)),
            torch.from_numpy(self.scale[rows].reshape(n).astype(np.float32)),
            torch.from_numpy(self.acquisition[rows].reshape(n, -1).astype(np.float32)),
        )


class Targets(NamedTuple):
    """Labels of people and the other things to learn of them; NaN where unknown.

    Attributes:
        labels: Number of the class, or a number.
        n_classes: Classes; 0 for a number.
        age: Years: a second thing to learn, or None.
        sex: 1 is female: a third, or None.
        domain: Number of the site from 1, worked against by `adversarial`, or None.
    """

    labels: FloatArray
    n_classes: int
    age: FloatArray | None = None
    sex: FloatArray | None = None
    domain: IntArray | None = None

    @property
    def n_outputs(self) -> int:
        """Numbers that a network gives for the label."""
        return self.n_classes if self.n_classes > 2 else 1

    def select(self, rows: IntArray) -> "Targets":
        """Targets of some people."""
        return self._replace(
            labels=self.labels[rows],
            age=None if self.age is None else self.age[rows],
            sex=None if self.sex is None else self.sex[rows],
            domain=None if self.domain is None else self.domain[rows],
        )
