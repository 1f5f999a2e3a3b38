"""Read day, hour and device of recordings, without telling any date.

Days are numbered in the order of the calendar and hours are those of the clock: enough
to see that patients came on one day and controls on another. All else that sidecars
state, such as an institution or the version of a program, is read beside them.
"""

import json
import re
from pathlib import Path

import pandas as pd

from neurograft.cohorts.labels import list_subject_folders
from neurograft.errors import DataError
from neurograft.files.dates import find_moments, parse_dates
from neurograft.files.text import read_json, say_text
from neurograft.files.written_tables import mask_missing, read_cells
from neurograft.recordings.sidecars import parse_entities

COLUMNS = ("participant_id", "day", "hour", "device")
# What a sidecar states that is read from elsewhere: the device here, the others from
# the recordings themselves.
READ_ELSEWHERE = (
    "Manufacturer", "ManufacturersModelName", "EEGReference", "SamplingFrequency",
    "PowerLineFrequency", "RecordingDuration", "EEGChannelCount", "TaskName",
)  # fmt: skip
# Names of fields as BIDS writes them; other text may name a person.
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")
# Chosen here: a column is a time if so many of its cells are a date and time.
MIN_SHARE = 0.9


def read_circumstances(folder: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """Read `day` (1 is the first of the cohort), `hour` and `device` of people.

    Times come from `scans.tsv` of BIDS folders, else from a column of the participants
    table that holds dates with times; the device from the sidecars. Shifted dates make
    every day different, and then days say nothing.

    Args:
        folder: Of the cohort.
        cells: Its participants table, as text.

    Returns:
        One row per person; missing where nothing is known.
    """
    people = cells[["participant_id"]].drop_duplicates()
    times = _read_scans(folder)
    if times.empty:
        times = _find_times(cells)
    found = people.merge(times, on="participant_id", how="left")
    found["day"] = found["time"].dt.normalize().rank(method="dense")
    found["hour"] = found["time"].dt.hour + found["time"].dt.minute / 60
    devices = _read_devices(folder)
    found["device"] = found["participant_id"].map(devices).astype(object)
    return found[list(COLUMNS)].reset_index(drop=True)


def list_damaged(folder: Path) -> list[str]:
    """List the optional tables that cannot be read, and why."""
    sentences = []
    for path in _find(folder, "**/*_scans.tsv"):
        try:
            read_cells(path)
        except DataError as error:
            sentences.append(f"{error}: not used")
    return sentences


def _parse(cells: pd.Series) -> pd.Series:
    text = cells.astype("string").str.slice(0, 19)
    iso = pd.to_datetime(text, errors="coerce", format="ISO8601")
    return iso.fillna(parse_dates(cells))


def _name(path: Path) -> str:
    return f"sub-{parse_entities(path.name).get('sub', '')}"


def _find(folder: Path, pattern: str) -> list[Path]:
    """List files of all subjects, in the order of their paths."""
    return [
        path
        for subject in list_subject_folders(folder)
        for path in sorted(subject.glob(pattern))
    ]


def _read_scans(folder: Path) -> pd.DataFrame:
    """Read the first time in every person's `scans.tsv`."""
    rows = []
    for path in _find(folder, "**/*_scans.tsv"):
        try:
            table = read_cells(path)
        except DataError:  # `list_damaged` names it
            continue
        if "acq_time" in table:
            rows.append((_name(path), _parse(table["acq_time"]).min()))
    times = pd.DataFrame(rows, columns=["participant_id", "time"])
    times["time"] = pd.to_datetime(times["time"])
    return times.dropna().groupby("participant_id", as_index=False).min()


def _find_times(table: pd.DataFrame) -> pd.DataFrame:
    """Find the first column of a participants table that holds dates with times."""
    for column in table:
        cells = table[column].dropna().astype("string")
        if len(cells) and find_moments(cells).mean() >= MIN_SHARE:
            found = table[["participant_id"]].assign(time=_parse(table[column]))
            return found.groupby("participant_id", as_index=False).min()
    return pd.DataFrame(
        {
            "participant_id": pd.Series(dtype=object),
            "time": pd.Series(dtype="datetime64[ns]"),
        }
    )


def _read_devices(folder: Path) -> dict[str, str]:
    """Read manufacturer and model from each person's first sidecar with them."""
    found: dict[str, str] = {}
    for path in _find(folder, "**/*_eeg.json"):
        if _name(path) in found:
            continue
        try:
            sidecar = read_json(path)
        except DataError:  # harmonising says so in the recording's row
            continue
        names = (sidecar.get("Manufacturer"), sidecar.get("ManufacturersModelName"))
        words = " ".join(filter(None, map(say_text, names)))
        if words:
            found[_name(path)] = words
    return found


def read_stated(folder: Path) -> pd.DataFrame:
    """Read what sidecars state of how people were recorded, as text.

    Of each field, what the first of a person's sidecars with it states.

    Args:
        folder: Of the cohort.

    Returns:
        One row per person with a sidecar that can be read: `participant_id`, fields.
    """
    found: dict[str, dict[str, str]] = {}
    for path in _find(folder, "**/*_eeg.json"):
        try:
            sidecar = read_json(path)
        except DataError:  # harmonising says so in the recording's row
            continue
        own = found.setdefault(_name(path), {})
        for field, value in sidecar.items():
            is_read = FIELD.fullmatch(field) and field not in READ_ELSEWHERE
            text = value if isinstance(value, str) else json.dumps(value)
            if is_read and value is not None and say_text(text):
                own.setdefault(field, say_text(text))
    rows = [{"participant_id": who} | own for who, own in found.items()]
    return mask_missing(pd.DataFrame(rows, columns=_list_fields(rows), dtype=object))


def _list_fields(rows: list[dict[str, str]]) -> list[str]:
    return list(
        dict.fromkeys(["participant_id", *(key for row in rows for key in row)])
    )
