"""A recording: signals in microvolts, where the electrodes are, whose it is."""

from dataclasses import dataclass
from typing import NamedTuple

from neurograft.types import FloatArray


class RecordingKey(NamedTuple):
    """What names a recording everywhere; entities it does not have are empty."""

    cohort: str
    participant_id: str
    session: str = ""
    task: str = ""
    run: str = ""

    @property
    def name(self) -> str:
        """BIDS-like name, unique within the cohort.

        Example:
            >>> RecordingKey("clinic", "sub-01", task="rest").name
            'sub-01_task-rest'
        """
        entities = zip(("ses", "task", "run"), self[2:], strict=True)
        named = [f"{entity}-{label}" for entity, label in entities if label]
        return "_".join([self.participant_id, *named])


@dataclass(frozen=True)
class Recording:
    """One continuous EEG file of one subject.

    Attributes:
        key: Cohort and BIDS entities.
        signals: Microvolts, shape `(n_channels, n_times)`, EEG channels only.
        sfreq: Sampling rate, Hz.
        ch_names: Canonical channel names.
        positions: Electrodes on the unit sphere (x right, y front, z up), shape
            `(n_channels, 3)`.
        bads: Channels that the files themselves call bad.
        line_freq: Mains frequency in Hz, None if the files do not say.
        reference: What the files say the reference was; empty if they do not.
        notes: What was repaired or left out while reading, in words.
    """

    key: RecordingKey
    signals: FloatArray
    sfreq: float
    ch_names: tuple[str, ...]
    positions: FloatArray
    bads: tuple[str, ...] = ()
    line_freq: float | None = None
    reference: str = ""
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.signals.shape[1] / self.sfreq)
