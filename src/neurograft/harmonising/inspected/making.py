"""Gather what pages show of a recording while it is still at hand."""

import numpy as np

from neurograft.harmonising.harmonise import HarmonisedRecording
from neurograft.harmonising.inspected.excerpt import EXCERPT_HZ, cut_excerpt
from neurograft.harmonising.inspected.spectrum import find_spectra
from neurograft.recordings.recording import Recording
from neurograft.store.inspection import FIRST_CUT, SECOND_WORDS, Inspection
from neurograft.types import FloatArray, IntArray


def make_inspection(
    recording: Recording, harmonised: HarmonisedRecording, *, has_microvolts: bool
) -> Inspection:
    """Gather what is shown of a recording: no name, no date, no time of day.

    Args:
        recording: As it was read.
        harmonised: The same, harmonised.
        has_microvolts: False where the amplitude scale means nothing.
    """
    kept = [recording.ch_names.index(name) for name in harmonised.ch_names]
    n_channels = len(recording.ch_names)
    excerpt = cut_excerpt(recording, harmonised)
    frequencies, log_power = find_spectra(harmonised)
    is_left_out = np.ones(n_channels, dtype=bool)
    is_left_out[kept] = False
    sfreq = harmonised.sfreq
    return Inspection(
        unit="microvolts" if has_microvolts else "arbitrary",
        ch_names=recording.ch_names,
        positions=recording.positions,
        bads=tuple(harmonised.bads.get(name, "") for name in recording.ch_names),
        is_left_out=is_left_out,
        excerpt_start_s=round(excerpt.start_s, 3),
        excerpt_hz=EXCERPT_HZ,
        before=excerpt.before,
        after=_spread(excerpt.after, kept, n_channels),
        duration_s=round(recording.duration_s, 3),
        second_s=round(sfreq) / sfreq,
        stretches_s=np.array(
            [
                (in_file_s, first / sfreq, (last - first) / sfreq)
                for in_file_s, (first, last) in harmonised.stretches
            ]
        ),
        codes=_code_seconds(harmonised),
        shares=np.array([second.share for second in harmonised.each_second]),
        frequencies_hz=frequencies,
        log_power=_spread(log_power, kept, n_channels),
    )


def _spread(rows: FloatArray, places: list[int], n_rows: int) -> FloatArray:
    """Put rows in their places among more; the others are NaN."""
    spread = np.full((n_rows, rows.shape[1]), np.nan)
    spread[places] = rows
    return spread


def _code_seconds(harmonised: HarmonisedRecording) -> IntArray:
    """Code the verdict on every second; kept ones in no usable stretch are too short.

    Cuts lie between seconds, so that a second is used whole or not at all.
    """
    starts = np.array([second.start for second in harmonised.each_second])
    words = [second.measure or "kept" for second in harmonised.each_second]
    codes = np.array([SECOND_WORDS.index(word) for word in words])
    is_used = np.zeros(len(starts), dtype=bool)
    for first, last in harmonised.segments:
        is_used |= (starts >= first) & (starts < last)
    too_short = SECOND_WORDS.index("rest too short to use")
    return np.where(~is_used & (codes < FIRST_CUT), too_short, codes)
