"""BrainVision without names: only what says how to read the signals is written."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from neurograft.cohorts.deidentify.known_texts import scrub_channel, scrub_unit
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.montage.known_words import show_reference
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
# Keys and values of the other sections.
BINARY = re.compile(r"BinaryFormat|UseBigEndianOrder|\w*(Offset|Size)")
ASCII = re.compile(r"DecimalSymbol|SkipLines|SkipColumns")
CODE = re.compile(r"U?INT_(16|32)|IEEE_FLOAT_32|YES|NO|\d+|[.,]", re.IGNORECASE)
CHANNEL = re.compile(r"Ch\d+", re.IGNORECASE)
COMMA = r"\1"
NUMBERS = re.compile(r"[\d.,eE+ -]*")
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
    sections = {
        "Common Infos": common,
        "Binary Infos": _keep(header, "Binary Infos", BINARY, CODE),
        "ASCII Infos": _keep(header, "ASCII Infos", ASCII, CODE),
        "Channel Infos": _scrub_channels(header, scrubber),
        "Coordinates": _keep(header, "Coordinates", CHANNEL, NUMBERS),
    }
    told = {name: entries for name, entries in sections.items() if entries}
    kept = replace(header, sections=told)
    target.write_text(kept.to_text(), encoding="utf-8")
    shutil.copyfile(data, target.with_suffix(".eeg"))


def _keep(
    header: BrainVisionHeader,
    section: str,
    keys: re.Pattern[str],
    form: re.Pattern[str],
) -> dict[str, str]:
    """Keep the entries of a section whose key and value have the form they must."""
    entries = header.sections.get(section, {}).items()
    return {k: v for k, v in entries if keys.fullmatch(k) and form.fullmatch(v)}


def _scrub_channels(header: BrainVisionHeader, scrubber: Scrubber) -> dict[str, str]:
    """Scrub name, reference and unit of every channel; `COMMA` stands for a comma."""
    entries = {}
    for key, entry in header.sections.get("Channel Infos", {}).items():
        if not CHANNEL.fullmatch(key):
            continue
        name, reference, factor, unit = [*entry.split(","), "", "", ""][:4]
        known = scrub_channel(name.replace(COMMA, ","), scrubber).replace(",", COMMA)
        factor = factor if NUMBERS.fullmatch(factor) else ""
        told = (known, show_reference(reference), factor, scrub_unit(unit))
        entries[key] = ",".join(told)
    return entries


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
    shifted = scrubber.shift(label, date)
    return f"{shifted:%Y%m%d%H%M%S%f}" if shifted else "0" * DATE_DIGITS
