"""BrainVision without names: only what says how to read the signals is written."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from neurograft.cohorts.deidentify.known_texts import (
    MISSING,
    name_channels,
    scrub_unit,
)
from neurograft.cohorts.deidentify.scrubbing import (
    EVENT_KINDS,
    REPLACEMENT,
    Scrubber,
)
from neurograft.errors import DataError
from neurograft.files.text import decode_text
from neurograft.montage.known_words import show_reference
from neurograft.recordings.brainvision import (
    MARKER_LINE,
    SAMPLE_BYTES,
    BrainVisionHeader,
    find_markers,
    find_signals,
    read_header,
)

# Entries of "Common Infos" that say how to read the signals, and nothing else; and the
# values that the format has for them (BrainVision Core Data Format 1.0).
COMMON = {
    "DataFormat": r"BINARY|ASCII",
    "DataOrientation": r"MULTIPLEXED|VECTORIZED",
    "DataType": r"TIMEDOMAIN|FREQUENCYDOMAIN|TF_AMPLITUDE",
    "NumberOfChannels": r"\d{1,4}",
    "DataPoints": r"\d{1,10}",
    "SamplingInterval": r"\d{1,7}([.,]\d{1,15})?([eE][+-]?\d{1,2})?",
    "SegmentationType": r"NOTSEGMENTED|MARKERBASED|FIXTIME",
    "SegmentDataPoints": r"\d{1,10}",
    "Averaged": r"YES|NO",
}
# Keys and values of the other sections.
BINARY = re.compile(r"BinaryFormat|UseBigEndianOrder|\w*(Offset|Size)")
CODE = re.compile(r"U?INT_(16|32)|IEEE_FLOAT_32|YES|NO|\d{1,4}|[.,]", re.IGNORECASE)
CHANNEL = re.compile(r"Ch\d{1,4}", re.IGNORECASE)
COMMA = r"\1"
# Radius and angles of an electrode, and microvolts of one step of a channel.
PLACE = re.compile(r"\s*-?\d{1,3}(\.\d{1,6})?\s*(,\s*-?\d{1,3}(\.\d{1,6})?\s*){2}")
FACTOR = re.compile(r"\d{0,5}(\.\d{0,15})?([eE][+-]?\d{1,2})?")
MARKER = re.compile(r"^(Mk\d{1,7})\s*=\s*(.*)$", re.MULTILINE)
MARKERS = re.compile(r"^\[Marker Infos\]\s*$", re.MULTILINE | re.IGNORECASE)
# Position, length and channel of a marker, and the time of a segment,
# `YYYYMMDDhhmmssuuuuuu`.
MARKER_NUMBER = re.compile(r"\s*-?\d{1,10}\s*")
DATE_DIGITS = 20
MARKER_DATE = re.compile(rf"\s*\d{{{DATE_DIGITS}}}\s*")
N_MARKER_NUMBERS = 3


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
        DataError: If the signals are not there, or not written as numbers of bytes.
    """
    header = read_header(source)
    data, markers = find_signals(source, header), find_markers(source, header)
    n_bytes = _count_whole_bytes(header, data.stat().st_size)
    common = {
        key: value
        for key, value in header.common.items()
        if key in COMMON and re.fullmatch(COMMON[key], value, re.IGNORECASE)
    }
    common |= {"Codepage": "UTF-8", "DataFile": target.with_suffix(".eeg").name}
    if markers:
        common["MarkerFile"] = target.with_suffix(".vmrk").name
        text, _ = decode_text(markers.read_bytes())
        shown = _scrub_markers(text, target, label, scrubber)
        target.with_suffix(".vmrk").write_text(shown, encoding="utf-8")
    sections = {
        "Common Infos": common,
        "Binary Infos": _keep(header, "Binary Infos", BINARY, CODE),
        "Channel Infos": _scrub_channels(header, scrubber),
        "Coordinates": _keep(header, "Coordinates", CHANNEL, PLACE),
    }
    told = {name: entries for name, entries in sections.items() if entries}
    kept = replace(header, sections=told)
    target.write_text(kept.to_text(), encoding="utf-8")
    shutil.copyfile(data, target.with_suffix(".eeg"))
    with target.with_suffix(".eeg").open("r+b") as file:
        file.truncate(n_bytes)


