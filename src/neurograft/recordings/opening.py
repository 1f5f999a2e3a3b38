"""Open one file with its reader: repairs before, units and gaps after.

What readers raise for files that are not what they claim to be becomes one sentence.
"""

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from neurograft.errors import DataError
from neurograft.files.text import fold
from neurograft.montage.channels import strip_numbers
from neurograft.montage.known_words import show_units
from neurograft.recordings.brainvision import repair_header
from neurograft.recordings.damage import check_file
from neurograft.recordings.edf import (
    NoteWarning,
    check_edf_length,
    find_gaps,
    find_unknown_units,
    list_header_channels,
    read_edf_header,
    scale_units,
)
from neurograft.recordings.eeglab import RepairWarning
from neurograft.recordings.events import Event
from neurograft.recordings.formats import BDF, BRAINVISION, EDF, find_format
from neurograft.types import FloatArray

# Oddities that readers warn of, in our words: theirs quote the file.
KNOWN_WARNINGS = {
    "Scaling factor will not": "channels without a scale in the header",
    "Physical range is not": "channels without a physical range in the header",
    "Invalid patient information": "the header's fields of the person are no EDF+",
    "Invalid measurement date": "the header holds no date of the recording",
    "Header information is incorrect for record length": (
        "the header's length of data records is wrong: taken as 1 s"
    ),
    "Number of records from the header": (
        "the header's number of data records is not that of the file"
    ),
    "Highpass cutoff": "the header's limits of the filter contradict each other",
    "Channels contain different": "channels were filtered differently",
    "Missing header": "a side file has no first line",
    "not found": "a file that belongs to the recording is missing",
    "No info on DataPoints": "the header tells no length: that of the file is used",
    "No coordinate information": "channels without coordinates",
    "Online software filter": "a software filter was on during the recording",
    "Unknown types found": "channels of unknown type: taken as EEG",
    "'boundary' events": "the file holds boundaries between its parts",
    "sample index of -1": "events before the first sample",
    "onset that is NaN": "events without a time: left out",
    "outside data range": "events outside the recording: left out",
    "truncated": "the file is shorter than it says",
    "does not conform to MNE naming": "the file's name is not what MNE expects",
}
# Rates between which a recording can be EEG, Hz. Chosen here: below, not even alpha can
# be seen (trends are exported at 1 Hz); no amplifier is above.
LOWEST_SFREQ_HZ, HIGHEST_SFREQ_HZ = 20.0, 1e6


@dataclass
class OpenedFile:
    """A file that a reader has opened.

    Attributes:
        format: Name of the format.
        raw: MNE's `Raw`; signals are read when they are asked for.
        ch_names: Channel names as written in the file.
        factors: Factors that make volts of each channel.
        events: Events marked in the file.
        gaps: First samples after gaps that no event marks.
        repairs: Faults that were put right, in words.
        notes: Oddities that were left as they are, in words.
        places: Number of every channel in the file; empty where none was left out.
        n_written: Channels in the file; 0 where none was left out.
    """

    format: str
    raw: Any
    ch_names: list[str]
    factors: FloatArray
    events: list[Event]
    gaps: list[int] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: tuple[int, ...] = ()
    n_written: int = 0

    @property
    def n_times(self) -> int:
        """Return the length in samples."""
        return int(self.raw.n_times)

    @property
    def sfreq(self) -> float:
        """Return the sampling rate, Hz."""
        return float(self.raw.info["sfreq"])


def open_raw(raw: Any) -> OpenedFile:
    """Take signals that MNE has read already; they are volts.

    Args:
        raw: An `mne.io.Raw` with its annotations.

    Raises:
        DataError: If its sampling rate cannot be that of EEG.
    """
    _check_rate(raw)
    return OpenedFile(
        format="MNE",
        raw=raw,
        ch_names=list(raw.ch_names),
        factors=np.ones(len(raw.ch_names)),
        events=_list_events(raw),
    )


