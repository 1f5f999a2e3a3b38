"""Open one file with its reader: repairs before, units and gaps after.

What readers raise for files that are not what they claim to be becomes one sentence.
"""

import re
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
from neurograft.recordings.brainvision import repair_header
from neurograft.recordings.damage import check_file
from neurograft.recordings.edf import (
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

# What MNE's readers raise for files that are not what they claim to be.
READER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    UnboundLocalError,
    ValueError,
)


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
    """
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
        text = str(warning.message).split("\n")[0]
        if issubclass(warning.category, RepairWarning):
            opened.repairs.append(text)
        else:
            heard.add(_hide_path(text, path)[:120])
    opened.notes += sorted(heard)
    return opened


def _hide_path(text: str, path: Path) -> str:
    """Return a text without a file's name, which may be a person's, and its folder."""
    hidden = text.replace(str(path.parent), "")
    hidden = re.sub(rf"(?<!\w){re.escape(path.stem)}(?!\w)", "<file>", hidden)
    return " ".join(hidden.split())


def _open(path: Path) -> OpenedFile:
    kind = find_format(path)
    repairs: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        source = path
        if kind is BRAINVISION:
            source, repairs = repair_header(path, Path(folder))
        header = read_edf_header(path) if kind in (EDF, BDF) else None
        notes = check_edf_length(header) if header else []
        raw = call_reader(kind.open, source, hide=path)
    if not raw.ch_names:
        raise DataError("the file holds annotations only, no signal")
    factors = np.ones(len(raw.ch_names))
    gaps: list[int] = []
    if header:
        _check_units(header, list_header_channels(raw), factors, repairs, notes)
        record_times = header.record_s * raw.info["sfreq"]
        gaps = [round(record * record_times) for record in find_gaps(path, header)]
    events = _list_events(raw)
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


def call_reader(reader: Any, *arguments: Any, hide: Path) -> Any:
    """Call a reader; whatever it raises for a damaged file becomes one sentence.

    Args:
        reader: The function to call.
        arguments: Its arguments.
        hide: Path that the sentence must not show, for its name may be a person's.

    Raises:
        DataError: If the reader fails.
    """
    try:
        return reader(*arguments)
    except DataError:
        raise
    except Exception as error:
        # MNE raises plain Exception for damaged annotation channels.
        if type(error) is not Exception and not isinstance(error, READER_ERRORS):
            raise
        what = _hide_path(str(error), hide)[:160]
        kind = type(error).__name__
        raise DataError(f"the file cannot be read: {what or kind}") from error


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
        notes.append(f"units that are no voltage, read as volts: {', '.join(unknown)}")


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
