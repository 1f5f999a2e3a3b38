"""The tables beside the signals: a row per recording, and the verdicts over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from neurograft.files.keys import RecordingKey
from neurograft.files.tables import KEY_COLUMNS, read_table
from neurograft.store.signal_store import RECORDINGS_FILE

COLUMNS = (
    "cohort", "participant_id", "session", "task", "run", "acquisition", "status",
    "reason", "age", "sex", "duration_s", "usable_s", "n_channels", "sfreq_hz",
    "reference", "line_freq_hz", "scale_uv", "recorded_scale", "bads", "repairs",
    "notes",
)  # fmt: skip
WINDOW_COLUMNS = ("name", "start_s", "duration_s", "verdict", "measure", "value")


def tabulate_found(
    rows: Sequence[dict[str, Any]], people: pd.DataFrame
) -> pd.DataFrame:
    """Tabulate rows of recordings, with what is known of their people.

    Args:
        rows: As `harmonising.one_recording` gives them.
        people: `participant_id`, `age`, `sex`.
    """
    table = pd.DataFrame(rows).merge(people, on="participant_id", how="left")
    table = table.reindex(columns=list(COLUMNS))
    # Whole numbers also where a file could not be opened, and has none.
    table["n_channels"] = table["n_channels"].astype("Int64")
    text = table.select_dtypes(exclude="number").columns
    table[text] = table[text].replace("", None)
    return table


def tabulate_seconds(rows: Sequence[dict[str, Any]], sfreq: float) -> pd.DataFrame:
    """Tabulate the verdicts over time, in seconds of the stored signal.

    Args:
        rows: Of the recordings that are used.
        sfreq: Sampling rate of the stored signals, Hz.
    """
    return pd.DataFrame(
        [
            (row["name"], start / sfreq, n_times / sfreq, verdict, measure, value)
            for row in rows
            for start, n_times, verdict, measure, value in row["seconds"]
        ],
        columns=list(WINDOW_COLUMNS),
    ).replace("", None)


class Recorded(NamedTuple):
    """A recording as it was before harmonising.

    Attributes:
        scale: Amplitude before filtering, unit of the file.
        sfreq_hz: Sampling rate.
        n_channels: Number of electrodes.
    """

    scale: float
    sfreq_hz: float
    n_channels: int


def read_recorded(folder: Path) -> dict[str, Recorded]:
    """Read how every used recording was recorded, by its name.

    Args:
        folder: The cohort's folder.
    """
    table = read_table(folder / RECORDINGS_FILE)
    used = table[table["status"] != "dropped"]
    keys = used[list(KEY_COLUMNS)].fillna("").itertuples(index=False, name=None)
    names = [RecordingKey(*key).name for key in keys]
    told = used[["recorded_scale", "sfreq_hz", "n_channels"]].itertuples(index=False)
    each = (Recorded(float(one[0]), float(one[1]), int(one[2])) for one in told)
    return dict(zip(names, each, strict=True))
