"""Ten typical seconds of a recording, before and after harmonising."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from scipy.signal import detrend, resample_poly

from neurograft.files.keys import Segment
from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.recordings.recording import Recording
from neurograft.types import FloatArray

# Length and rate of what is shown. Chosen here: a page of EEG; enough for 45 Hz.
EXCERPT_S, EXCERPT_HZ = 10.0, 128.0
# Stretches among which the typical one is chosen. Chosen here: five minutes of signal.
MAX_CANDIDATES = 30
MAX_DENOMINATOR = 1000


class Excerpt(NamedTuple):
    """A stretch of a recording at `EXCERPT_HZ`.

    Attributes:
        start_s: Where it begins, seconds from the file's beginning.
        before: As read, without a linear trend, `(n_channels, n_times)`.
        after: Harmonised, `(n_kept, n_times)`.
    """

    start_s: float
    before: FloatArray
    after: FloatArray


def choose_typical(harmonised: HarmonisedRecording) -> Segment:
    """Choose the ten usable seconds whose amplitude is the median of all.

    Usable stretches are cut into ten seconds each; of more than thirty, thirty evenly
    spaced ones are looked at. Their amplitude is the SD of the median channel; of an
    even number the lower of the two in the middle is taken. Where nothing usable is ten
    seconds long, the longest stretch is taken.

    Returns:
        First sample of the stored signal, and the one after the last.
    """
    length = round(EXCERPT_S * harmonised.sfreq)
    candidates = harmonised.list_starts(length)
    if not candidates:
        return max(harmonised.segments, key=lambda segment: segment[1] - segment[0])
    places = np.linspace(0, len(candidates) - 1, min(len(candidates), MAX_CANDIDATES))
    starts = [candidates[place] for place in places.round().astype(int)]
    amplitudes = [
        float(np.median(harmonised.read(start, start + length).std(0)))
        for start in starts
    ]
    middle = np.argsort(amplitudes, kind="stable")[(len(starts) - 1) // 2]
    return starts[middle], starts[middle] + length


def cut_excerpt(recording: Recording, harmonised: HarmonisedRecording) -> Excerpt:
    """Cut the typical stretch out of a recording and of its harmonised signal."""
    start, stop = choose_typical(harmonised)
    first = locate_sample(harmonised, start) * recording.sfreq
    last = first + (stop - start) / harmonised.sfreq * recording.sfreq
    block = recording.signals[:, round(first) : min(round(last), recording.n_times)]
    # In twice the precision that harmonising needs: a slow amplifier's offset is large.
    before = detrend(np.nan_to_num(block.astype(float), posinf=0.0, neginf=0.0))
    return Excerpt(
        first / recording.sfreq,
        *_match(
            _resample(before, recording.sfreq),
            _resample(harmonised.read(start, stop).T.astype(float), harmonised.sfreq),
        ),
    )


def locate_sample(harmonised: HarmonisedRecording, sample: int) -> float:
    """Return the time in the file of a sample of the stored signal, seconds."""
    for in_file_s, (first, last) in harmonised.stretches:
        if first <= sample < last:
            return in_file_s + (sample - first) / harmonised.sfreq
    raise AssertionError(f"sample {sample} lies in no stretch")


def _resample(signals: FloatArray, sfreq: float) -> FloatArray:
    ratio = Fraction(EXCERPT_HZ / sfreq).limit_denominator(MAX_DENOMINATOR)
    if ratio == 1:
        return signals
    up, down = ratio.numerator, ratio.denominator
    return np.asarray(resample_poly(signals, up, down, axis=1, padtype="line"))


def _match(one: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut both to the shorter: rates that do not divide round differently."""
    n_times = min(one.shape[1], other.shape[1])
    return one[:, :n_times], other[:, :n_times]
