"""Download an open data set: listed first, then file by file, checked, resumable.

OpenNeuro is read through its public S3 bucket (sizes, and MD5 where a file was uploaded
in one part), PhysioNet through the `SHA256SUMS.txt` of every project, Zenodo through
its record. A file has its name only when it is whole and its checksum is right; a cut
download goes on where it stopped.
"""

import hashlib
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree

from neurograft.cohorts.connection import (
    LATER,
    is_on_network,
    open_address,
    read_pieces,
    try_again,
)
from neurograft.config.cards import DatasetCard
from neurograft.errors import ConfigError, DataError, WriteError
from neurograft.types import Progress, no_progress

OPENNEURO = "https://s3.amazonaws.com/openneuro.org"
PHYSIONET = "https://physionet.org/files"
ZENODO = "https://zenodo.org/api/records"
S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
SIMPLE_ETAG = re.compile(r'^"?([0-9a-f]{32})"?$')
# Chosen here: no listing is larger, or has more pages of a thousand files.
MAX_LISTING_BYTES, MAX_PAGES = 64 * 2**20, 10_000
MAX_NAME_BYTES = 255
CHECKSUMS = ("md5", "sha1", "sha256", "sha512")
# What an answer that is no listing raises.
MALFORMED = (
    ElementTree.ParseError, AttributeError, KeyError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        path: Inside the data set.
        url: Where it is.
        size: Bytes; -1 if the listing does not say.
        checksum: `md5:...` or `sha256:...`; empty if the listing does not say.
    """

    path: str
    url: str
    size: int = -1
    checksum: str = ""


@dataclass(frozen=True)
class Servers:
    """Addresses of the archives; tests use local ones."""

    openneuro: str = OPENNEURO
    physionet: str = PHYSIONET
    zenodo: str = ZENODO


def fetch_dataset(
    card: DatasetCard,
    folder: Path,
    *,
    include: str = "*",
    servers: Servers | None = None,
    progress: Progress = no_progress,
) -> list[Path]:
    """Download the files of a data set into a folder; what is there already is kept.

    Args:
        card: Which data set.
        folder: Where it goes.
        include: Pattern of the paths to download, for example `sub-01/*`.
        servers: Addresses of the archives.
        progress: Called along the way.

    Returns:
        Paths of all files.

    Raises:
        ConfigError: If the data set cannot be downloaded by a program.
        DataError: If the archive does not have it, cannot be reached, or a checksum is
            wrong.
        WriteError: If the disk is full.
    """
    files = _read_listing(card, servers or Servers())
    wanted = [remote for remote in files if fnmatch(remote.path, include)]
    if not files:
        raise DataError(f"The archive lists no file of {card.name}; {LATER}.")
    if not wanted:
        raise DataError(
            f"None of the {len(files)} files of {card.name} is like {include!r}; give "
            "another pattern with --include."
        )
    total = sum(max(remote.size, 0) for remote in wanted)
    paths: list[Path] = []
    done = 0
    for remote in wanted:
        target = _place(folder, remote.path)
        what = f"fetching {card.name}, MB (file {len(paths) + 1} of {len(wanted)})"
        _download(remote, target, _Meter(progress, what, done, total))
        done += target.stat().st_size
        paths.append(target)
    return paths


def _read_listing(card: DatasetCard, servers: Servers) -> list[RemoteFile]:
    """List the files of a data set, and check that they can be files of one folder.

    Raises:
        DataError: If the listing is none, or names what can be no files.
    """
    try:
        files = list(list_files(card, servers))
    except MALFORMED as error:
        raise DataError(
            f"The archive of {card.name} answered something that is no listing of "
            f"files ({type(error).__name__}); {LATER}."
        ) from error
    folders = {
        str(parent) for one in files for parent in PurePosixPath(one.path).parents
    }
    for one in files:
        if not is_on_network(one.url):
            raise DataError(
                f"The listing of {card.name} links to {one.url[:60]!r}, which is no "
                "address on the network; nothing was downloaded."
            )
        if one.path in folders:
            raise DataError(
                f"The listing of {card.name} names {one.path[:60]!r} as a file and as "
                "a folder; nothing was downloaded."
            )
    return files


@dataclass(frozen=True)
class _Meter:
    """Progress of a download: bytes of this file after those of others."""

    progress: Progress
    what: str
    before: int
    total: int

    def __call__(self, n_bytes: int) -> None:
        done = self.before + n_bytes
        self.progress(self.what, done // 10**6, max(self.total, done) // 10**6)


def list_files(card: DatasetCard, servers: Servers) -> Iterator[RemoteFile]:
    """List the files of a data set.

    Raises:
        ConfigError: If it cannot be downloaded by a program.
        DataError: If the archive does not have it or cannot be reached.
    """
    source = card.source
    if source.kind == "openneuro":
        yield from _list_openneuro(source.identifier, servers.openneuro)
    elif source.kind == "physionet":
        project = f"{source.identifier}/{source.version}"
        yield from _list_physionet(project, servers.physionet)
    elif source.kind == "zenodo":
        yield from _list_zenodo(source.identifier, servers.zenodo)
    else:
        raise ConfigError(
            f"{card.name} cannot be fetched by a program: {source.how} {card.use}"
        )


def _list_openneuro(accession: str, server: str) -> Iterator[RemoteFile]:
    """Page through the listing of the bucket (S3, ListObjectsV2).

    Raises:
        DataError: If its pages have no end.
    """
    token = ""
    tokens: set[str] = set()
    while token not in tokens and len(tokens) < MAX_PAGES:
        tokens.add(token)
        query = {"list-type": "2", "prefix": f"{accession}/"}
        if token:
            query["continuation-token"] = token
        page = ElementTree.fromstring(
            _read(f"{server}?{urllib.parse.urlencode(query)}")
        )
        for item in page.iter(f"{S3}Contents"):
            key = item.findtext(f"{S3}Key", "")
            if key.endswith("/"):  # stands for a folder
                continue
            etag = SIMPLE_ETAG.match(item.findtext(f"{S3}ETag", ""))
            yield RemoteFile(
                key.removeprefix(f"{accession}/"),
                f"{server}/{urllib.parse.quote(key)}",
                int(item.findtext(f"{S3}Size", "-1")),
                f"md5:{etag[1]}" if etag else "",
            )
        token = page.findtext(f"{S3}NextContinuationToken", "")
        if not token:
            return
    raise DataError(f"The listing of {accession} at {server} has no end; {LATER}.")


def _list_physionet(project: str, server: str) -> Iterator[RemoteFile]:
    text = _read(f"{server}/{project}/SHA256SUMS.txt").decode("utf-8")
    for line in text.splitlines():
        checksum, _, path = line.strip().partition(" ")
        if path:
            path = path.strip()
            yield RemoteFile(
                path,
                f"{server}/{project}/{urllib.parse.quote(path)}",
                checksum=f"sha256:{checksum}",
            )


def _list_zenodo(record: str, server: str) -> Iterator[RemoteFile]:
    content: dict[str, Any] = json.loads(_read(f"{server}/{record}"))
    for remote in content.get("files", []):
        yield RemoteFile(
            str(remote["key"]),
            str(remote["links"]["self"]),
            max(int(remote["size"]), -1),
            str(remote["checksum"]),
        )


def _read(url: str) -> bytes:
    """Read a listing, trying again when the connection is cut."""

    def read() -> bytes:
        content = bytearray()
        with open_address(url) as answer:
            for piece in read_pieces(answer, url):
                content += piece
                if len(content) > MAX_LISTING_BYTES:
                    raise DataError(f"The listing at {url} has no end; {LATER}.")
        return bytes(content)

    return try_again(read, url)


def _place(folder: Path, path: str) -> Path:
    """Return the path of a remote file, never outside the folder.

    Raises:
        DataError: If the listing names a path that leaves it.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0]:
        raise DataError(f"The listing names {path[:80]!r}, which leaves the folder.")
    is_long = any(len(part.encode()) > MAX_NAME_BYTES - len(".part") for part in parts)
    if is_long or not path.isprintable():
        raise DataError(
            f"The listing names {path[:80]!r}, which can be no name of a file."
        )
    return folder.joinpath(*parts)


