"""Notch, band-pass and resample in one pass over blocks, at the cost of two FFTs.

Zero-phase FIR filters are products of real spectra, so the mains notch and the
band-pass (both designed by MNE) become one response; and a block whose spectrum is cut
off (or padded) before it is transformed back has the new sampling rate. Overlapping
blocks (overlap-save, Oppenheim and Schafer 2010, section 8.7) make a day of signal need
no more memory than some minutes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import mne
import numpy as np
from jaxtyping import Float
from scipy import fft
from scipy.signal import firwin2, welch

from neurograft.recordings.recording import Recording
from neurograft.types import FloatArray

# Width of a notch relative to its frequency, and of its flanks in Hz: those of
# mne.filter.notch_filter.
NOTCH_SHARE = 1 / 200
NOTCH_FLANK_HZ = 1.0
# A band edge above this share of the Nyquist frequency is no filter. Chosen here: a
# flank needs room.
HIGHEST_SHARE = 0.95
# PREP (Bigdely-Shamlo 2015) calls noise what lies above 50 Hz.
NOISE_HZ = 50.0
NOISE_FLANK_HZ = 5.0
NOISE_TAPS = 101
DRIFT_HZ = 1.0
# Noise is measured in at most this many samples in the middle of a block, for at least
# some seconds.
MAX_NOISE_SAMPLES = 2_000_000
MIN_NOISE_S = 10.0
# Medians are taken over at most this many evenly spaced samples.
MAX_MEDIAN_SAMPLES = 16_384
MAX_DENOMINATOR = 1000
# Blocks are this long, unless that is too many samples.
BLOCK_S = 400.0
MAX_BLOCK_SAMPLES = 32_000_000
MIN_BLOCK_KERNELS = 2


class FilteredBlock(NamedTuple):
    """A filtered stretch, and what was measured on the way.

    Attributes:
        signals: At the new rate, float32, shape `(n_channels, n_times)`.
        noise: Amplitude above 50 Hz relative to that below, per channel; NaN if the
            recording reaches no higher.
    """

    signals: FloatArray
    noise: FloatArray


@dataclass(frozen=True)
class Filter:
    """A zero-phase filter that also resamples.

    Attributes:
        sfreq: Old sampling rate, Hz.
        ratio: New rate over old.
        kernel: Symmetric impulse response at the old rate.
        notch: The part of it that removes the mains.
    """

    sfreq: float
    ratio: Fraction
    kernel: FloatArray
    notch: FloatArray

    @property
    def half(self) -> int:
        """Return the samples that the kernel reaches to either side."""
        return len(self.kernel) // 2

    def count(self, n_times: int) -> int:
        """Return the number of samples after resampling."""
        return -(-n_times * self.ratio.numerator // self.ratio.denominator)

    def iterate(
        self, read: Callable[[int, int], FloatArray], n_times: int, n_channels: int
    ) -> Iterator[FilteredBlock]:
        """Filter a stretch block by block.

        Ends are continued by point reflection, as MNE does (`reflect_limited`).

        Args:
            read: Called with first and last sample of the stretch, returns
                `(n_channels, n_times)`.
            n_times: Length of the stretch, samples.
            n_channels: Rows that `read` returns.
        """
        up, down = self.ratio.numerator, self.ratio.denominator
        margin = -(-self.half // down)  # in units of `down` old or `up` new samples
        longest = min(BLOCK_S * self.sfreq, MAX_BLOCK_SAMPLES / n_channels)
        longest = max(longest, MIN_BLOCK_KERNELS * len(self.kernel))
        needed = n_times + 2 * margin * down
        units = fft.next_fast_len(-(-int(min(needed, longest)) // down), real=True)
        response = _respond(self, units * down)
        hop = units - 2 * margin
        padded = _Padded(read, n_times, self.half)
        total = self.count(n_times)
        for first in range(0, -(-total // up), hop):
            start = (first - margin) * down
            block = padded.read(start, start + units * down)
            wanted = min(hop * up, total - first * up)
            signals = _transform(block, response, units * up)
            middle = block[:, max(-start, 0) : max(n_times - start, 0)]
            noise = measure_noise(_excerpt(middle, self.sfreq), self.notch, self.sfreq)
            yield FilteredBlock(signals[:, margin * up : margin * up + wanted], noise)


def design_filter(
    sfreq: float,
    new_sfreq: float,
    *,
    l_freq: float,
    h_freq: float | None,
    lines: Sequence[float] = (),
) -> Filter:
    """Design the notch, band-pass and change of rate.

    Args:
        sfreq: Sampling rate of the recording, Hz.
        new_sfreq: Sampling rate wanted, Hz.
        l_freq: Lower band edge, Hz.
        h_freq: Upper band edge, Hz; None where the recording reaches no higher.
        lines: Mains frequency and harmonics to remove, Hz.
    """
    band, notch = _design_kernels(sfreq, l_freq, h_freq, tuple(lines))
    ratio = Fraction(new_sfreq / sfreq).limit_denominator(MAX_DENOMINATOR)
    return Filter(sfreq, ratio, np.convolve(band, notch), notch)


@cache
def _design_kernels(
    sfreq: float, l_freq: float, h_freq: float | None, lines: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """Design band-pass and notch by MNE's window method (Hamming) and rules."""
    band = mne.filter.create_filter(None, sfreq, l_freq, h_freq, verbose="error")
    if not lines:
        return band, np.ones(1)
    flank = NOTCH_FLANK_HZ / 2
    widths = [line * NOTCH_SHARE / 2 for line in lines]
    notch = mne.filter.create_filter(
        None,
        sfreq,
        [line + width + flank for line, width in zip(lines, widths, strict=True)],
        [line - width - flank for line, width in zip(lines, widths, strict=True)],
        l_trans_bandwidth=flank,
        h_trans_bandwidth=flank,
        verbose="error",
    )
    return band, notch


