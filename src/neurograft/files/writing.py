"""Write files whole or not at all."""

import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np

from neurograft.errors import DataError, WriteError
from neurograft.files.text import encode_name
from neurograft.types import Arrays

# Chosen here: of larger files, the size is compared only.
HASHED_BYTES = 64 * 2**20
# What reading damaged arrays raises.
DAMAGED = (
    AttributeError, EOFError, KeyError, OSError, TypeError, ValueError, BadZipFile,
    zlib.error,
)  # fmt: skip


def write_bytes(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, flush to disk, rename.

    A killed process leaves the old file or the new one, never half of one.
    """
    with replace_file(path) as file:
        file.write(content)


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the name of another one only when it is whole.

    Raises:
        WriteError: If it cannot be written; what was there stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise WriteError(
            f"{path.name} could not be written in {path.parent}: {error.strerror}; "
            "free some space or ask for permission, then run the same command again: "
            "what is finished is kept."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all; half a character becomes a `?`."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys, whole or not at all."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays as `.npz`, whole or not at all; the same arrays, the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Path) -> Arrays:
    """Read arrays written by `write_arrays`.

    Raises:
        DataError: If they are not there, or damaged.
    """
    if not path.is_file():
        raise DataError(f"There is no {path}; run the stage that writes it first.")
    try:
        # Opened here: numpy leaves a file open that turns out to be none of its own.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays}
    except DAMAGED as error:
        raise DataError(f"{path} is damaged; delete it and run again.") from error


def hash_file(path: Path) -> str:
    """Return the hash of a file's content, of a large one its size; empty of none."""
    try:
        size = path.stat().st_size
        if size > HASHED_BYTES:
            return f"{size} bytes"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def digest(content: Any) -> str:
    """Return the SHA-256 of JSON-like content, independent of key order."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(encode_name(text)).hexdigest()