def open_file(path: Path) -> OpenedFile:
    """Open a file of any known format.

    Raises:
        DataError: If it cannot be opened; the sentence holds no path.
    """
    check_file(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        opened = _open(path)
    heard = set()
    for warning in caught:
        text = str(warning.message)
        if issubclass(warning.category, RepairWarning):
            opened.repairs.append(text)
        elif issubclass(warning.category, NoteWarning):
            heard.add(text)
        else:
            heard.add(_say_warning(text, warning.category.__name__))
    opened.notes += sorted(heard)
    return opened


def _say_warning(text: str, kind: str) -> str:
    """Say in our words what a reader warned of."""
    known = [said for part, said in KNOWN_WARNINGS.items() if part in text]
    return known[0] if known else f"its reader warned of something ({kind})"


def _open(path: Path) -> OpenedFile:
    kind = find_format(path)
    repairs: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        source = path
        if kind is BRAINVISION:
            source, repairs = repair_header(path, Path(folder))
        header = read_edf_header(path) if kind in (EDF, BDF) else None
        notes = check_edf_length(header) if header else []
        raw = call_reader(kind.open, source)
    if not raw.ch_names:
        raise DataError("the file holds annotations only, no signal")
    _check_rate(raw)
    factors = np.ones(len(raw.ch_names))
    gaps: list[int] = []
    if header:
        _check_units(header, list_header_channels(raw), factors, repairs, notes)
        record_times = header.record_s * raw.info["sfreq"]
        gaps = [round(record * record_times) for record in find_gaps(path, header)]
    events = call_reader(_list_events, raw)
    names = strip_numbers(raw.ch_names)
    if names != raw.ch_names:
        repairs.append("channels of the same name: the first of each is kept")
    opened = OpenedFile(kind.name, raw, names, factors, events, gaps, repairs, notes)
    if header:
        signals, read = header.signal_channels, list_header_channels(raw)
        if set(read) <= set(signals):
            opened.places = tuple(map(signals.index, read))
            opened.n_written = len(signals)
    return opened


def _check_rate(raw: Any) -> None:
    """Check that a sampling rate can be that of EEG.

    Raises:
        DataError: If it cannot: a damaged header, or a trend instead of the signal.
    """
    sfreq = float(raw.info["sfreq"])
    if not LOWEST_SFREQ_HZ <= sfreq <= HIGHEST_SFREQ_HZ:
        raise DataError(
            f"the file says a sampling rate of {sfreq:.2g} Hz, and that of EEG lies "
            f"between {LOWEST_SFREQ_HZ:g} Hz and 1 MHz; export the signal itself, not "
            "a trend of it, or copy the file again from the source"
        )


def call_reader(reader: Any, *arguments: Any) -> Any:
    """Call a reader; whatever it raises for a damaged file becomes one sentence.

    The sentence holds the kind of exception and none of its text, which may quote the
    header or the file's name. A mistake in a reader looks the same as a damaged file.

    Args:
        reader: The function to call.
        arguments: Its arguments.

    Raises:
        DataError: If the reader fails.
    """
    try:
        return reader(*arguments)
    except DataError:
        raise
    except MemoryError as error:
        raise DataError(
            "reading the file asks for more memory than there is; its header is "
            "damaged, or it is too long for this machine"
        ) from error
    except FileNotFoundError as error:
        raise DataError(
            "a file that belongs to the recording is missing; copy all of its files"
        ) from error
    except Exception as error:
        raise DataError(
            "the file cannot be read: it is damaged, or not what its name says "
            f"({type(error).__name__} in its reader)"
        ) from error


def _check_units(
    header: Any,
    channels: Sequence[int],
    factors: FloatArray,
    repairs: list[str],
    notes: list[str],
) -> None:
    """Scale units that MNE takes for volts; note those that are none."""
    scaled = scale_units(header)
    factors[:] = [scaled.get(channel, 1.0) for channel in channels]
    units = sorted({header.units[channel] for channel in channels if channel in scaled})
    if units:
        repairs.append(f"unit {', '.join(units)}: scaled to microvolts")
    unknown = find_unknown_units(header)
    if unknown:
        notes.append(f"units that are no voltage, read as volts: {show_units(unknown)}")


def _list_events(raw: Any) -> list[Event]:
    annotations = raw.annotations
    # MNE counts from where the recording began before it was cropped, date or not.
    first = raw.first_time
    triples = zip(
        annotations.onset, annotations.duration, annotations.description, strict=True
    )
    return [
        Event(
            float(onset - first),
            float(duration) if np.isfinite(duration) else 0.0,
            fold(str(name)).rstrip("/"),
        )
        for onset, duration, name in triples
        if np.isfinite(onset)
    ]
