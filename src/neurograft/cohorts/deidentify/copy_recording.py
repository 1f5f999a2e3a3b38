"""Copy one recording without names, whole or not at all."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import mne
import numpy as np

from neurograft.cohorts.deidentify.known_texts import name_channels
from neurograft.cohorts.deidentify.scrub_brainvision import is_text, scrub_brainvision
from neurograft.cohorts.deidentify.scrub_edf import scrub_edf
from neurograft.cohorts.deidentify.scrubbing import WITH_HEADER, Copied, Scrubber
from neurograft.errors import DataError
from neurograft.recordings.brainvision import (
    find_markers,
    find_signals,
    read_header,
)
from neurograft.recordings.eeglab import find_outer_signals
from neurograft.recordings.events import Event
from neurograft.recordings.formats import find_extension, is_recording
from neurograft.recordings.opening import call_reader, open_file

# Formats that stay what they are: who scrubs them where they are written.
WRITERS: Mapping[str, Callable[[Path, Path, str, Scrubber], None]] = {
    ".edf": scrub_edf,
    ".bdf": scrub_edf,
    ".vhdr": scrub_brainvision,
}
UNREADABLE = "a file of the recording cannot be read ({})"
# Files of signals and markers that go with a header.
COMPANIONS = (".eeg", ".vmrk", ".fdt")
HEADER_LEFT = "its header was left out"
NO_HEADER = "no header names it"


@dataclass(frozen=True)
class Companions:
    """Files that recordings name, and what became of those recordings.

    Attributes:
        paths: The files.
        headers: The recording that names a file, or that is called as it is.
    """

    paths: list[Path] = field(default_factory=list)
    headers: dict[Path, Copied] = field(default_factory=dict)

    def note_header(self, path: Path, made: Copied) -> None:
        """Note what became of a recording; one that was copied comes first."""
        for one in _list_companions(path):
            if made.target or one not in self.headers:
                self.headers[one] = made

    def settle(self, source: Path) -> Iterator[Copied]:
        """Say of every file in a data set whether it was copied with its header."""
        for path in self.paths:
            inside = path.relative_to(source).as_posix()
            header = self.headers.get(path)
            if header is not None and header.target:
                yield Copied(inside, _name_companion(path, header), WITH_HEADER)
            else:
                yield Copied(inside, "", HEADER_LEFT if header else NO_HEADER)


def copy_recording(
    path: Path, inside: str, target: Path, *, label: str, scrubber: Scrubber
) -> Copied:
    """Copy a recording, or say why it is left out.

    It is made in a folder of its own: one that fails leaves nothing behind, and
    nothing that is there is lost.

    Args:
        path: The recording.
        inside: Its path inside the source.
        target: Its path in the copy; formats that are not kept change its ending.
        label: The person, by whom dates are shifted.
        scrubber: Hides people.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as folder:
        try:
            made = _write_copy(path, Path(folder) / target.name, label, scrubber)
            files = sorted(Path(folder).iterdir())
            if any((target.parent / file.name).exists() for file in files):
                raise DataError("another recording has the same name in the copy")
        except DataError as error:
            return Copied(inside, "", str(error))
        except (FileNotFoundError, PermissionError) as error:
            return Copied(inside, "", UNREADABLE.format(error.strerror))
        for file in files:
            file.rename(target.parent / file.name)
    return Copied(inside, made.name)


def name_copy(path: Path, target: Path) -> Path:
    """Name the copy: formats that keep text in many places become `.set` or FIF.

    Args:
        path: The recording.
        target: Its path in the copy, with the ending that it has.

    Raises:
        DataError: If it is called a BrainVision header and is none.
    """
    extension = find_extension(path)
    if extension in WRITERS and not (extension == ".vhdr" and is_text(path)):
        return target
    stem = target.name[: len(target.name) - len(extension)]
    ending = ".set" if extension == ".set" else "_raw.fif"
    if extension.startswith(".fif") and stem.endswith(("raw", "eeg")):
        ending = ".fif"
    return target.with_name(stem + ending)


def is_companion(path: Path) -> bool:
    """Return whether a file holds signals or markers that a header names."""
    return path.suffix.lower() in COMPANIONS and not is_recording(path)


def _list_companions(path: Path) -> list[Path]:
    """List the files that a recording names, or that are called as it is."""
    alike = [path.with_suffix(ending) for ending in COMPANIONS]
    try:
        if find_extension(path) == ".vhdr":
            header = read_header(path)
            found = (find_signals(path, header), find_markers(path, header))
            return [one for one in found if one is not None]
        if find_extension(path) == ".set":
            return find_outer_signals(path)
    except (DataError, OSError):  # said where the recording is copied
        return alike
    return []


def _name_companion(path: Path, header: Copied) -> str:
    """Name the file in which signals or markers are now: beside a header, or in it."""
    made = Path(header.target)
    is_apart = made.suffix == ".vhdr"
    return made.with_suffix(path.suffix.lower()).name if is_apart else made.name


def _write_copy(path: Path, target: Path, label: str, scrubber: Scrubber) -> Path:
    """Copy a recording as it is but for its texts, or write its signals anew."""
    made = name_copy(path, target)
    if made == target and (scrub := WRITERS.get(find_extension(path))):
        scrub(path, target, label, scrubber)
    else:
        _write_anew(path, made, scrubber)
    return made


def _write_anew(path: Path, target: Path, scrubber: Scrubber) -> None:
    """Write signals, channels, positions and scrubbed annotations, and nothing else."""
    opened = open_file(path)
    old = opened.raw
    names = name_channels(old.ch_names, scrubber)
    info = mne.create_info(names, old.info["sfreq"], old.get_channel_types())
    signals = (
        call_reader(partial(old.get_data, verbose="error")) * opened.factors[:, None]
    )
    raw = mne.io.RawArray(np.asarray(signals), info, verbose="error")
    for new, known in zip(raw.info["chs"], old.info["chs"], strict=True):
        new["loc"] = known["loc"].copy()
    renamed = dict(zip(old.ch_names, names, strict=True))
    raw.info["bads"] = [renamed[name] for name in old.info["bads"]]
    gaps = [gap / opened.sfreq for gap in opened.gaps]
    events = [*opened.events, *(Event(gap, 0.0, "boundary") for gap in gaps)]
    annotations = mne.Annotations(
        [event.onset_s for event in events],
        [event.duration_s for event in events],
        [scrubber.scrub(event.name) for event in events],
    )
    raw.set_annotations(annotations, verbose="error")
    if target.suffix == ".set":
        mne.export.export_raw(target, raw, fmt="eeglab", verbose="error")
    else:
        raw.save(target, verbose="error")
