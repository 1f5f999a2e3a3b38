"""Copy a data set of BIDS without names: its subjects, and the files of its root."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from neurograft.cohorts.ages import read_age_unit
from neurograft.cohorts.deidentify.bids_names import (
    hide_value,
    is_known_folder,
    is_of_another,
    rename_path,
)
from neurograft.cohorts.deidentify.copy_recording import (
    Companions,
    copy_recording,
    is_companion,
    name_copy,
)
from neurograft.cohorts.deidentify.people.column_names import AGE, classify_column
from neurograft.cohorts.deidentify.people.known_people import (
    KnownPeople,
    check_named_columns,
    find_label_column,
    hide_label,
    is_without_header,
    know_people,
    note_labels,
    read_people,
    spell_labels,
)
from neurograft.cohorts.deidentify.people.scrub_people import Scrubbing
from neurograft.cohorts.deidentify.scrub_json import list_units, scrub_json
from neurograft.cohorts.deidentify.scrub_tables import (
    scrub_channels,
    scrub_events,
    to_tsv,
)
from neurograft.cohorts.deidentify.scrubbing import Copied, Rules
from neurograft.cohorts.finding.closed_folders import say_closed
from neurograft.cohorts.labels import is_subject, list_subject_folders, name_subject
from neurograft.errors import DataError
from neurograft.files.text import count_things
from neurograft.files.writing import write_text
from neurograft.files.written_tables import read_cells
from neurograft.recordings.formats import is_recording

CHANNELS = ("channels.tsv", "electrodes.tsv")
NOT_PEOPLE = ("channels.json", "electrodes.json", "events.json")
LINKED = "a link to another folder"
UNKNOWN_NAME = "its name is not made of the parts of a BIDS name (sub-01_task-rest_eeg)"
OF_ANOTHER = "its name has the label of another person than its folder"
NAME_TAKEN = "another file has the same name in the copy"
SAME_FOLDERS = "another folder has the same label: rename one, or put them together"
CALLED_TABLE = "a folder that is called as a table or a sidecar is"
UNKNOWN_KIND = "not known to be free of names"
WITHOUT_HEADER = "its first line holds data, not names of columns"
NO_LABELS = "no column of labels was found: --participant-column names it"
EMPTY: frozenset[Path] = frozenset()


def copy_bids(source: Path, target: Path, rules: Rules) -> Iterator[Copied]:
    """Copy the subjects and the files of the root, and say what was left out.

    Args:
        source: The data set.
        target: New folder, which exists.
        rules: Rules for texts, labels, dates and ages.
    """
    people = _know_people(source, rules)
    companions = Companions()
    same = _find_same_folders(source)
    for path in walk_folder(source, partial(_is_entered, source, same)):
        inside = path.relative_to(source)
        if path in same:
            yield Copied(f"{inside.as_posix()}/", "", SAME_FOLDERS)
        elif is_folder(path) and path.suffix.lower() != ".mff":
            yield leave_folder(path, inside)
        elif is_companion(path):
            companions.paths.append(path)
        else:
            made = _copy_file(path, inside, target, rules, people)
            if is_recording(path):
                companions.note_header(path, made)
            yield made
    yield from companions.settle(source)


def walk_folder(
    folder: Path, is_entered: Callable[[Path], bool], above: frozenset[Path] = EMPTY
) -> Iterator[Path]:
    """Yield the files below a folder, and the folders that are not looked into.

    Args:
        folder: The folder.
        is_entered: Whether a folder in it is looked into.
        above: Folders that it lies in; a link back to one of them has no end.
    """
    above |= {folder.resolve()}
    try:
        inner = sorted(folder.iterdir())
    except PermissionError:  # said by `leave_folder`
        yield folder
        return
    for path in inner:
        if is_folder(path) and is_entered(path) and path.resolve() not in above:
            yield from walk_folder(path, is_entered, above)
        else:
            yield path


def leave_folder(path: Path, inside: Path) -> Copied:
    """Say why a folder was left out, and how many files it holds."""
    name = f"{inside.as_posix()}/"
    if path.is_symlink():
        return Copied(name, "", LINKED)
    try:
        next(path.iterdir(), None)
    except PermissionError as error:
        return Copied(name, "", say_closed(error))
    is_hidden = path.name.startswith(".")
    kind = "a hidden folder" if is_hidden else "no folder of a subject"
    if path.suffix in (".tsv", ".json"):
        kind = CALLED_TABLE
    return Copied(name, "", f"{kind} ({count_things(count_files(path), 'file')})")


def count_files(folder: Path) -> int:
    """Count the files below a folder, but for those in folders that cannot be read."""
    return sum(len(files) for _, _, files in os.walk(folder))


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; what may not be looked at is none."""
    try:
        return path.is_dir()
    except PermissionError:
        return False