def _download(remote: RemoteFile, target: Path, show: Callable[[int], None]) -> None:
    """Download a file, or go on with it; the checksum decides whether it counts."""
    _check_kind(remote.checksum)
    there = target.is_file() and remote.size in (-1, target.stat().st_size)
    if there and _has_checksum(target, remote.checksum):
        return
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try_again(lambda: _append(remote, part, show), remote.url)
    has_size = remote.size in (-1, part.stat().st_size)
    if not (has_size and _has_checksum(part, remote.checksum)):
        part.unlink()
        raise DataError(
            f"{remote.path} has another {'checksum' if has_size else 'size'} than its "
            "archive says; it was removed, run the same command again."
        )
    part.replace(target)


def _append(remote: RemoteFile, part: Path, show: Callable[[int], None]) -> bytes:
    """Append the missing part of a file."""
    start = part.stat().st_size if part.is_file() else 0
    if 0 <= remote.size == start:
        return b""
    request = urllib.request.Request(remote.url)
    if start:
        request.add_header("Range", f"bytes={start}-")
    with open_address(request) as answer:
        resumed = answer.status == 206
        left = int(answer.headers.get("Content-Length", -1))
        n_bytes = start if resumed else 0
        expected = n_bytes + left if left >= 0 else remote.size
        with part.open("ab" if resumed else "wb", buffering=0) as file:
            for piece in read_pieces(answer, remote.url):
                _write(file, piece, part)
                n_bytes += len(piece)
                if 0 <= remote.size < n_bytes:
                    break
                show(n_bytes)
    if 0 <= n_bytes < expected:
        raise EOFError(f"cut after {n_bytes} of {expected} bytes")
    return b""


def _write(file: IO[bytes], piece: bytes, path: Path) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise WriteError(
            f"{path} could not be written: {error.strerror}; free some space, then run "
            "the same command again: what is there is kept."
        ) from error


def _check_kind(checksum: str) -> None:
    """Refuse a checksum of a kind that is not known, before anything is fetched."""
    kind, _, value = checksum.partition(":")
    if value and kind.lower() not in CHECKSUMS:
        raise DataError(
            f"The archive gives a checksum of kind {kind[:20]!r}, known are "
            f"{', '.join(CHECKSUMS)}; update neurograft, or download by hand."
        )


def _has_checksum(path: Path, checksum: str) -> bool:
    """Return whether a file has its checksum; True where there is none."""
    kind, _, value = checksum.partition(":")
    if not value:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind.lower()).hexdigest() == value.lower()
