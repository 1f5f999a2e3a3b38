"""Copy one recording without names, whole or not at all."""

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import mne
import numpy as np

from neurograft.cohorts.deidentify.known_texts import name_channels
from neurograft.cohorts.deidentify.scrub_brainvision import is_text, scrub_brainvision
from neurograft.cohorts.deidentify.scrub_edf import scrub_edf
from neurograft.cohorts.deidentify.scrubbing import Copied, Scrubber
from neurograft.errors import DataError
from neurograft.recordings.events import Event
from neurograft.recordings.formats import find_extension
from neurograft.recordings.opening import call_reader, open_file

# Formats that stay what they are: who scrubs them where they are written.
WRITERS: Mapping[str, Callable[[Path, Path, str, Scrubber], None]] = {
    ".edf": scrub_edf,
    ".bdf": scrub_edf,
    ".vhdr": scrub_brainvision,
}
UNREADABLE = "a file of the recording cannot be read ({})"


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
