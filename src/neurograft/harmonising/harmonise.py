"""Bring a recording to one band, reference and rate, each step written down.

Crop, notch, band-pass, bad channels, interpolation, average reference, new rate, clip.
Two passes over the signals, in blocks: one filters, one repairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import ChannelError, DataError
from neurograft.files.keys import RecordingKey, Segment
from neurograft.harmonising.buffer import RowBuffer
from neurograft.harmonising.cleaning import find_rejected, remove_components
from neurograft.harmonising.filtering import detect_line_freq
from neurograft.harmonising.first_pass import Filtered, design_for, filter_recording
from neurograft.harmonising.quality import (
    MAX_SAMPLES,
    check_amplitude,
    correlate_channels,
    find_bad_channels,
    robust_sd,
)
from neurograft.harmonising.repair import make_repair
from neurograft.harmonising.seconds import (
    Second,
    Stretch,
    join_seconds,
    judge_seconds,
    keep_segments,
)
from neurograft.recordings.recording import Recording
from neurograft.types import FloatArray

# Scale given to recordings whose unit means nothing. Chosen here: about that of EEG in
# microvolts.
ARBITRARY_SCALE = 10.0
# An average reference needs two channels.
MIN_CHANNELS = 2
# Correlations over a recording do not look beyond this many robust SDs. Chosen here: a
# pop must not decide.
MAX_CORRELATED_SD = 5.0
# A stretch between two gaps that is shorter is not used. Chosen here.
MIN_STRETCH_S = 1.0
# Channels quieter than this share of the median are not given finer limits. Chosen
# here: half of where a channel counts as flat.
MIN_SD_SHARE = 1e-2


@dataclass(frozen=True)
class HarmonisedRecording:
    """A recording after harmonising.

    Attributes:
        key: Cohort and BIDS entities.
        rows: Filtered samples before repair.
        repair: Matrix that interpolates, re-references and scales: output channels by
            input channels.
        limits: Largest amplitude of every channel.
        clip_sd: That, in robust SDs of the channel.
        sfreq: Sampling rate, Hz.
        ch_names: Canonical names.
        positions: Unit sphere, shape `(n_channels, 3)`.
        scale: Median robust SD of the channels; in microvolts unless arbitrary.
        recorded_scale: Amplitude before filtering and referencing, unit of the file.
        line_freq: Mains frequency that was removed, Hz; None if there was none.
        segments: Stretches without a gap or a dropped second, in samples.
        seconds: Verdicts over time, consecutive equal ones joined.
        bads: Bad channels and why; interpolated, or left out of a bipolar montage.
        repairs: Faults in the files that were put right, in words.
        notes: Steps taken and oddities noticed, in words.
        stretches: Where every stretch without a gap begins in the file, seconds, and
            its samples.
        each_second: Verdict on every second.
    """

    key: RecordingKey
    rows: RowBuffer
    repair: FloatArray
    limits: FloatArray
    clip_sd: float
    sfreq: float
    ch_names: tuple[str, ...]
    positions: FloatArray
    scale: float
    recorded_scale: float
    line_freq: float | None
    segments: tuple[Segment, ...]
    seconds: tuple[Stretch, ...]
    bads: dict[str, str]
    repairs: tuple[str, ...]
    notes: tuple[str, ...]
    stretches: tuple[tuple[float, Segment], ...] = ()
    each_second: tuple[Second, ...] = ()

    def list_starts(self, n_times: int) -> list[int]:
        """List where usable stretches are cut into pieces of equal length.

        Args:
            n_times: Length of a piece, samples; a shorter rest is left over.
        """
        return [
            start
            for first, last in self.segments
            for start in range(first, last - n_times + 1, n_times)
        ]

    @property
    def n_times(self) -> int:
        """Return the length in samples."""
        return self.rows.n_rows

    def iterate_pieces(self) -> Iterator[FloatArray]:
        """Yield consecutive pieces, shape `(n_times, n_channels)`, float32.

        In microvolts (or arbitrary units at a common scale), average reference.
        """
        for start, stop in self.rows.iterate_pieces():
            yield self.read(start, stop)

    def read(self, start: int, stop: int) -> FloatArray:
        """Read a piece, shape `(stop - start, n_channels)`."""
        repaired = self.rows.read(start, stop) @ self.repair.T
        return np.asarray(np.clip(repaired, -self.limits, self.limits, out=repaired))

    @property
    def signals(self) -> FloatArray:
        """Return all of it, shape `(n_times, n_channels)`."""
        return np.concatenate(list(self.iterate_pieces()))


def harmonise_recording(
    recording: Recording,
    settings: HarmoniseConfig,
    *,
    has_microvolts: bool = True,
    line_freq: float | None = None,
    scratch: Path | None = None,
) -> HarmonisedRecording:
    """Notch, band-pass, repair bad channels, average reference, resample, clip.

    Nothing is z-scored by channel or window: that would delete topography and alpha.

    Args:
        recording: In microvolts.
        settings: Band, rate and limits.
        has_microvolts: False where the amplitude scale means nothing: one is given.
        line_freq: Mains frequency in Hz; None reads it from the file or detects it.
        scratch: Folder for what does not fit in memory.

    Raises:
        DataError: If the recording is too short, or too many channels are bad.
        UnitError: If amplitudes are not plausible microvolts.
    """
    stretches, notes = _choose_stretches(recording, settings)
    line_freq = line_freq or recording.line_freq or detect_line_freq(recording)
    kernel = design_for(recording, settings, line_freq, notes)
    filtered = filter_recording(recording, kernel, stretches, settings, scratch)
    if settings.iclabel:
        notes.append(_clean(recording, filtered, settings, has_microvolts))
    repair = _find_repair(recording, filtered, settings, has_microvolts)
    each_second = _judge_all(recording, filtered, repair, settings)
    seconds = join_seconds(each_second)
    segments = _keep_usable(filtered, seconds, settings)
    return HarmonisedRecording(
        key=recording.key,
        rows=filtered.rows,
        repair=repair.matrix,
        limits=repair.limits,
        clip_sd=settings.clip_sd,
        sfreq=settings.sfreq,
        ch_names=tuple(recording.ch_names[i] for i in repair.kept),
        positions=recording.positions[repair.kept],
        scale=repair.scale,
        recorded_scale=filtered.evidence.recorded_scale,
        line_freq=line_freq,
        segments=tuple(segments),
        seconds=tuple(seconds),
        bads={recording.ch_names[i]: why for i, why in repair.bad.items()},
        repairs=recording.repairs,
        notes=tuple(notes),
        stretches=tuple(
            (start / recording.sfreq, rows)
            for (start, _), rows in zip(stretches, filtered.segments, strict=True)
        ),
        each_second=tuple(each_second),
    )


def _choose_stretches(
    recording: Recording, settings: HarmoniseConfig
) -> tuple[list[Segment], list[str]]:
    """Choose the stretches that are long enough; list the notes so far.

    Raises:
        DataError: If all of them together are too short.
        ChannelError: If there is only one channel.
    """
    if len(recording.ch_names) < MIN_CHANNELS and not recording.is_bipolar:
        raise ChannelError("one channel alone has no average reference; two are needed")
    least = MIN_STRETCH_S * recording.sfreq
    stretches = [(a, b) for a, b in recording.stretches if b - a >= least]
    seconds = sum(b - a for a, b in stretches) / recording.sfreq
    if seconds < settings.min_duration_s:
        raise DataError(
            f"{seconds or recording.duration_s:.1f} s long, at least "
            f"{settings.min_duration_s:g} s are needed"
        )
    return stretches, list(recording.notes)


@dataclass(frozen=True)
class _Repair:
    """The linear map and the limits of the second pass over a recording.

    Attributes:
        kept: Channels that stay, by index.
        matrix: Interpolation, reference and gain: channels that stay by all channels.
        limits: Largest amplitude of every channel that stays.
        scale: Median robust SD of them.
        bad: Why channels are bad, by index.
    """

    kept: list[int]
    matrix: FloatArray
    limits: FloatArray
    scale: float
    bad: dict[int, str]


def _find_repair(
    recording: Recording,
    filtered: Filtered,
    settings: HarmoniseConfig,
    has_microvolts: bool,
) -> _Repair:
    sample = filtered.rows.thin(MAX_SAMPLES)
    bad = _find_all_bads(recording, sample, filtered, settings, has_microvolts)
    kept, matrix = make_repair(
        recording.positions, sorted(bad), is_bipolar=recording.is_bipolar
    )
    sds = robust_sd(matrix @ sample)
    gain = 1.0 if has_microvolts else ARBITRARY_SCALE / float(np.median(sds))
    sds = sds * gain
    scale = float(np.median(sds))
    limits = settings.clip_sd * np.maximum(sds, MIN_SD_SHARE * scale)
    return _Repair(
        kept,
        (matrix * gain).astype(np.float32),
        limits.astype(np.float32),
        scale,
        dict(sorted(bad.items())),
    )


def _find_all_bads(
    recording: Recording,
    sample: FloatArray,
    filtered: Filtered,
    settings: HarmoniseConfig,
    has_microvolts: bool,
) -> dict[int, str]:
    """List channels that are bad, and those the files declare bad, by index.

    Raises:
        DataError: If there are too many.
        UnitError: If amplitudes cannot be microvolts.
    """
    sds = robust_sd(sample)
    if has_microvolts:
        check_amplitude(sds)
    elif np.median(sds) == 0:
        raise DataError("the signal is constant on most channels")
    reach = MAX_CORRELATED_SD * sds[:, None]  # one pop must not decide
    evidence = filtered.evidence
    evidence.resemblance = correlate_channels(np.clip(sample, -reach, reach)[None])[0]
    declared = {recording.ch_names.index(n): "declared bad" for n in recording.bads}
    bad = find_bad_channels(sds, evidence, settings) | declared
    if len(bad) > settings.max_bad_share * len(sds):
        named = ", ".join(f"{recording.ch_names[i]} {bad[i]}" for i in sorted(bad)[:3])
        raise DataError(
            f"{len(bad)} of {len(sds)} channels are bad (at most "
            f"{settings.max_bad_share:.0%} are repaired): {named}"
        )
    return bad


def _clean(
    recording: Recording,
    filtered: Filtered,
    settings: HarmoniseConfig,
    has_microvolts: bool,
) -> str:
    """Remove components of muscle and eye; returns what was removed, in words."""
    rows = filtered.rows.require_memory()
    sample = filtered.rows.thin(MAX_SAMPLES)
    bad = _find_all_bads(recording, sample, filtered, settings, has_microvolts)
    good = [i for i in range(rows.shape[1]) if i not in bad]
    cleaned, note = remove_components(
        rows.T.astype(float), recording.positions, good, sfreq=settings.sfreq
    )
    filtered.rows.replace(cleaned.T)
    return note


def _judge_all(
    recording: Recording,
    filtered: Filtered,
    repair: _Repair,
    settings: HarmoniseConfig,
) -> list[Second]:
    rejected = None
    if settings.autoreject:
        repaired = filtered.rows.require_memory() @ repair.matrix.T
        rejected = find_rejected(
            repaired.T.astype(float),
            recording.positions[repair.kept],
            filtered.segments,
            sfreq=settings.sfreq,
        )
    return judge_seconds(
        filtered.rows,
        repair.matrix,
        repair.limits,
        segments=filtered.segments,
        constant=[flags[:, repair.kept] for flags in filtered.constant],
        n_second=round(settings.sfreq),
        max_share=settings.max_bad_share,
        rejected=rejected,
    )


def _keep_usable(
    filtered: Filtered, seconds: Sequence[Stretch], settings: HarmoniseConfig
) -> list[Segment]:
    """Cut dropped seconds out of the segments.

    Raises:
        DataError: If too little is left.
    """
    least = round(MIN_STRETCH_S * settings.sfreq)
    segments = keep_segments(filtered.segments, seconds, n_least=least)
    usable = sum(b - a for a, b in segments) / settings.sfreq
    if usable < settings.min_duration_s:
        dropped = sum(
            stretch.n_times for stretch in seconds if stretch.verdict == "dropped"
        )
        raise DataError(
            f"{usable:.1f} s are usable, at least {settings.min_duration_s:g} s are "
            f"needed: {dropped / settings.sfreq:.0f} s were dropped"
        )
    return segments
