"""What made a folder, whether it is up to date, and writes that cannot be half-done."""

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import numpy as np
import tomli_w

from neurograft.errors import DataError, WriteError
from neurograft.types import Arrays

PROVENANCE_FILE = "provenance.json"
# Raise when a stage's output changes for the same settings: old results are redone.
FORMAT_VERSION = 2


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
    """Write UTF-8 text whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


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
        DataError: If they are not there.
    """
    if not path.is_file():
        raise DataError(f"There is no {path}; run the stage that writes it first.")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays}


def digest(content: Any) -> str:
    """SHA-256 of JSON-like content, independent of key order."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hash_subject(cohort: str, participant_id: str) -> str:
    """Hash of a person's label: lets a guard recognise them without listing them."""
    return digest([cohort, participant_id])


@dataclass(frozen=True)
class Stage:
    """A folder, the settings that make it and the inputs it is made from."""

    folder: Path
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Hash of settings and inputs; equal fingerprints mean equal results."""
        content = [FORMAT_VERSION, dict(self.settings), dict(self.inputs)]
        return digest(content)

    def is_current(self) -> bool:
        """Whether the folder was finished with these settings and inputs."""
        return read_fingerprint(self.folder) == self.fingerprint

    def require(self, what_to_do: str) -> None:
        """Check that the folder is up to date before something is made from it.

        Raises:
            DataError: If it is not; a later stage would mix old results with new.
        """
        if not self.is_current():
            raise DataError(f"{self.folder} is missing or out of date; {what_to_do}.")

    def begin(self) -> None:
        """Create the folder and take back the mark that it is finished."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / PROVENANCE_FILE).unlink(missing_ok=True)

    def finish(self, **facts: Any) -> None:
        """Write `settings.toml` and the mark that the folder is finished."""
        plain = json.loads(json.dumps(dict(self.settings), default=str))
        write_text(self.folder / "settings.toml", tomli_w.dumps(_drop_none(plain)))
        record = {
            "fingerprint": self.fingerprint,
            "inputs": dict(self.inputs),
            "software": {
                name: version(name)
                for name in ("neurograft", "mne", "numpy", "scikit-learn", "torch")
            },
            **facts,
        }
        write_json(self.folder / PROVENANCE_FILE, record)


def _drop_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop_none(v) for key, v in value.items() if v is not None}
    return value


def read_fingerprint(folder: Path) -> str | None:
    """Fingerprint of a finished folder, None if it is not finished."""
    path = folder / PROVENANCE_FILE
    if not path.is_file():
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    return str(record["fingerprint"])