# The spectrum of the last kernel that was used.
_RESPONSES: dict[tuple[float, bytes, int], FloatArray] = {}


def _respond(kernel: Filter, n_times: int) -> FloatArray:
    """Return the real spectrum of the kernel at the frequencies of a block."""
    key = (kernel.sfreq, kernel.kernel.tobytes(), n_times)
    if key not in _RESPONSES:
        _RESPONSES.clear()  # recordings of a cohort are alike: the last one is enough
        _RESPONSES[key] = _spectrum(kernel.kernel, n_times)
    return _RESPONSES[key]


def _spectrum(kernel: FloatArray, n_times: int) -> FloatArray:
    centred = np.zeros(n_times)
    half = len(kernel) // 2
    centred[: half + 1] = kernel[half:]
    if half:
        centred[-half:] = kernel[:half]
    return np.asarray(fft.rfft(centred).real.astype(np.float32))


def _transform(block: FloatArray, response: FloatArray, n_out: int) -> FloatArray:
    """Filter a block and change its rate."""
    n_in = block.shape[1]
    spectrum = fft.rfft(block, axis=1)
    n_common = min(n_in, n_out) // 2 + 1
    passed = spectrum[:, :n_common] * response[:n_common]
    signals = fft.irfft(passed, n=n_out, axis=1, overwrite_x=True)
    signals *= n_out / n_in
    return np.asarray(signals)


@cache
def _design_drift(sfreq: float) -> FloatArray:
    """Design the high-pass by which PREP removes drifts before it looks."""
    kernel = mne.filter.create_filter(None, sfreq, DRIFT_HZ, None, verbose="error")
    return np.asarray(kernel)


