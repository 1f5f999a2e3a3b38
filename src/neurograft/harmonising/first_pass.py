"""The first pass over a recording: filter every stretch, and gather evidence.

What is read is looked at before it is filtered: values that are not numbers, channels
that are constant. What was filtered is kept in rows for the second pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.files.keys import Segment
from neurograft.harmonising.buffer import RowBuffer
from neurograft.harmonising.filtering import HIGHEST_SHARE, Filter, design_filter
from neurograft.harmonising.quality import ChannelEvidence
from neurograft.harmonising.seconds import count_constant
from neurograft.recordings.recording import Recording
from neurograft.types import BoolArray, FloatArray


@dataclass(frozen=True)
class Filtered:
    """A recording after the first pass.

    Attributes:
        rows: Filtered samples.
        segments: Stretches without a gap, in samples of the rows.
        constant: Which channels were constant in each second of each segment.
        evidence: Evidence for and against channels.
    """

    rows: RowBuffer
    segments: list[Segment]
    constant: list[BoolArray]
    evidence: ChannelEvidence


def filter_recording(
    recording: Recording,
    kernel: Filter,
    stretches: Sequence[Segment],
    settings: HarmoniseConfig,
    scratch: Path | None,
) -> Filtered:
    """Filter every stretch by itself, one after the other into the same rows.

    Args:
        recording: Signals to filter.
        kernel: Filter, which also changes the rate.
        stretches: Stretches without a gap, in samples of the recording.
        settings: Limits for what is looked at on the way.
        scratch: Folder for what does not fit in memory.
    """
    total = sum(kernel.count(stop - start) for start, stop in stretches)
    rows = RowBuffer(total, len(recording.ch_names), scratch=scratch)
    filtered = Filtered(rows, [], [], ChannelEvidence())
    for start, stop in stretches:
        first = rows.n_rows
        look = _Reader(recording, start, stop, filtered.evidence)
        _filter_stretch(kernel, look, rows, filtered.evidence, settings)
        filtered.segments.append((first, rows.n_rows))
        filtered.constant.append(look.constant)
    return filtered


def design_for(
    recording: Recording,
    settings: HarmoniseConfig,
    line_freq: float | None,
    notes: list[str],
) -> Filter:
    """Design the notch at the mains and its harmonics, and the band-pass.

    Args:
        recording: Its sampling rate, and the mains frequency that its files tell.
        settings: Band and new rate.
        line_freq: Mains frequency to remove, Hz; None removes none.
        notes: Oddities that are noticed are added here, in words.
    """
    sfreq = recording.sfreq
    highest = HIGHEST_SHARE * sfreq / 2
    h_freq: float | None = settings.h_freq
    if settings.h_freq > highest:
        h_freq = None
        notes.append(f"recorded at {sfreq:g} Hz: nothing above {sfreq / 2:g} Hz")
    told = recording.line_freq
    if told and line_freq and told != line_freq:
        notes.append(
            f"mains: {line_freq:g} Hz by the setting, {told:g} Hz by the files"
        )
    # Lines well above the band are removed by the band-pass.
    last = min(settings.h_freq * 1.5, highest)
    lines = np.arange(line_freq, last, line_freq).tolist() if line_freq else []
    return design_filter(
        sfreq, settings.sfreq, l_freq=settings.l_freq, h_freq=h_freq, lines=lines
    )


class _Reader:
    """Reads a stretch, without the offset of its channels, and looks at what it reads.

    Values that are not numbers become 0, and their channels are bad.
    """

    def __init__(
        self, recording: Recording, start: int, stop: int, evidence: ChannelEvidence
    ) -> None:
        self.recording, self.start, self.stop = recording, start, stop
        self.evidence = evidence
        self.offset: FloatArray | None = None
        n_seconds = int((stop - start) / recording.sfreq)
        self.constant = np.zeros((n_seconds, len(recording.ch_names)), dtype=bool)

    def read(self, first: int, last: int) -> Float[np.ndarray, "n_channels n_times"]:
        """Read microvolts from sample `first` of the stretch to `last`."""
        block = self.recording.signals[:, self.start + first : self.start + last]
        if not np.isfinite(block.sum()):
            broken = np.flatnonzero(~np.isfinite(block).all(1))
            self.evidence.broken.update(broken.tolist())
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        count_constant(block, first, self.recording.sfreq, self.constant)
        if self.offset is None:
            self.offset = block.mean(1, keepdims=True)
        centred = np.asarray(block - self.offset)
        power = np.einsum("ct,ct->c", centred, centred) / max(centred.shape[1], 1)
        self.evidence.recorded_power.append((power, centred.shape[1]))
        return centred


def _filter_stretch(
    kernel: Filter,
    look: _Reader,
    rows: RowBuffer,
    evidence: ChannelEvidence,
    settings: HarmoniseConfig,
) -> None:
    n_second = round(settings.sfreq)
    for block in kernel.iterate(look.read, look.stop - look.start, rows.n_channels):
        rows.append(block.signals.T)
        evidence.noise.append(block.noise)
        whole = block.signals.shape[1] // n_second
        seconds = block.signals[:, : whole * n_second].reshape(
            len(block.signals), whole, n_second
        )
        if whole:
            evidence.add_seconds(seconds.transpose(1, 0, 2), settings.min_correlation)
    is_channel_fault = look.constant.mean(1) <= settings.max_bad_share
    evidence.constant += list(look.constant[is_channel_fault])
