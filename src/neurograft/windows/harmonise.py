"""Bring a recording to one band, reference and rate, each step written down."""

from dataclasses import dataclass
from fractions import Fraction

import mne
import numpy as np
from scipy.signal import resample_poly, welch

from neurograft.config import HarmoniseConfig
from neurograft.errors import ChannelError, DataError
from neurograft.recordings.channels import HEAD_CENTRE_M
from neurograft.recordings.recording import Recording, RecordingKey
from neurograft.types import FloatArray
from neurograft.windows.quality import check_amplitude, find_bad_channels, robust_sd

# Scale given to recordings whose unit means nothing.
ARBITRARY_SCALE = 10.0
# A mains line stands out of its neighbourhood by at least this factor in power.
LINE_PROMINENCE = 4.0
MIN_CHANNELS = 2


@dataclass(frozen=True)
class HarmonisedRecording:
    """A recording after harmonising.

    Attributes:
        key: Whose and which.
        signals: Microvolts (or arbitrary units at a common scale), average reference,
            shape `(n_times, n_channels)`.
        sfreq: Sampling rate, Hz.
        ch_names: Canonical names.
        positions: Unit sphere, shape `(n_channels, 3)`.
        scale: Median robust SD of the channels; in microvolts unless arbitrary.
        line_freq: Mains frequency that was removed, Hz; None if there was none.
        bads: Interpolated channels and why.
        notes: What was done or noticed, in words.
    """

    key: RecordingKey
    signals: FloatArray
    sfreq: float
    ch_names: tuple[str, ...]
    positions: FloatArray
    scale: float
    line_freq: float | None
    bads: dict[str, str]
    notes: tuple[str, ...]


def harmonise(
    recording: Recording,
    settings: HarmoniseConfig,
    *,
    has_microvolts: bool = True,
    line_freq: float | None = None,
) -> HarmonisedRecording:
    """Notch, band-pass, repair bad channels, average reference, resample.

    Nothing is z-scored per channel or per window: that would delete topography and
    the alpha rhythm's size.

    Args:
        recording: In microvolts.
        settings: Band, rate and limits.
        has_microvolts: False where the amplitude scale means nothing; the recording is
            then brought to one common scale.
        line_freq: Mains frequency in Hz; None reads it from the file or detects it.

    Raises:
        DataError: If the recording is too short, or too many channels are bad.
        UnitError: If amplitudes are not plausible microvolts.
    """
    _check_size(recording, settings)
    line_freq = line_freq or recording.line_freq or detect_line_freq(recording)
    notes = list(recording.notes)
    signals = _filter(recording, settings, line_freq, notes)
    _check_signals(signals, has_microvolts=has_microvolts)
    bad = _find_all_bads(recording, signals, settings)
    signals = interpolate(signals, recording.positions, sorted(bad))
    signals = signals - signals.mean(0)
    signals = _resample(signals, recording.sfreq, settings.sfreq)
    scale = float(np.median(robust_sd(signals)))
    if not has_microvolts:
        signals, scale = signals * (ARBITRARY_SCALE / scale), ARBITRARY_SCALE
    return HarmonisedRecording(
        key=recording.key,
        signals=np.ascontiguousarray(signals.T, dtype=np.float32),
        sfreq=settings.sfreq,
        ch_names=recording.ch_names,
        positions=recording.positions,
        scale=scale,
        line_freq=line_freq,
        bads={recording.ch_names[i]: bad[i] for i in sorted(bad)},
        notes=tuple(notes),
    )


def _check_size(recording: Recording, settings: HarmoniseConfig) -> None:
    if recording.duration_s < settings.min_duration_s:
        raise DataError(
            f"{recording.duration_s:.1f} s long, at least "
            f"{settings.min_duration_s:g} s are needed"
        )
    if len(recording.ch_names) < MIN_CHANNELS:
        raise ChannelError("one channel alone has no average reference; two are needed")


def _check_signals(signals: FloatArray, *, has_microvolts: bool) -> None:
    sds = robust_sd(signals)
    if has_microvolts:
        check_amplitude(sds)
    elif np.median(sds) == 0:
        raise DataError("the signal is constant on most channels")


def _find_all_bads(
    recording: Recording, signals: FloatArray, settings: HarmoniseConfig
) -> dict[int, str]:
    """Channels found bad and those the files declare bad, by index."""
    declared = {recording.ch_names.index(n): "declared bad" for n in recording.bads}
    bad = find_bad_channels(signals) | declared
    if len(bad) > settings.max_bad_share * len(signals):
        raise DataError(
            f"{len(bad)} of {len(signals)} channels are bad (at most "
            f"{settings.max_bad_share:.0%} are repaired)"
        )
    return bad


def detect_line_freq(recording: Recording) -> float | None:
    """Find the mains line at 50 or 60 Hz in the spectrum, None if there is none."""
    nyquist = recording.sfreq / 2
    length = min(recording.signals.shape[1], int(4 * recording.sfreq))
    frequencies, power = welch(recording.signals, recording.sfreq, nperseg=length)
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


def _filter(
    recording: Recording,
    settings: HarmoniseConfig,
    line_freq: float | None,
    notes: list[str],
) -> FloatArray:
    """Notch at the mains and its harmonics, then zero-phase FIR band-pass (MNE)."""
    signals = np.array(recording.signals, dtype=float)
    signals -= np.median(signals, axis=1, keepdims=True)
    sfreq = recording.sfreq
    highest = 0.95 * sfreq / 2
    h_freq: float | None = settings.h_freq
    if settings.h_freq > highest:
        h_freq = None
        notes.append(f"recorded at {sfreq:g} Hz: nothing above {sfreq / 2:g} Hz")
    # Lines well above the band are removed by the band-pass.
    last = min(settings.h_freq * 1.5, highest)
    lines = np.arange(line_freq, last, line_freq) if line_freq else np.array([])
    if lines.size:
        signals = mne.filter.notch_filter(signals, sfreq, lines, verbose="error")
    filtered = mne.filter.filter_data(
        signals, sfreq, settings.l_freq, h_freq, verbose="error"
    )
    return np.asarray(filtered)


def interpolate(
    signals: FloatArray, positions: FloatArray, bad: list[int]
) -> FloatArray:
    """Replace channels by spherical splines of the others (Perrin 1989, by MNE)."""
    if not bad:
        return signals
    names = [str(index) for index in range(len(signals))]
    info = mne.create_info(names, 100.0, "eeg")
    head = HEAD_CENTRE_M + 0.09 * positions
    montage = mne.channels.make_dig_montage(
        dict(zip(names, head, strict=True)), coord_frame="head"
    )
    raw = mne.io.RawArray(signals * 1e-6, info, verbose="error")
    raw.set_montage(montage)
    raw.info["bads"] = [names[index] for index in bad]
    raw.interpolate_bads(origin=tuple(HEAD_CENTRE_M), verbose="error")
    return np.asarray(raw.get_data() * 1e6)


def _resample(signals: FloatArray, old: float, new: float) -> FloatArray:
    if old == new:
        return signals
    ratio = Fraction(new / old).limit_denominator(1000)
    return np.asarray(
        resample_poly(signals, ratio.numerator, ratio.denominator, axis=1)
    )