def _find_same_folders(source: Path) -> set[Path]:
    """Find folders of subjects that would be one in the copy: `Sub-1`, `sub-1`."""
    folders = list_subject_folders(source)
    numbers = Counter(name_subject(folder.name) for folder in folders)
    return {path for path in folders if numbers[name_subject(path.name)] > 1}


def _is_entered(source: Path, left: Collection[Path], path: Path) -> bool:
    in_root = path.parent == source
    if path in left:
        return False
    return path.suffix.lower() != ".mff" and is_known_folder(path.name, in_root=in_root)


def _know_people(source: Path, rules: Rules) -> KnownPeople:
    """Gather labels of folders and tables, and the cells that people share.

    Raises:
        ConfigError: If a column is named that no table has.
    """
    folders = list_subject_folders(source)
    recorded = [name_subject(folder.name) for folder in folders]
    labels, spelled = [*recorded], dict[str, str]()
    tables: list[tuple[pd.DataFrame, Sequence[str]]] = []
    for path in [
        *source.glob("*.tsv"),
        *(p for f in folders for p in f.rglob("*.tsv")),
    ]:
        if path.name.endswith((*CHANNELS, "events.tsv")):
            continue
        try:
            table = read_people(path)
        except DataError:  # said where it is copied
            continue
        owner = path.relative_to(source).parts[0]
        people, own = _list_owners(table, name_subject(owner), rules, recorded)
        if path.parent == source:
            labels += [one for one in people if one]
            spelled |= own
        tables.append((table, people))
    check_named_columns((table for table, _ in tables), rules)
    return know_people(labels, tables, folders=recorded, spelled=spelled)


