"""Copy a data set without names: what is known to be harmless, and nothing else.

Signals are copied as they are; headers, markers, annotations, tables and sidecars are
written again from what a reader needs. A file of which that is not known is left out.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mne
import numpy as np

from neurograft.cohorts.deidentify.known_texts import name_channels
from neurograft.cohorts.deidentify.scrub_brainvision import scrub_brainvision
from neurograft.cohorts.deidentify.scrub_edf import scrub_edf
from neurograft.cohorts.deidentify.scrub_tables import (
    find_label_column,
    scrub_channels,
    scrub_events,
    scrub_json,
    scrub_people,
    to_tsv,
)
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.cohorts.labels import is_bids, is_subject, name_subject
from neurograft.cohorts.participants import check_folder
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import find_column
from neurograft.files.text import fold
from neurograft.files.writing import write_text
from neurograft.files.written_tables import read_cells
from neurograft.recordings.events import Event
from neurograft.recordings.formats import find_extension, is_recording
from neurograft.recordings.opening import open_file
from neurograft.types import Progress, no_progress

# The label of a person in a path (BIDS 1.10), and files that go with a header.
SUBJECT = r"[Ss][Uu][Bb]-[^_/]+?(?=[_/]|\.[a-z]+$|$)"
COMPANIONS = (".eeg", ".vmrk", ".fdt")


@dataclass(frozen=True)
class Copied:
    """A file of the source, where its copy is, and what was left out of it.

    Attributes:
        source: Its path inside the source; may name a person.
        target: Its path inside the target; empty if it was left out.
        note: Why it was left out, or what was left out of it.
    """

    source: str
    target: str
    note: str = ""


@dataclass(frozen=True)
class Rules:
    """The rules by which a data set is made anonymous.

    Attributes:
        scrubber: Hides people.
        cap_age: Whether ages above 89 become 89.
        table: Name of the table of participants.
        file_column: Its column of file paths, for folders that are not BIDS.
    """

    scrubber: Scrubber
    cap_age: bool = False
    table: str = "participants.tsv"
    file_column: str = "file"


def deidentify(
    source: Path, target: Path, rules: Rules, *, progress: Progress = no_progress
) -> list[Copied]:
    """Copy a data set without names.

    The target appears when it is whole. Names of files that are not BIDS are replaced,
    for they are often names of people.

    Args:
        source: BIDS folder, or any folder of recordings.
        target: New folder.
        rules: Rules for texts, labels, dates and ages.
        progress: Called along the way.

    Returns:
        Every file of the source, with its copy or the reason why there is none.

    Raises:
        ConfigError: If the target exists, or one folder lies in the other.
        DataError: If the folder or a table cannot be read.
    """
    check_folder(source)
    _check_target(source, target)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    walk = _copy_bids if is_bids(source) else _copy_plain
    total = sum(path.is_file() for path in source.rglob("*"))
    copied = []
    for file in walk(source, part, rules):
        copied.append(file)
        progress("copying without names", len(copied), max(total, len(copied)))
    part.rename(target)
    return copied


def _check_target(source: Path, target: Path) -> None:
    a, b = source.resolve(), target.resolve()
    if target.exists():
        raise ConfigError(f"{target} exists; give a folder that does not.")
    if b.is_relative_to(a) or a.is_relative_to(b):
        raise ConfigError(f"{source} and {target} must not lie in one another.")


def _copy_bids(source: Path, target: Path, rules: Rules) -> Iterator[Copied]:
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if ".mff/" in inside.as_posix() or not _is_file(path):
            continue
        is_own = len(inside.parts) > 1 and is_subject(inside.parts[0])
        folder = inside.parts[0] if is_own else ""
        hidden = _relabel_path(inside.as_posix(), folder, rules.scrubber)
        label = name_subject(folder) if folder else ""
        yield _copy_file(path, inside, target / hidden, label, rules)


def _copy_file(
    path: Path, inside: Path, target: Path, label: str, rules: Rules
) -> Copied:
    """Copy one file of a BIDS data set in the way that fits it."""
    name = path.name
    if name.endswith(COMPANIONS) and not is_recording(path):
        return Copied(str(inside), str(inside), "with its header")
    note = ""
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_recording(path):
        return _try_recording(path, inside.as_posix(), target, label, rules.scrubber)
    if path.suffix == ".json":
        write_text(target, scrub_json(path, rules.scrubber))
    elif path.suffix == ".tsv":
        note = _copy_table(path, target, label, rules)
    else:
        return Copied(str(inside), "", "not known to be free of names")
    return Copied(str(inside), target.name, note)


def _relabel_path(text: str, label: str, scrubber: Scrubber) -> str:
    """Hide a person in a path, whatever the label holds, and anybody else in it."""
    own = rf"{re.escape(label)}(?=[_/.]|$)|" if label else ""
    return re.sub(
        own + SUBJECT, lambda match: scrubber.relabel(name_subject(match[0])), text
    )


def _copy_table(path: Path, target: Path, label: str, rules: Rules) -> str:
    """Copy a table; returns which columns were left out."""
    table = read_cells(path)
    scrubber = rules.scrubber
    if path.name.endswith(("_channels.tsv", "_electrodes.tsv")):
        kept = scrub_channels(table, scrubber)
    elif path.name.endswith("_events.tsv"):
        kept = scrub_events(table, scrubber)
    else:
        column = find_label_column(table)
        if column is None:
            table, column = table.assign(participant_id=label), "participant_id"
        kept, _ = scrub_people(
            table, scrubber, label_column=column, cap_age=rules.cap_age
        )
        if "filename" in kept:
            kept["filename"] = [
                _relabel_path(n, label, scrubber) for n in kept["filename"]
            ]
    write_text(target, to_tsv(kept))
    return _name_lost([str(column) for column in table if column not in kept])


def _name_lost(columns: Sequence[str]) -> str:
    return f"columns left out: {', '.join(columns)}" if columns else ""


def _copy_plain(source: Path, target: Path, rules: Rules) -> Iterator[Copied]:
    """Copy the recordings of a folder under new names, and its table if it has one."""
    labels = _read_labels(source, rules)
    renamed = {}
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source).as_posix()
        if inside == rules.table or ".mff/" in inside or not _is_file(path):
            continue
        if is_recording(path):
            hidden = rules.scrubber.hash(inside)[:12] + find_extension(path)
            label = labels.get(fold(inside), inside)
            made = _try_recording(path, inside, target / hidden, label, rules.scrubber)
            renamed[fold(inside)] = made.target
            yield made
        elif path.name.endswith(COMPANIONS):
            yield Copied(inside, inside, "with its header")
        else:
            yield Copied(inside, "", "not known to be free of names")
    if labels:
        yield _copy_listing(source / rules.table, target, renamed, rules)


def _is_file(path: Path) -> bool:
    return path.is_file() or path.suffix == ".mff"


def _read_labels(source: Path, rules: Rules) -> dict[str, str]:
    """Read whose recording each file is; empty if there is no such table."""
    path = source / rules.table
    if not path.is_file():
        return {}
    table = read_cells(path)
    label_column = find_label_column(table)
    file_column = find_column(table, rules.file_column)
    if label_column is None or file_column is None:
        return {}
    pairs = zip(table[file_column], table[label_column], strict=True)
    return {str(file): str(label) for file, label in pairs}


def _copy_listing(
    path: Path, target: Path, renamed: dict[str, str], rules: Rules
) -> Copied:
    """Copy the table of a plain folder with the new names of the files."""
    table = read_cells(path)
    file_column = find_column(table, rules.file_column) or rules.file_column
    files = table.pop(file_column).map(renamed)
    kept, lost = scrub_people(
        table,
        rules.scrubber,
        label_column=find_label_column(table) or "participant_id",
        cap_age=rules.cap_age,
    )
    new = target / path.with_suffix(".tsv").name
    write_text(new, to_tsv(kept.assign(**{file_column: files})))
    return Copied(path.name, new.name, _name_lost(lost))


def _try_recording(
    path: Path, inside: str, target: Path, label: str, scrubber: Scrubber
) -> Copied:
    """Copy a recording, or say why it is left out."""
    try:
        made = _copy_recording(path, target, label, scrubber)
    except DataError as error:
        for half in target.parent.glob(f"{target.name.split('.')[0]}.*"):
            half.unlink()
        return Copied(inside, "", str(error))
    return Copied(inside, made.name)


def _copy_recording(path: Path, target: Path, label: str, scrubber: Scrubber) -> Path:
    """Copy a recording; formats that keep text in many places become `.set` or FIF."""
    extension = find_extension(path)
    writers: dict[str, Callable[..., None]] = {
        ".edf": scrub_edf,
        ".bdf": scrub_edf,
        ".vhdr": scrub_brainvision,
    }
    if extension in writers:
        writers[extension](path, target, label, scrubber)
        return target
    stem = target.name.removesuffix(extension)
    ending = ".set" if extension == ".set" else "_raw.fif"
    if extension == ".fif" and stem.endswith(("raw", "eeg")):
        ending = ".fif"
    new = target.with_name(stem + ending)
    _write_anew(path, new, scrubber)
    return new


def _write_anew(path: Path, target: Path, scrubber: Scrubber) -> None:
    """Write signals, channels, positions and scrubbed annotations, and nothing else."""
    opened = open_file(path)
    old = opened.raw
    names = name_channels(old.ch_names, scrubber)
    info = mne.create_info(names, old.info["sfreq"], old.get_channel_types())
    signals = old.get_data(verbose="error") * opened.factors[:, None]
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
