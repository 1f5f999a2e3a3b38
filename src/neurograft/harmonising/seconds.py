"""The verdict on every second of a recording: kept, repaired or dropped, and why.

A second in which many channels are constant is a drop-out; one in which many leave the
plausible range is a jump. Both are dropped: no window touches them. Where few channels
leave the range, they are clipped and the second counts as repaired.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from neurograft.files.keys import Segment
from neurograft.harmonising.buffer import RowBuffer
from neurograft.types import BoolArray, FloatArray

# A channel is constant in a second if it does not change in half of its eighths. Single
# samples that repeat say nothing: coarsely quantised EEG does that all the time.
# Chosen here.
N_PARTS, CONSTANT_SHARE = 8, 0.5


class Stretch(NamedTuple):
    """Consecutive seconds of the same verdict.

    Attributes:
        start: First sample.
        n_times: Length, samples.
        verdict: `kept`, `repaired` or `dropped`.
        measure: Measure that decided.
        value: Largest share of channels that the measure applies to.
    """

    start: int
    n_times: int
    verdict: str
    measure: str
    value: float


class Second(NamedTuple):
    """The verdict on one second, or on the shorter rest of a stretch without a gap.

    Attributes:
        start: First sample.
        n_times: Length, samples.
        verdict: `kept`, `repaired` or `dropped`.
        measure: Measure that decided.
        value: Share of channels that the measure applies to.
        share: Share of channels that are constant or beyond the limit, whatever was
            decided.
    """

    start: int
    n_times: int
    verdict: str
    measure: str
    value: float
    share: float


def count_constant(
    block: FloatArray, first: int, sfreq: float, constant: BoolArray
) -> None:
    """Note which channels are constant in the whole seconds of a block.

    Constant is a channel that does not change within half of the eighths of a second: a
    drop-out need not begin on a whole second, and padding may step to zero.

    Args:
        block: As recorded, shape `(n_channels, n_times)`.
        first: Its first sample.
        sfreq: Sampling rate, Hz.
        constant: Filled in, shape `(n_seconds, n_channels)`.
    """
    edges = np.round(np.arange(len(constant) + 1) * sfreq).astype(int)
    low = int(np.searchsorted(edges, first))
    high = int(np.searchsorted(edges, first + block.shape[1], side="right")) - 1
    if high <= low:
        return
    parts = np.round(np.arange(low * N_PARTS, high * N_PARTS) * sfreq / N_PARTS)
    starts = parts.astype(int) - first
    inside = block[:, : edges[high] - first]
    highest = np.maximum.reduceat(inside, starts, axis=1)
    lowest = np.minimum.reduceat(inside, starts, axis=1)
    is_still = (highest == lowest).reshape(len(block), high - low, N_PARTS)
    constant[low:high] = (is_still.mean(2) >= CONSTANT_SHARE).T


def judge_seconds(
    rows: RowBuffer,
    repair: FloatArray,
    limits: FloatArray,
    *,
    segments: Sequence[Segment],
    constant: Sequence[BoolArray],
    n_second: int,
    max_share: float,
    rejected: BoolArray | None = None,
) -> list[Second]:
    """Judge every second of every segment.

    Args:
        rows: Filtered samples.
        repair: Matrix applied to them.
        limits: Largest plausible amplitude per channel.
        segments: Stretches without a gap.
        constant: Which channels were constant, per segment, shape
            `(n_seconds, n_channels)`.
        n_second: Samples in a second.
        max_share: Share of channels from which a second is dropped.
        rejected: Samples that autoreject would reject.

    Returns:
        Verdicts in order of time.
    """
    verdicts = []
    for (start, stop), flags in zip(segments, constant, strict=True):
        peaks = _find_peaks(rows, repair, start, stop, n_second)
        beyond = (peaks > limits).mean(1)
        still = np.zeros(len(peaks))
        still[: len(flags)] = flags[: len(still)].mean(1)
        edges = [*range(start, stop, n_second), stop]
        for i, (jump, flat) in enumerate(zip(beyond, still, strict=True)):
            verdict, measure, value = _judge(float(jump), float(flat), max_share)
            if rejected is not None and rejected[edges[i] : edges[i + 1]].any():
                verdict, measure, value = "dropped", "autoreject", 1.0
            length, share = edges[i + 1] - edges[i], float(max(jump, flat))
            second = Second(edges[i], length, verdict, measure, value, share)
            verdicts.append(second)
    return verdicts


def _find_peaks(
    rows: RowBuffer, repair: FloatArray, start: int, stop: int, n_second: int
) -> FloatArray:
    """Find the largest amplitude per second and channel; the last may be shorter."""
    peaks = []
    step = n_second * 256
    for first in range(start, stop, step):
        piece = np.abs(rows.read(first, min(first + step, stop)) @ repair.T)
        starts = np.arange(0, len(piece), n_second)
        peaks.append(np.maximum.reduceat(piece, starts, axis=0))
    return np.concatenate(peaks)


def _judge(jump: float, flat: float, max_share: float) -> tuple[str, str, float]:
    if flat > max_share:
        return "dropped", "constant channels", flat
    if jump > max_share:
        return "dropped", "amplitude beyond the limit", jump
    if jump > 0:
        return "repaired", "amplitude clipped", jump
    return "kept", "", 0.0


def join_seconds(seconds: Sequence[Second]) -> list[Stretch]:
    """Join consecutive seconds of the same verdict and measure, across segments too."""
    joined = []
    for (verdict, measure), run in groupby(
        seconds, key=lambda s: (s.verdict, s.measure)
    ):
        members = list(run)
        joined.append(
            Stretch(
                members[0].start,
                sum(second.n_times for second in members),
                verdict,
                measure,
                round(max(second.value for second in members), 4),
            )
        )
    return joined


def keep_segments(
    segments: Sequence[Segment], seconds: Sequence[Stretch], *, n_least: int
) -> list[Segment]:
    """Cut dropped seconds out of the segments; leave out what is too short then.

    Args:
        segments: Stretches without a gap.
        seconds: Verdicts.
        n_least: Shortest stretch that is kept, samples.
    """
    kept = list(segments)
    for stretch in seconds:
        if stretch.verdict == "dropped":
            first, last = stretch.start, stretch.start + stretch.n_times
            pieces = [((a, min(b, first)), (max(a, last), b)) for a, b in kept]
            kept = [piece for pair in pieces for piece in pair if piece[0] < piece[1]]
    return [(a, b) for a, b in kept if b - a >= n_least]
