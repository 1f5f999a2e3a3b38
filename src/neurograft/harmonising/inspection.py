"""Inspect a recording: open it, try to harmonise its beginning, write nothing."""

from dataclasses import replace
from typing import Any

from neurograft.config.harmonise import HarmoniseConfig
from neurograft.errors import DataError
from neurograft.harmonising.harmonise import harmonise_recording
from neurograft.recordings.found_recording import FoundRecording
from neurograft.recordings.opening import OpenedFile, open_file
from neurograft.recordings.reading import ReadingRules, assemble
from neurograft.recordings.recording import Recording

# As much is harmonised to find out whether the signals are plausible. Chosen here: two
# minutes tell, and the wait is short.
TRIED_S = 120.0
SHORTEST_S = 1.0
# Columns of the table of inspected recordings.
COLUMNS = (
    "name", "status", "format", "n_channels", "n_scalp", "sfreq_hz", "duration_s",
    "reason", "repairs", "notes",
)  # fmt: skip


def inspect_recording(
    found: FoundRecording,
    rules: ReadingRules,
    has_microvolts: bool,
    *,
    is_tried: bool = True,
) -> dict[str, Any]:
    """Open a recording, and harmonise its first two minutes if they are to be tried.

    Args:
        found: The recording.
        rules: How it is read.
        has_microvolts: Whether its signals are in a known unit.
        is_tried: False reads no signal: headers and sidecars alone are looked at.

    Returns:
        A row: `status` is `usable`, `unusable` (its reader opens it, but it cannot
        be used, for the reason) or `refused`.
    """
    row: dict[str, Any] = {"name": found.key.name}
    try:
        if found.problem:
            raise DataError(found.problem)
        opened = open_file(found.path)
    except DataError as error:
        return row | {"status": "refused", "reason": str(error)}
    row |= _describe(opened)
    try:
        recording = assemble(found, opened, rules)
        row |= {
            "n_scalp": len(recording.ch_names),
            "repairs": "; ".join(recording.repairs),
            "notes": "; ".join(recording.notes),
        }
        if is_tried:
            harmonise_recording(
                _shorten(recording),
                HarmoniseConfig(min_duration_s=SHORTEST_S),
                has_microvolts=has_microvolts,
            )
    except DataError as error:
        return row | {"status": "unusable", "reason": str(error)}
    return row | {"status": "usable", "reason": ""}


def _describe(opened: OpenedFile) -> dict[str, Any]:
    return {
        "format": opened.format,
        "n_channels": len(opened.ch_names),
        "n_scalp": 0,
        "sfreq_hz": opened.sfreq,
        "duration_s": round(opened.n_times / opened.sfreq, 3),
        "repairs": "; ".join(opened.repairs),
        "notes": "; ".join(opened.notes),
    }


def _shorten(recording: Recording) -> Recording:
    """Keep the first two minutes of what may be used."""
    left = int(TRIED_S * recording.sfreq)
    segments = []
    for start, stop in recording.stretches:
        segments.append((start, min(stop, start + left)))
        left -= stop - start
        if left <= 0:
            break
    return replace(recording, segments=tuple(segments))