def _excerpt(block: FloatArray, sfreq: float) -> FloatArray:
    """Cut out the middle of a block, not longer than noise needs to be measured."""
    n_channels, n_times = block.shape
    wanted = max(MAX_NOISE_SAMPLES // n_channels, int(MIN_NOISE_S * sfreq))
    start = max((n_times - wanted) // 2, 0)
    return block[:, start : start + wanted]


def measure_noise(block: FloatArray, notch: FloatArray, sfreq: float) -> FloatArray:
    """Measure the median deviation above 50 Hz over that below it (PREP).

    Args:
        block: As recorded, shape `(n_channels, n_times)`.
        notch: Kernel that removes the mains.
        sfreq: Sampling rate, Hz.

    Returns:
        NaN where the recording reaches no higher.
    """
    if sfreq <= 2 * NOISE_HZ or block.shape[1] <= NOISE_TAPS:
        return np.full(len(block), np.nan)
    drift = _design_drift(sfreq)
    edge = min(len(drift) // 2, block.shape[1] - 1)
    padded = np.pad(block, ((0, 0), (edge, edge)), "reflect", reflect_type="odd")
    n_times = fft.next_fast_len(padded.shape[1], real=True)
    spectrum = fft.rfft(padded, n=n_times, axis=1)
    for removing in (notch, drift):
        if len(removing) < n_times:
            spectrum *= _spectrum(removing, n_times)
    flank = np.array([NOISE_HZ - NOISE_FLANK_HZ, NOISE_HZ]) * 2 / sfreq
    kernel = firwin2(NOISE_TAPS, [0, *flank, 1], [1, 1, 0, 0])
    below = _spectrum(kernel, n_times) ** 2  # forth and back, as PREP filters
    parts = []
    for share in (below, 1 - below):
        signals = fft.irfft(spectrum * share, n=n_times, axis=1)
        step = -(-block.shape[1] // MAX_MEDIAN_SAMPLES)
        inner = slice(edge, edge + block.shape[1], step)
        kept = np.ascontiguousarray(signals[:, inner])
        middle = np.median(kept, axis=1, keepdims=True)
        parts.append(np.median(np.abs(kept - middle), axis=1))
    low, high = parts
    return np.asarray(np.divide(high, low, out=np.zeros_like(low), where=low > 0))


class _Padded:
    """A stretch continued at both ends by point reflection, zeros beyond that."""

    def __init__(
        self, read: Callable[[int, int], FloatArray], n_times: int, half: int
    ) -> None:
        self.read_inner = read
        self.n_times = n_times
        self.n_pad = min(half, n_times - 1)
        head = read(0, self.n_pad + 1).astype(np.float32)
        tail = read(n_times - self.n_pad - 1, n_times).astype(np.float32)
        self.before = 2 * head[:, :1] - head[:, :0:-1]
        self.after = 2 * tail[:, -1:] - tail[:, -2::-1]

    def read(self, start: int, stop: int) -> Float[np.ndarray, "n_channels n_times"]:
        """Read samples from `start` (may be negative) to `stop`, float32."""
        block = np.zeros((len(self.before), stop - start), dtype=np.float32)
        pads = ((-self.n_pad, self.before), (self.n_times, self.after))
        for place, values in pads:
            first, last = max(start, place), min(stop, place + values.shape[1])
            if first < last:
                block[:, first - start : last - start] = values[
                    :, first - place : last - place
                ]
        first, last = max(start, 0), min(stop, self.n_times)
        if first < last:
            block[:, first - start : last - start] = self.read_inner(first, last)
        return block


# A mains line stands out of its neighbourhood by at least this factor in power. Chosen
# here, as the length searched.
LINE_PROMINENCE = 4.0
# Enough of a recording to see its mains line in.
LINE_SEARCH_S = 120.0


def detect_line_freq(recording: Recording) -> float | None:
    """Find the mains line at 50 or 60 Hz in the spectrum, None if there is none.

    Looks at the middle two minutes.
    """
    nyquist = recording.sfreq / 2
    n_times = min(recording.n_times, int(LINE_SEARCH_S * recording.sfreq))
    start = (recording.n_times - n_times) // 2
    signals = np.nan_to_num(recording.signals[:, start : start + n_times])
    length = min(n_times, int(4 * recording.sfreq))
    frequencies, power = welch(signals, recording.sfreq, nperseg=length)
    mean_power = power.mean(0)
    lines = {}
    for candidate in (50.0, 60.0):
        if candidate + 4 < nyquist:
            distance = np.abs(frequencies - candidate)
            near = mean_power[distance <= 0.5].max()
            around = np.median(mean_power[(distance > 1.5) & (distance <= 4)])
            if near > LINE_PROMINENCE * around:
                lines[candidate] = near
    return max(lines, key=lambda hz: lines[hz], default=None)
