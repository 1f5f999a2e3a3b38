"""Settings and inputs that made a folder, and whether it is up to date."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tomli_w

from neurograft.errors import DataError
from neurograft.files.writing import digest, hash_file, write_json, write_text

PROVENANCE_FILE = "provenance.json"
# Raise when a stage's output changes for the same settings: old results are redone.
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Stage:
    """A folder, the settings that make it and the inputs it is made from."""

    folder: Path
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Return the hash of settings and inputs; equal hashes mean equal results."""
        content = [FORMAT_VERSION, dict(self.settings), dict(self.inputs)]
        return digest(content)

    def is_current(self) -> bool:
        """Return whether the folder was finished so, and holds what was written then.

        A table that was edited or deleted afterwards is made again.
        """
        is_same = read_fingerprint(self.folder) == self.fingerprint
        return is_same and is_as_written(self.folder)

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

    def finish(self, *others: Path, **facts: Any) -> None:
        """Write `settings.toml` and the mark that the folder is finished.

        Args:
            *others: Files outside the folder that belong to it.
            **facts: What else the mark says.
        """
        plain = json.loads(json.dumps(dict(self.settings), default=str))
        write_text(self.folder / "settings.toml", tomli_w.dumps(_drop_none(plain)))
        record = {
            "fingerprint": self.fingerprint,
            "inputs": dict(self.inputs),
            "outputs": {
                Path(os.path.relpath(path, self.folder)).as_posix(): hash_file(path)
                for path in (*sorted(self.folder.iterdir()), *others)
                if path.is_file() and not path.name.startswith(".")
            },
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
    """Return the fingerprint of a finished folder, None if it is not finished."""
    found = read_provenance(folder).get("fingerprint")
    return None if found is None else str(found)


def is_as_written(folder: Path) -> bool:
    """Return whether a folder is finished, and holds what was written then."""
    record = read_provenance(folder)
    return "fingerprint" in record and all(
        hash_file(folder / name) == as_written
        for name, as_written in record.get("outputs", {}).items()
    )


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read the mark of a finished folder; nothing if it is not there, or damaged."""
    try:
        record = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    is_mark = isinstance(record, dict) and isinstance(record.get("outputs", {}), dict)
    return record if is_mark else {}
