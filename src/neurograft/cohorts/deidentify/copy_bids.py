"""Copy a data set of BIDS without names: its subjects, and the files of its root."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from neurograft.cohorts.deidentify.bids_names import (
    is_known_folder,
    is_of_another,
    rename_path,
)
from neurograft.cohorts.deidentify.copy_recording import (
    Companions,
    copy_recording,
    is_companion,
)
from neurograft.cohorts.deidentify.copy_tables import CHANNELS, copy_text, list_owners
from neurograft.cohorts.deidentify.people.known_people import (
    KnownPeople,
    check_named_columns,
    know_people,
    read_people,
)
from neurograft.cohorts.deidentify.replaced_texts import say_replaced
from neurograft.cohorts.deidentify.scrubbing import Copied, Rules
from neurograft.cohorts.deidentify.walking import is_folder, leave_folder, walk_folder
from neurograft.cohorts.finding.closed_folders import say_closed
from neurograft.cohorts.labels import list_subject_folders, name_subject
from neurograft.errors import DataError
from neurograft.recordings.formats import is_recording

UNKNOWN_NAME = "its name is not made of the parts of a BIDS name (sub-01_task-rest_eeg)"
OF_ANOTHER = "its name has the label of another person than its folder"
NAME_TAKEN = "another file has the same name in the copy"
SAME_FOLDERS = "another folder has the same label: rename one, or put them together"
UNKNOWN_KIND = "not known to be free of names"


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
            own = rules.for_file(inside.as_posix())
            made = _copy_file(path, inside, target, own, people)
            if is_recording(path):
                companions.note_header(path, made)
            yield made
    yield from companions.settle(source)
    yield from say_replaced(rules.scrubber, people)


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
        people, own = list_owners(table, name_subject(owner), rules, recorded)
        if path.parent == source:
            labels += [one for one in people if one]
            spelled |= own
        tables.append((table, people))
    check_named_columns((table for table, _ in tables), rules)
    return know_people(labels, tables, folders=recorded, spelled=spelled)


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
            str(inside), new.name, copy_text(path, new, folder, rules, people)
        )
    except DataError as error:
        return Copied(str(inside), "", str(error))
    except PermissionError as error:
        return Copied(str(inside), "", say_closed(error))
