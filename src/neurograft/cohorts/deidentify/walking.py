"""Walk through folders that are copied, and say why some are not looked into."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from neurograft.cohorts.deidentify.scrubbing import Copied
from neurograft.cohorts.finding.closed_folders import say_closed
from neurograft.files.text import count_things

LINKED = "a link to another folder"
CALLED_TABLE = "a folder with the name of a table or a sidecar"
EMPTY: frozenset[Path] = frozenset()


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