def is_text(source: Path) -> bool:
    """Return whether the signals are written as text, which may hold any words.

    Raises:
        DataError: If it is no BrainVision header.
    """
    return read_header(source).common.get("DataFormat", "").upper() == "ASCII"


def _count_whole_bytes(header: BrainVisionHeader, n_bytes: int) -> int:
    """Count the bytes up to the last sample of which all channels are there.

    Raises:
        DataError: If the header does not say how samples are written.
    """
    form = header.sections.get("Binary Infos", {}).get("BinaryFormat", "").upper()
    n_channels = header.common.get("NumberOfChannels", "")
    if form not in SAMPLE_BYTES or not re.fullmatch(r"0*[1-9]\d{0,3}", n_channels):
        raise DataError(
            "the header does not say how samples are written: it needs BinaryFormat "
            "and NumberOfChannels"
        )
    return n_bytes - n_bytes % (int(n_channels) * SAMPLE_BYTES[form])


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
    entries = {
        key: [*entry.split(","), "", "", ""][:4]
        for key, entry in header.sections.get("Channel Infos", {}).items()
        if CHANNEL.fullmatch(key)
    }
    written = [parts[0].replace(COMMA, ",") for parts in entries.values()]
    names = name_channels(written, scrubber)
    told = {}
    for name, (key, parts) in zip(names, entries.items(), strict=True):
        _, reference, factor, unit = parts
        factor = factor if FACTOR.fullmatch(factor) else ""
        # Without a unit, microvolts are read.
        unit = scrub_unit(unit) or (MISSING if unit.strip() else "")
        shown = (show_reference(reference), factor, unit)
        told[key] = ",".join([name.replace(",", COMMA), *shown])
    return told


def _scrub_markers(text: str, target: Path, label: str, scrubber: Scrubber) -> str:
    """Scrub the markers of a file, line by line: a key may stand there twice."""
    signals = target.with_suffix(".eeg").name
    lines = [MARKER_LINE, "", "[Common Infos]", "Codepage=UTF-8"]
    lines += [f"DataFile={signals}", "", "[Marker Infos]"]
    start = MARKERS.search(text.replace("\r", ""))
    entries = text.replace("\r", "")[start.end() :] if start else ""
    for key, entry in MARKER.findall(entries):
        scrubbed = _scrub_marker(entry, label, scrubber)
        lines += [f"{key}={scrubbed}"] if scrubbed else []
    return "\n".join(lines) + "\n"


def _scrub_marker(entry: str, label: str, scrubber: Scrubber) -> str:
    """Scrub one marker; nothing if its position and length are not at its end.

    A text with commas of its own, which the format writes in another way, is replaced.

    Example:
        >>> _scrub_marker("Comment,Huber, Erika,100,1,0", "1", Scrubber("secret"))
        'Comment,note,100,1,0'
    """
    kind, text, *rest = [*entry.split(","), ""]
    fields = rest[:-1]
    date = ""
    if fields and MARKER_DATE.fullmatch(fields[-1]):
        date = _shift(fields.pop().strip(), label, scrubber)
    numbers = fields[-N_MARKER_NUMBERS:]
    is_whole = len(numbers) == N_MARKER_NUMBERS
    if not is_whole or not all(map(MARKER_NUMBER.fullmatch, numbers)):
        return ""
    shown = [kind if kind in EVENT_KINDS else scrubber.scrub(kind)]
    if len(fields) > N_MARKER_NUMBERS:
        shown.append(REPLACEMENT)
    else:
        is_vouched = f"{kind}/{text}" in scrubber.keep
        shown.append(text if is_vouched else scrubber.scrub(text))
    return ",".join([*shown, *(n.strip() for n in numbers), *filter(None, [date])])


def _shift(text: str, label: str, scrubber: Scrubber) -> str:
    """Shift the time of a segment, `YYYYMMDDhhmmssuuuuuu`; anything else is zeros."""
    try:
        date = datetime.strptime(text, "%Y%m%d%H%M%S%f")
    except ValueError:
        return "0" * DATE_DIGITS
    shifted = scrubber.shift(label, date)
    return f"{shifted:%Y%m%d%H%M%S%f}" if shifted else "0" * DATE_DIGITS
