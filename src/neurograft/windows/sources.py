"""The files that a recording is made from, by content: a copy with a new date is none.

Hashing is slow and asking for size and date is not, so a hash is remembered together
with the size and date that the file had then.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from neurograft.recordings.discovery import FoundRecording


class Source(NamedTuple):
    """Size, date of change (ns) and hash of a file."""

    size: int
    changed_ns: int
    sha256: str


def list_sources(found: FoundRecording) -> dict[str, Path]:
    """Files of a recording by the hash of their path inside the data set."""
    return {hide_name(path, found.base): path for path in found.files}


def hide_name(path: Path, base: Path) -> str:
    """Hash of a path inside a folder: file names can be names of people."""
    inside = path.relative_to(base).as_posix()
    return hashlib.sha256(inside.encode("utf-8")).hexdigest()[:24]


def hash_sources(
    paths: Mapping[str, Path], *, known: Mapping[str, Source]
) -> dict[str, Source]:
    """Hash files, but not those whose size and date are known."""
    return {name: _hash(path, known.get(name)) for name, path in paths.items()}


def _hash(path: Path, known: Source | None) -> Source:
    try:
        stat = path.stat()
        if known and (known.size, known.changed_ns) == (stat.st_size, stat.st_mtime_ns):
            return known
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        return Source(-1, 0, "not readable")
    return Source(stat.st_size, stat.st_mtime_ns, content)


def describe_sources(
    paths: Iterable[Path], *, base: Path, known: Mapping[str, Source]
) -> dict[str, str]:
    """Hash of every file where it is known, else size and date: cheap evidence."""
    described = {}
    for path in sorted(set(paths)):
        name = hide_name(path, base)
        stat = path.stat()
        source = known.get(name)
        same = source and source[:2] == (stat.st_size, stat.st_mtime_ns)
        described[name] = (
            source.sha256 if source and same else f"{stat.st_size} {stat.st_mtime_ns}"
        )
    return described
