"""Names of files of BIDS in a copy: made of entities, without labels or long numbers.

A name that is not made so may hold anything, and its file is left out (BIDS 1.10).
"""

import re
from pathlib import Path

from neurograft.cohorts.deidentify.people.known_people import KnownPeople
from neurograft.cohorts.deidentify.scrubbing import Scrubber
from neurograft.cohorts.labels import ignore_zeros, is_subject, name_subject
from neurograft.files.text import fold
from neurograft.recordings.formats import find_extension

_ENTITIES = """
sub ses task acq run rec proc space split recording desc dir echo part chunk mod res
"""
ENTITIES = frozenset(_ENTITIES.split())
# Last words of names, and the names of the root that have no entity.
_SUFFIXES = """
eeg ieeg meg raw events channels electrodes coordsystem scans sessions participants
"""
SUFFIXES = frozenset(_SUFFIXES.split())
WHOLE_NAMES = frozenset({*SUFFIXES, "dataset_description"})
# Ends of names of other files than recordings.
ENDINGS = (".tsv", ".json", ".vmrk", ".eeg", ".fdt")
# Folders inside the folder of a subject, beside those of sessions.
FOLDERS = frozenset({"eeg", "ieeg", "meg", "beh"})
ENTITY = re.compile(r"([A-Za-z]+)-(.+)")
# A value is a word (BIDS 1.10: letters and digits); others are texts.
VALUE = re.compile(r"[\w+-]+")
# A value with so many digits may be a date or a number of a person. Chosen here.
MOST_DIGITS = 4
HASH_LENGTH = 8
NOBODY = KnownPeople()


def rename_path(
    inside: str, scrubber: Scrubber, *, folder: str = "", people: KnownPeople = NOBODY
) -> str | None:
    """Return the path of a file in the copy; None if it is not made as BIDS makes it.

    So is one that is named after another person than its folder. A file that spells
    the label of its folder otherwise (`sub-1` in `sub-01`) is named as the folder is.

    Args:
        inside: Path inside the data set, or inside the folder of a subject.
        scrubber: Hides people.
        folder: Name of the subject's folder, which may hold any character.
        people: Whose labels are hidden in values of entities too.

    Example:
        >>> rename_path("sub-1/eeg/sub-1_ses-2_eeg.edf", Scrubber("secret"))
        'sub-1/eeg/sub-1_ses-2_eeg.edf'
        >>> rename_path("sub-1/eeg/Huber.edf", Scrubber("secret")) is None
        True
    """
    *around, name = fold(inside.replace("\\", "/")).split("/")
    parts = [_rename_folder(one, scrubber, people) for one in around if one != "."]
    owner = next(filter(is_subject, around), fold(folder))
    is_lost = is_of_another(name, owner, people)
    parts.append(None if is_lost else _rename_file(name, owner, scrubber, people))
    return "/".join(part for part in parts if part) if all(parts) else None


def is_of_another(name: str, folder: str, people: KnownPeople = NOBODY) -> bool:
    """Return whether a file is named after another person than its folder.

    Args:
        name: Of the file.
        folder: Name of the subject's folder; empty for files of the root.
        people: Of the data set.

    Example:
        >>> is_of_another("sub-1_eeg.edf", "sub-01")
        False
        >>> is_of_another("sub-1_eeg.edf", "sub-01", KnownPeople(folders=["sub-1"]))
        True
    """
    own = name_subject(folder)
    entities = fold(name).removeprefix(f"{fold(folder)}_").split("_")
    others = {name_subject(one) for one in entities if is_subject(one)} - {own}
    plain = ignore_zeros(own)
    alike = [one for one in people.folders if ignore_zeros(one) == plain and one != own]
    is_own = not alike and all(ignore_zeros(one) == plain for one in others)
    return bool(folder and others) and not is_own


def is_known_folder(name: str, *, in_root: bool) -> bool:
    """Return whether a folder is a subject's, or one that BIDS puts into those.

    Args:
        name: Of the folder.
        in_root: Whether it lies in the root of the data set.
    """
    if in_root:
        return is_subject(name)
    return name.lower() in FOLDERS or re.match(r"ses-", name, re.I) is not None


def hide_value(value: str, scrubber: Scrubber, people: KnownPeople = NOBODY) -> str:
    """Return the value of an entity, or a short hash if it may be a date or a text.

    A value that holds the label of somebody becomes one too, if labels are hashed.

    Args:
        value: Such as `rest` or `20190304`; an entity may stand in front of it.
        scrubber: Hides people.
        people: Whose labels are hidden.

    Example:
        >>> hide_value("ses-01", Scrubber("secret"))
        'ses-01'
        >>> len(hide_value("ses-20190304", Scrubber("secret")))
        12
    """
    match = ENTITY.fullmatch(value)
    is_entity = match is not None and match[1].lower() in ENTITIES
    front, bare = (f"{match[1]}-", match[2]) if match and is_entity else ("", value)
    is_short = sum(map(str.isdigit, bare)) <= MOST_DIGITS
    is_named = scrubber.hash_labels and people.has_label(bare, front.rstrip("-"))
    if is_short and VALUE.fullmatch(bare) and not is_named:
        return value
    return front + scrubber.hash(f"value {bare}")[:HASH_LENGTH]


def _rename_folder(name: str, scrubber: Scrubber, people: KnownPeople) -> str | None:
    if is_subject(name):
        return scrubber.relabel(name_subject(name))
    is_known = is_known_folder(name, in_root=False)
    return hide_value(name, scrubber, people) if is_known else None


def _rename_file(
    name: str, folder: str, scrubber: Scrubber, people: KnownPeople
) -> str | None:
    """Rename a file of a folder; None if it is not made of entities and a suffix."""
    ending = find_extension(Path(name)) or Path(name).suffix
    base = name[: len(name) - len(ending)]
    if not find_extension(Path(name)) and ending not in ENDINGS:
        return None
    ending = name[len(base) :]
    if base in WHOLE_NAMES:
        return name
    parts = []
    if folder and base.startswith(f"{folder}_"):
        parts.append(scrubber.relabel(name_subject(folder)))
        base = base.removeprefix(f"{folder}_")
    *entities, suffix = base.split("_")
    if suffix.lower() not in SUFFIXES or not (parts or entities):
        return None
    for entity in entities:
        match = ENTITY.fullmatch(entity)
        if match is None or match[1].lower() not in ENTITIES:
            return None
        if is_subject(entity):
            parts.append(scrubber.relabel(name_subject(folder or entity)))
        else:
            parts.append(hide_value(entity, scrubber, people))
    return "_".join([*parts, suffix]) + ending
