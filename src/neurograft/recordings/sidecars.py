"""BIDS sidecars: what they say of a recording, however they were written.

Reads byte-order marks, Latin-1, decimal commas and negative durations, on which
mne-bids stops (docs/decisions/0011). Entries of a sidecar nearer to the recording win
over those of one farther up (BIDS 1.10, inheritance principle).
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.errors import DataError
from neurograft.files.tables import MISSING
from neurograft.recordings.brainvision import decode_text

# Entities and suffixes of file names (BIDS 1.10), in the order of `SidecarSet`.
ENTITY = re.compile(r"(?:^|_)([a-z]+)-([A-Za-z0-9]+)")
SUFFIXES = (
    "eeg.json",
    "channels.tsv",
    "electrodes.tsv",
    "coordsystem.json",
    "events.tsv",
)
# The entity of a table of electrodes that no recording has.
SPACE = "space"


@dataclass(frozen=True)
class SidecarSet:
    """The sidecars of one recording, those farthest away first.

    Attributes:
        json: `*_eeg.json` files.
        channels: `*_channels.tsv`, if there is one.
        electrodes: `*_electrodes.tsv`, if there is one.
        coordinates: `*_coordsystem.json`, if there is one.
        events: `*_events.tsv`, if there is one.
    """

    json: tuple[Path, ...] = ()
    channels: Path | None = None
    electrodes: Path | None = None
    coordinates: Path | None = None
    events: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Return all of them."""
        single = (self.channels, self.electrodes, self.coordinates, self.events)
        return (*self.json, *(path for path in single if path is not None))


def find_sidecars(recording: Path, root: Path) -> SidecarSet:
    """Find the sidecars that apply to a recording of a BIDS data set."""
    entities = dict(ENTITY.findall(recording.name))
    folders = [recording.parent, *recording.parent.parents]
    folders = folders[: folders.index(root) + 1][::-1]
    applying: dict[str, list[Path]] = {}
    for folder in folders:
        for name in _list_names(folder):
            ending = name.rpartition("_")[2]
            if ending in SUFFIXES and _applies(name, entities):
                applying.setdefault(ending, []).append(folder / name)
    nearest = {ending: paths[-1] for ending, paths in applying.items()}
    inherited = tuple(applying.get("eeg.json", []))
    return SidecarSet(inherited, *map(nearest.get, SUFFIXES[1:]))


def _list_names(folder: Path) -> tuple[str, ...]:
    """List the names of the sidecars of a folder."""
    return _remember_names(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=4096)
def _remember_names(folder: Path, _changed_ns: int) -> tuple[str, ...]:
    """List names once, until the folder changes: all recordings ask for them."""
    names = (path.name for path in folder.iterdir())
    return tuple(sorted(name for name in names if name.endswith(SUFFIXES)))


def _applies(name: str, entities: dict[str, str]) -> bool:
    entitled = dict(ENTITY.findall(name))
    entitled.pop(SPACE, None)
    return entitled.items() <= entities.items()


def read_sidecar(sidecars: SidecarSet) -> dict[str, Any]:
    """Merge the JSON sidecars.

    Raises:
        DataError: If one is not JSON.
    """
    merged: dict[str, Any] = {}
    for path in sidecars.json:
        merged |= read_json(path)
    return merged


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object in UTF-8 or Latin-1, with or without byte-order mark.

    Raises:
        DataError: If it is not one.
    """
    try:
        content = json.loads(decode_text(path.read_bytes())[0])
    except json.JSONDecodeError as error:
        raise DataError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise DataError(f"{path.name} does not hold a JSON object")
    return content


def read_tsv(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a table as text, missing cells as NaN.

    Returns:
        The table, its column names in lower case and without blanks around them; and
        what was repaired, in words.

    Raises:
        DataError: If it is not a table.
    """
    content = path.read_bytes()
    text, encoding = decode_text(content)
    repairs = []
    if encoding != "utf-8":
        repairs.append(f"{name_ending(path)} is in Latin-1")
    if content.startswith(b"\xef\xbb\xbf"):
        repairs.append(f"{name_ending(path)} begins with a byte-order mark")
    try:
        table = pd.read_csv(
            StringIO(text),
            sep="\t",
            dtype=str,
            na_values=list(MISSING),
            keep_default_na=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path.name} is not a table: {error}") from error
    columns = {name: str(name).strip().lower() for name in table}
    table = table.rename(columns=columns)
    table = table.apply(lambda cells: cells.str.strip())
    return table.mask(table.isin(list(MISSING))), repairs


def read_optional(path: Path | None, repairs: list[str]) -> pd.DataFrame | None:
    """Read a table that need not be there; what was repaired is added.

    Raises:
        DataError: If it is damaged.
    """
    if path is None:
        return None
    table, repaired = read_tsv(path)
    repairs += repaired
    return table


def name_ending(path: Path) -> str:
    """Return which sidecar a file is, without whose it is.

    Example:
        >>> name_ending(Path("sub-01_task-rest_events.tsv"))
        'events.tsv'
    """
    return path.name.rpartition("_")[2]


def parse_hz(value: Any) -> float | None:
    """Parse a frequency; None for "n/a" and other text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
