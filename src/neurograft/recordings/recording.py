"""A recording: signals in microvolts, where the electrodes are, whose it is."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from neurograft.files.keys import RecordingKey, Segment
from neurograft.types import FloatArray


@runtime_checkable
class Signals(Protocol):
    """Signals that are read when they are sliced, in both dimensions, like an array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return `(n_channels, n_times)`."""

    def __getitem__(self, index: tuple[slice, slice], /) -> FloatArray:
        """Read channels and times, microvolts."""


@dataclass(frozen=True)
class Recording:
    """One EEG file of one subject.

    Attributes:
        key: Cohort and BIDS entities.
        signals: Microvolts, shape `(n_channels, n_times)`, EEG channels only. An array,
            or something that reads from the file when it is sliced.
        sfreq: Sampling rate, Hz.
        ch_names: Canonical channel names.
        positions: Electrodes on the unit sphere (x right, y front, z up), shape
            `(n_channels, 3)`; the middle of the two electrodes of a bipolar channel.
        segments: Stretches without a gap that may be used, in order; empty means the
            whole recording is one.
        bads: Channels that the files themselves call bad.
        line_freq: Mains frequency in Hz, None if the files do not say.
        reference: Reference according to the files; empty if they do not tell.
        is_bipolar: Whether every channel is the difference of two neighbours.
        repairs: Faults in the files that were put right, in words.
        notes: Things left out or noticed while reading, in words.
    """

    key: RecordingKey
    signals: Signals
    sfreq: float
    ch_names: tuple[str, ...]
    positions: FloatArray
    segments: tuple[Segment, ...] = ()
    bads: tuple[str, ...] = ()
    line_freq: float | None = None
    reference: str = ""
    is_bipolar: bool = False
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_times(self) -> int:
        """Return the length in samples."""
        return self.signals.shape[1]

    @property
    def duration_s(self) -> float:
        """Return the length in seconds."""
        return float(self.n_times / self.sfreq)

    @property
    def stretches(self) -> tuple[Segment, ...]:
        """Return the segments, or the whole recording if there are none."""
        return self.segments or ((0, self.n_times),)
