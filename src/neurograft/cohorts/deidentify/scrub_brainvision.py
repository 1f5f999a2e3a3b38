"""BrainVision without names: only what says how to read the signals is written."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.recordings.brainvision import (
    MARKER_LINE,
    BrainVisionHeader,
    find_markers,
    find_signals,
    read_header,
)

# Entries of "Common Infos" that say how to read the signals, and nothing else.
COMMON = (
    "Codepage", "DataFormat", "DataOrientation", "DataType", "NumberOfChannels",
    "DataPoints", "SamplingInterval", "SegmentationType", "SegmentDataPoints",
    "Averaged",
)  # fmt: skip
# Digits of the time of a segment, `YYYYMMDDhhmmssuuuuuu`.
DATE_DIGITS = 20


def scrub_brainvision(
    source: Path, target: Path, label: str, scrubber: Scrubber
) -> None:
    """Write header, markers and signals under another name, without free text.

    Comments, amplifier serials and file names of the source are not copied; marker
    text is scrubbed, and the times of new segments are shifted.

    Args:
        source: The `.vhdr` file.
        target: The new `.vhdr` file; its companions take its name.
        label: The person, by whom dates are shifted.
        scrubber: Hides people.

    Raises:
        DataError: If the signals are not there.
    """
    header = read_header(source)
    data, markers = find_signals(source, header), find_markers(source, header)
    common = {key: value for key, value in header.common.items() if key in COMMON}
    common |= {"Codepage": "UTF-8", "DataFile": target.with_suffix(".eeg").name}
    if markers:
        common["MarkerFile"] = target.with_suffix(".vmrk").name
        text = _scrub_markers(read_header(markers), target, label, scrubber)
        target.with_suffix(".vmrk").write_text(text, encoding="utf-8")
    kept = replace(header, sections=header.sections | {"Common Infos": common})
    target.write_text(kept.to_text(), encoding="utf-8")
    shutil.copyfile(data, target.with_suffix(".eeg"))


def _scrub_markers(
    markers: BrainVisionHeader, target: Path, label: str, scrubber: Scrubber
) -> str:
    signals = target.with_suffix(".eeg").name
    lines = [MARKER_LINE, "", "[Common Infos]", "Codepage=UTF-8"]
    lines += [f"DataFile={signals}", "", "[Marker Infos]"]
    for key, entry in markers.sections.get("Marker Infos", {}).items():
        kind, text, *rest = [*entry.split(","), "", ""]
        place = [part for part in rest[:3] if part]
        date = [_shift(part, label, scrubber) for part in rest[3:] if part]
        shown = [scrubber.scrub(kind), scrubber.scrub(text), *place, *date]
        lines.append(f"{key}={','.join(shown)}")
    return "\n".join(lines) + "\n"


def _shift(text: str, label: str, scrubber: Scrubber) -> str:
    """Shift the time of a segment, `YYYYMMDDhhmmssuuuuuu`; anything else is zeros."""
    try:
        date = datetime.strptime(text, "%Y%m%d%H%M%S%f")
    except ValueError:
        return "0" * DATE_DIGITS
    return scrubber.shift(label, date).strftime("%Y%m%d%H%M%S%f")
