"""BIDS sidecars: what they say of a recording, however they were written.

Reads byte-order marks, Latin-1, decimal commas and negative durations, on which
mne-bids stops (docs/decisions/0011). Entries of a sidecar nearer to the recording win
over those of one farther up (BIDS 1.10, inheritance principle).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.files.text import fold, read_json, say_text
from neurograft.files.written_tables import drop_doubled, mask_missing, read_written

# An entity of a file name (BIDS 1.10): its key, and a label that may hold anything.
ENTITY = re.compile(r"([a-z]+)-(.+)")
# Suffixes of file names, in the order of `SidecarSet`.
SUFFIXES = (
    "eeg.json",
    "channels.tsv",
    "electrodes.tsv",
    "coordsystem.json",
    "events.tsv",
)
# The entity of a table of electrodes that no recording has.
SPACE = "space"
# Mains of the world, and how far from them a stated one may lie. Chosen here: grids
# stray by less. The 16.7 Hz of railways is in no socket.
MAINS_HZ, MAX_MAINS_ERROR_HZ = (50.0, 60.0), 1.0
MAX_HZ = 1e6
FREQUENCY = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:hz|hertz)?", re.IGNORECASE)


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


def parse_entities(name: str) -> dict[str, str]:
    """Parse the entities of a file name, whatever their labels hold.

    BIDS allows letters and digits only. A label with hyphens or underscores is read as
    it is written, so that `sub-BP-01` and `sub-BP-02` are two people.

    Example:
        >>> parse_entities("sub-BP-01_ses-a_b_task-rest_eeg.edf")
        {'sub': 'BP-01', 'ses': 'a_b', 'task': 'rest'}
    """
    entities: dict[str, str] = {}
    last = ""
    for part in fold(name).split("_")[:-1]:
        key, hyphen, label = part.partition("-")
        if ENTITY.fullmatch(f"{key.lower()}{hyphen}{label}"):
            last = key.lower()
            entities[last] = label
        elif last:
            entities[last] += f"_{part}"
    return entities


def find_sidecars(recording: Path, root: Path) -> SidecarSet:
    """Find the sidecars that apply to a recording of a BIDS data set."""
    entities = parse_entities(recording.name)
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
    entitled = parse_entities(name)
    entitled.pop(SPACE, None)
    return entitled.items() <= entities.items()


def read_sidecar(sidecars: SidecarSet) -> dict[str, Any]:
    """Merge the JSON sidecars.

    Raises:
        DataError: If one is not here or not JSON.
    """
    merged: dict[str, Any] = {}
    for path in sidecars.json:
        merged |= read_json(path)
    return merged


def read_sidecar_table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a table as text, missing cells as NaN.

    Returns:
        The table, its column names in lower case; and what was repaired, in words.

    Raises:
        DataError: If it is not here, or no table.
    """
    table, repairs = read_written(path)
    table = table.rename(columns=str.lower)
    return mask_missing(drop_doubled(table, path, repairs)), repairs


def read_optional(path: Path | None, repairs: list[str]) -> pd.DataFrame | None:
    """Read a table that need not be there; what was repaired is added.

    Raises:
        DataError: If it is damaged.
    """
    if path is None:
        return None
    table, repaired = read_sidecar_table(path)
    repairs += repaired
    return table


def parse_hz(value: Any) -> float | None:
    """Parse a frequency; None for "n/a" and whatever else is none.

    Example:
        >>> parse_hz("50 Hz"), parse_hz(True), parse_hz(float("nan"))
        (50.0, None, None)
    """
    if isinstance(value, str):
        match = FREQUENCY.fullmatch(fold(value))
        value = float(match[1].replace(",", ".")) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < MAX_HZ else None


def _show_number(stated: object) -> str:
    """Show what is stated if it is a number, and nothing of a text or a long one."""
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return ""
    is_long = abs(stated) >= MAX_HZ  # never what is not a number
    return "" if is_long else f" ({stated:g} Hz)"


def read_mains(sidecar: dict[str, Any], notes: list[str]) -> float | None:
    """Return the mains frequency that a sidecar states, Hz; None where it states none.

    Args:
        sidecar: Merged sidecars.
        notes: A sentence is added here where what is stated is no mains frequency.
    """
    stated = sidecar.get("PowerLineFrequency")
    mains = parse_hz(stated)
    if mains and min(abs(mains - hz) for hz in MAINS_HZ) <= MAX_MAINS_ERROR_HZ:
        return mains
    is_silent = stated is None or (isinstance(stated, str) and not say_text(stated))
    if not is_silent:
        shown = f" ({mains:g} Hz)" if mains else _show_number(stated)
        notes.append(
            f"eeg.json states no mains frequency of about 50 or 60 Hz{shown}, so the "
            "setting or the signal tells it"
        )
    return None
