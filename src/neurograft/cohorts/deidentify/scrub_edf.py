"""EDF and BDF without names: header fields and annotation text, signals untouched."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, product
from pathlib import Path
from typing import BinaryIO

from neurograft.cohorts.deidentify.known_texts import (
    name_channels,
    scrub_prefilter,
    scrub_unit,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.errors import DataError
from neurograft.recordings.edf import (
    ANNOTATIONS,
    FIXED_BYTES,
    EdfHeader,
    iterate_annotation_bytes,
    read_edf_header,
)

# First byte and width of fields of the header (Kemp 1992).
PATIENT = (8, 80)
RECORDING = (88, 80)
DATE = (168, 8)
TIME = (176, 8)
RESERVED = (192, 44)
# Onset and duration of an annotation (Kemp 2003), and the first year of EDF dates.
ONSET = re.compile(
    rb"^[+-]\d{1,7}(\.\d{0,12})?(\x15\d{1,7}(\.\d{0,12})?)?$"  # a week: 604 800 s
)
EARLIEST_YEAR = 1985
CLOCK = re.compile(r"\d\d[.:]\d\d[.:]\d\d")
# What the reserved field says of EDF+ (Kemp 2003) and of BioSemi's BDF.
KINDS = ("EDF+C", "EDF+D", "BDF+C", "BDF+D", "24BIT")
# Fields of numbers; those of counts are read as such.
NUMBER_FIELDS = ("physical_min", "physical_max", "digital_min", "digital_max")
EDF_NUMBER = re.compile(r"[+-]?\d*[.,]?\d*([eE][+-]?\d+)?")
# Channels of annotations, in any spelling, and how the first of a record begins.
ANNOTATED = re.compile(r"(EDF|BDF)[ _]*ANNOTATIONS?", re.IGNORECASE)
FIRST_NOTE = re.compile(rb"[+-]\d+(\.\d*)?(\x15[\d.]*)?\x14\x14?[^\x00]*\x00")


def scrub_edf(source: Path, target: Path, person: str, scrubber: Scrubber) -> None:
    """Copy a file, and overwrite in the copy what could name a person.

    Patient, recording, transducer and reserved fields are emptied; labels, units and
    filters keep the words of the field; the date is shifted; annotation text is
    scrubbed in place; bytes behind the last whole data record are cut off. EDF cannot
    hold dates before 1985, which become 1985.

    Args:
        source: EDF or BDF file.
        target: The copy; replaced if it exists.
        person: By whom dates are shifted.
        scrubber: Hides people.

    Raises:
        DataError: If the file is not EDF or BDF, or a number of its header is none.
    """
    header = read_edf_header(source)
    _check_numbers(source, header)
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        file.truncate(header.header_bytes + header.whole_records * header.record_bytes)
        _scrub_fixed(file, header, person, scrubber)
        _scrub_channels(file, header, scrubber)
        noted = _know_annotations(source, header)
        for place, content in iterate_annotation_bytes(source, noted):
            file.seek(place)
            file.write(_scrub_annotations(content, scrubber))


def _check_numbers(source: Path, header: EdfHeader) -> None:
    """Check that fields of numbers hold some, and the header ends where it must.

    Raises:
        DataError: If not.
    """
    if header.header_bytes < _count_header_bytes(header):
        raise DataError("the header is damaged: it is shorter than its channels need")
    with source.open("rb") as file:
        content = file.read(header.header_bytes)
    for channel, field in product(range(len(header.labels)), NUMBER_FIELDS):
        place, width = header.find_field(channel, field)
        text = content[place : place + width].decode("latin-1").strip()
        if text and not EDF_NUMBER.fullmatch(text):
            raise DataError(f"the header is damaged: {field} is no number")


def _count_header_bytes(header: EdfHeader) -> int:
    return FIXED_BYTES * (1 + len(header.labels))


def _put(file: BinaryIO, place: tuple[int, int], text: str) -> None:
    """Write a text into a field of the header, with blanks behind it."""
    file.seek(place[0])
    file.write(text.encode("ascii")[: place[1]].ljust(place[1]))


def _take(file: BinaryIO, place: tuple[int, int]) -> str:
    file.seek(place[0])
    return file.read(place[1]).decode("latin-1")


def _scrub_fixed(
    file: BinaryIO, header: EdfHeader, person: str, scrubber: Scrubber
) -> None:
    """Scrub the fields of the whole file, and what stands behind those of channels."""
    kind = _take(file, RESERVED)[:5]
    time = _take(file, TIME)
    _put(file, PATIENT, "X X X X")
    _put(file, RECORDING, "Startdate X X X X")
    _put(file, DATE, _shift(_take(file, DATE), person, scrubber))
    _put(file, TIME, time if CLOCK.fullmatch(time) else "00.00.00")
    _put(file, RESERVED, kind if kind in KINDS else "")
    end = _count_header_bytes(header)
    _put(file, (end, header.header_bytes - end), "")


def _scrub_channels(file: BinaryIO, header: EdfHeader, scrubber: Scrubber) -> None:
    """Scrub the fields of every channel; those of annotations keep their name."""
    labels = name_channels(header.labels, scrubber)
    for channel, label in enumerate(header.labels):
        _put(file, header.find_field(channel, "transducer"), "")
        _put(file, header.find_field(channel, "reserved"), "")
        if labels[channel] != label:
            _put(file, header.find_field(channel, "label"), labels[channel])
        if not scrub_unit(header.units[channel]):
            _put(file, header.find_field(channel, "unit"), "")
        filters = header.find_field(channel, "prefilter")
        _put(file, filters, scrub_prefilter(_take(file, filters)))


def _know_annotations(source: Path, header: EdfHeader) -> EdfHeader:
    """Return a header that knows all channels of annotations.

    They are called so, in any case, or their first record begins as annotations do.
    """
    labels = list(header.labels)
    starts = [0, *accumulate(header.samples)]
    with source.open("rb") as file:
        for channel, label in enumerate(labels):
            file.seek(header.header_bytes + starts[channel] * header.sample_bytes)
            content = file.read(header.samples[channel] * header.sample_bytes)
            if ANNOTATED.fullmatch(label) or FIRST_NOTE.match(content):
                labels[channel] = ANNOTATIONS[0]
    return replace(header, labels=tuple(labels))


def _shift(text: str, label: str, scrubber: Scrubber) -> str:
    """Shift a header date, `dd.mm.yy`; 85 to 99 are of the last century."""
    try:
        day, month, year = (int(part) for part in re.split(r"[.\-/]", text))
        century = 1900 if year >= EARLIEST_YEAR % 100 else 2000
        date = scrubber.shift(label, datetime(century + year, month, day))
    except ValueError:
        return "01.01.85"
    if date is None or date.year < EARLIEST_YEAR:
        return "01.01.85"
    return date.strftime("%d.%m.%y")


def _scrub_annotations(content: bytes, scrubber: Scrubber) -> bytes:
    """Scrub the texts of one record's annotations; the length stays."""
    lists = [_scrub_list(part, scrubber) for part in content.split(b"\x00") if part]
    scrubbed = b"".join(part + b"\x00" for part in lists)
    return scrubbed[: len(content)].ljust(len(content), b"\x00")


def _scrub_list(part: bytes, scrubber: Scrubber) -> bytes:
    """Scrub an onset with its texts, as EDF+ keeps them; remove anything else."""
    onset, *texts = part.split(b"\x14")
    if not ONSET.match(onset):
        return b""
    scrubbed = [
        scrubber.scrub(text.decode("utf-8", "replace")).encode("utf-8")[: len(text)]
        for text in texts
    ]
    return b"\x14".join([onset, *scrubbed])
