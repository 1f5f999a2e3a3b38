"""Unpack zips that came from outside: bounded in number, size and ratio."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from neurograft.app.patient.uploads import Received, clean_name
from neurograft.errors import DataError

MAX_MEMBERS = 1000
# Chosen here: EEG is packed to a half or a third; only what is made to burst reaches
# this, or files of nothing, which are small.
MAX_RATIO, FREE_BYTES = 100, 10 * 2**20
PIECE_BYTES = 2**20


def unpack(archive: Received, folder: Path, *, limit: int) -> list[Received]:
    """Unpack a zip into a folder, its members under names of ours.

    Folders inside the zip are left away; links and zips inside it are not followed.

    Args:
        archive: The zip; it is deleted.
        folder: An existing one.
        limit: Bytes that all members may have.

    Raises:
        DataError: If it is none, is encrypted, or would burst.
    """
    try:
        with zipfile.ZipFile(archive.path) as opened:
            members = list(_list_members(opened))
            found = list(_extract(opened, members, archive, folder, limit))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(
            f"{archive.name} cannot be unpacked: it is damaged or no zip; send the "
            "recordings themselves."
        ) from error
    archive.path.unlink()
    return found


def _list_members(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of a zip.

    Raises:
        DataError: If they are too many, or encrypted.
    """
    members = opened.infolist()
    if len(members) > MAX_MEMBERS:
        raise DataError(
            f"The zip holds {len(members)} entries, at most {MAX_MEMBERS} are taken; "
            "pack the recordings of one patient alone."
        )
    for member in members:
        if member.flag_bits & 0x1:
            raise DataError("The zip is encrypted; send one without a password.")
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        name = clean_name(member.filename)
        if not (member.is_dir() or is_link or not name or name.startswith(".")):
            yield member


def _extract(
    opened: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    archive: Received,
    folder: Path,
    limit: int,
) -> Iterator[Received]:
    packed = archive.path.stat().st_size
    allowed = min(limit, max(FREE_BYTES, MAX_RATIO * packed))
    written = 0
    for number, member in enumerate(members):
        path = folder / f"{archive.path.name}-{number:04d}"
        with opened.open(member) as source, path.open("xb") as target:
            # What a zip says of sizes may be wrong: what comes out is counted.
            while piece := source.read(PIECE_BYTES):
                written += len(piece)
                if written > allowed:
                    raise DataError(
                        f"{archive.name} would unpack to more than "
                        f"{allowed / 2**20:.0f} MiB; send the recordings themselves."
                    )
                target.write(piece)
        yield Received(clean_name(member.filename), path)


def has_room(folder: Path, n_bytes: int) -> bool:
    """Return whether a disk has room for so many bytes, and a tenth to spare."""
    return shutil.disk_usage(folder).free > 1.1 * n_bytes
