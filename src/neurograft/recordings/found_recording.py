"""A recording that was found: its files, and a hash of each."""

import glob
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from neurograft.files.keys import RecordingKey
from neurograft.files.text import encode_name
from neurograft.recordings.formats import find_extension
from neurograft.recordings.sidecars import SidecarSet, find_sidecars


@dataclass(frozen=True)
class FoundRecording:
    """A file that claims to be a recording, or a reason why it cannot be used."""

    key: RecordingKey
    path: Path
    bids_root: Path | None
    problem: str = ""
    folder: Path | None = None

    @property
    def base(self) -> Path:
        """Return the cohort's folder."""
        return self.bids_root or self.folder or self.path.parent

    @property
    def sidecars(self) -> SidecarSet:
        """Return the sidecars that apply to it; none outside BIDS."""
        if self.bids_root is None:
            return SidecarSet()
        return find_sidecars(self.path, self.bids_root)

    @property
    def files(self) -> list[Path]:
        """List everything the recording is read from: a change in any makes it another.

        The file (or all files of a folder), companions of its name, and the sidecars
        that apply to it.
        """
        if self.problem and self.bids_root is None:
            return []
        try:
            return self._list_files()
        except OSError:  # a folder that may not be read, or is gone
            return []

    def _list_files(self) -> list[Path]:
        if self.path.is_dir():
            return sorted(path for path in self.path.rglob("*") if path.is_file())
        stem = self.path.name.removesuffix(find_extension(self.path) or ".json")
        companions = self.path.parent.glob(f"{glob.escape(stem)}.*")
        files = (path for path in {*companions, *self.sidecars.files} if path.is_file())
        return sorted(path for path in files if path.is_relative_to(self.base))


class Source(NamedTuple):
    """Size, date of change (ns) and hash of a file."""

    size: int
    changed_ns: int
    sha256: str


def list_sources(found: FoundRecording) -> dict[str, Path]:
    """Return the files of a recording by the hash of their path in the data set."""
    return {hide_name(path, found.base): path for path in found.files}


def hide_name(path: Path, base: Path) -> str:
    """Return a hash of a path inside a folder: file names can be names of people.

    A table of people may lie elsewhere; its whole path is hashed.
    """
    inside = path.relative_to(base) if path.is_relative_to(base) else path
    return hashlib.sha256(encode_name(inside.as_posix())).hexdigest()[:24]


def hash_sources(
    paths: Mapping[str, Path], *, known: Mapping[str, Source]
) -> dict[str, Source]:
    """Hash files, but not those whose size and date of change are known."""
    return {name: _hash(path, known.get(name)) for name, path in paths.items()}


def _hash(path: Path, known: Source | None) -> Source:
    try:
        stat = path.stat()
        if known and (known.size, known.changed_ns) == (stat.st_size, stat.st_mtime_ns):
            return known
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return Source(-1, 0, "not readable")
    return Source(stat.st_size, stat.st_mtime_ns, content)


def describe_sources(
    paths: Iterable[Path], *, base: Path, known: Mapping[str, Source]
) -> dict[str, str]:
    """Describe files by their hash where it is known, else by size and date."""
    described = {}
    for path in sorted(set(paths)):
        name = hide_name(path, base)
        try:
            stat = path.stat()
        except OSError:  # it went after it was listed
            described[name] = "not readable"
            continue
        source = known.get(name)
        same = source and source[:2] == (stat.st_size, stat.st_mtime_ns)
        described[name] = (
            source.sha256 if source and same else f"{stat.st_size} {stat.st_mtime_ns}"
        )
    return described
