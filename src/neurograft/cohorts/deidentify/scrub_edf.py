"""EDF and BDF without names: header fields and annotation text, signals untouched."""

import re
import shutil
from datetime import datetime
from pathlib import Path

from neurograft.cohorts.deidentify.known_texts import (
    scrub_channel,
    scrub_prefilter,
    scrub_unit,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.recordings.edf import iterate_annotation_bytes, read_edf_header

# First byte and width of fields of the header (Kemp 1992).
PATIENT = (8, 80)
RECORDING = (88, 80)
DATE = (168, 8)
RESERVED = (192, 44)
# Onset and duration of an annotation (Kemp 2003), and the first year of EDF dates.
ONSET = re.compile(rb"^[+-]\d+(\.\d*)?(\x15\d+(\.\d*)?)?$")
EARLIEST_YEAR = 1985


def scrub_edf(source: Path, target: Path, person: str, scrubber: Scrubber) -> None:
    """Copy a file, and overwrite in the copy what could name a person.

    Patient, recording, transducer and reserved fields are emptied; labels, units and
    filters keep the words of the field; the date is shifted; annotation text is
    scrubbed in place. EDF cannot hold dates before 1985, which become 1985.

    Args:
        source: EDF or BDF file.
        target: The copy; replaced if it exists.
        person: By whom dates are shifted.
        scrubber: Hides people.

    Raises:
        DataError: If the file is not EDF or BDF.
    """
    header = read_edf_header(source)
    shutil.copyfile(source, target)
    with target.open("r+b") as file:

        def put(place: tuple[int, int], text: str) -> None:
            file.seek(place[0])
            file.write(text.encode("ascii")[: place[1]].ljust(place[1]))

        file.seek(DATE[0])
        date = _shift(file.read(8).decode("latin-1"), person, scrubber)
        file.seek(RESERVED[0])
        kind = file.read(5).decode("latin-1")
        is_plus = kind in ("EDF+C", "EDF+D", "BDF+C", "BDF+D", "24BIT")
        put(PATIENT, "X X X X")
        put(RECORDING, "Startdate X X X X")
        put(DATE, date)
        put(RESERVED, kind if is_plus else "")
        for channel, label in enumerate(header.labels):
            put(header.find_field(channel, "transducer"), "")
            put(header.find_field(channel, "reserved"), "")
            known = scrub_channel(label, scrubber)
            if known != label:
                put(header.find_field(channel, "label"), known)
            if scrub_unit(header.units[channel]) != header.units[channel]:
                put(header.find_field(channel, "unit"), "")
            filters = header.find_field(channel, "prefilter")
            file.seek(filters[0])
            put(filters, scrub_prefilter(file.read(filters[1]).decode("latin-1")))
        for place, content in iterate_annotation_bytes(source, header):
            file.seek(place)
            file.write(_scrub_annotations(content, scrubber))


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