def _list_owners(
    table: pd.DataFrame, owner: str, rules: Rules, folders: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """List the person of every row, of its label or else of the folder.

    Returns also the labels of the table as their folders spell them.
    """
    column = find_label_column(table, rules.participant_column)
    if column is None:
        return [owner] * len(table), {}
    spelled = spell_labels(table, column, folders)
    named = (spelled.get(str(label), "") for label in table[column])
    return [name_subject(label) if label else "" for label in named], spelled


def _copy_file(
    path: Path, inside: Path, target: Path, rules: Rules, people: KnownPeople
) -> Copied:
    """Copy one file in the way that fits it, or say why it is left out."""
    folder = inside.parts[0] if len(inside.parts) > 1 else ""
    hidden = rename_path(
        inside.as_posix(), rules.scrubber, folder=folder, people=people
    )
    is_text = path.suffix in (".json", ".tsv")
    if not (is_text or is_recording(path)):
        return Copied(str(inside), "", UNKNOWN_KIND)
    if hidden is None:
        is_lost = is_of_another(path.name, folder, people)
        return Copied(str(inside), "", OF_ANOTHER if is_lost else UNKNOWN_NAME)
    new = target / hidden
    label = name_subject(folder) if folder else ""
    if is_recording(path):
        return copy_recording(
            path, inside.as_posix(), new, label=label, scrubber=rules.scrubber
        )
    if new.exists():
        return Copied(str(inside), "", NAME_TAKEN)
    try:
        return Copied(
            str(inside), new.name, _copy_text(path, new, folder, rules, people)
        )
    except DataError as error:
        return Copied(str(inside), "", str(error))
    except PermissionError as error:
        return Copied(str(inside), "", say_closed(error))


def _copy_text(
    path: Path, new: Path, folder: str, rules: Rules, people: KnownPeople
) -> str:
    """Copy a table or a sidecar; returns what was left out of it."""
    if path.suffix == ".json":
        units = _list_kept_units(path, folder, rules, people)
        write_text(new, scrub_json(path, rules.scrubber, units))
        return ""
    table = read_cells(path)
    if path.name.endswith(CHANNELS):
        kept = scrub_channels(table, rules.scrubber)
        lost = [str(column) for column in table if column not in kept]
        notes = [f"columns left out: {', '.join(lost)}"] if lost else []
    elif path.name.endswith("events.tsv"):
        kept = scrub_events(table, rules.scrubber)
        notes = _name_renamed(table, kept)
    else:
        table = read_people(path)
        kept, notes = _scrub_people(path, table, folder, rules, people)
    write_text(new, to_tsv(kept))
    return "; ".join(notes)


def _scrub_people(
    path: Path, table: pd.DataFrame, folder: str, rules: Rules, people: KnownPeople
) -> tuple[pd.DataFrame, list[str]]:
    """Scrub a table of people, or of the recordings or sessions of one.

    Raises:
        DataError: If it has no names of columns.
    """
    if is_without_header(table, people):
        raise DataError(WITHOUT_HEADER)
    column = find_label_column(table, rules.participant_column)
    given: dict[str, Callable[[str], str | None]] = {
        "filename": lambda file: _rename_listed(path, file, folder, rules, people),
        "session_id": lambda session: hide_value(session, rules.scrubber, people),
    }
    owner = name_subject(folder) if is_subject(folder) else ""
    owners, spelled = _list_owners(table, owner, rules, people.folders)
    if column is not None:
        given[column] = lambda label: hide_label(spelled[label], rules.scrubber, people)
    units = read_units(path, table)
    kept, notes = Scrubbing(table, owners, rules, people, units).scrub(given)
    notes += note_labels(spelled.values(), rules.scrubber, people)
    is_lost = column is None and not folder
    return kept, [*notes, NO_LABELS] if is_lost else notes


def _rename_listed(
    listing: Path, file: str, folder: str, rules: Rules, people: KnownPeople
) -> str | None:
    """Rename a recording that a table lists as its copy is named."""
    hidden = rename_path(file, rules.scrubber, folder=folder, people=people)
    path = listing.parent / file
    if hidden is None or not is_recording(path):
        return hidden
    try:
        return name_copy(path, Path(hidden)).as_posix()
    except (DataError, OSError):  # said where the recording is copied, if it is there
        return hidden


def _list_kept_units(
    path: Path, folder: str, rules: Rules, people: KnownPeople
) -> dict[str, str]:
    """List the units of those columns of people that stay, beside whose table it is."""
    listing = path.with_suffix(".tsv")
    if not listing.is_file() or path.name.endswith(NOT_PEOPLE):
        return {}
    try:
        kept, _ = _scrub_people(listing, read_people(listing), folder, rules, people)
    except DataError:  # said where the table is copied
        return {}
    return list_units(path, kept)


def read_units(path: Path, table: pd.DataFrame) -> dict[str, str]:
    """Read the units of all columns of ages, from the sidecar of a table or their name.

    Args:
        path: Of the table.
        table: Its cells.
    """
    ages = [one for one in map(str, table) if classify_column(one) == AGE]
    return {column: read_age_unit(path, table, column) for column in ages}


def _name_renamed(table: pd.DataFrame, kept: pd.DataFrame) -> list[str]:
    """Say which columns have another name in the copy."""
    pairs = zip(map(str, table), map(str, kept), strict=True)
    renamed = [f"{old} is {new}" for old, new in pairs if old != new]
    return [f"columns renamed: {', '.join(renamed)}"] if renamed else []
