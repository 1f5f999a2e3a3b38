"""List the people of a cohort, with everything known of each."""

import numpy as np
import pandas as pd

from neurograft.cohorts.demographics import parse_demographics
from neurograft.config.cohort import CohortConfig
from neurograft.config.tasks import View
from neurograft.files.keys import FACTORS
from neurograft.files.people import People
from neurograft.files.tables import find_column

# What is summarised of a person's recordings.
RECORDED = (
    "reference", "sfreq_hz", "line_freq_hz", "n_channels", "condition", "duration_s",
    "log_scale", "rejected_share", "n_bads",
)  # fmt: skip


def parse_people(
    cells: pd.DataFrame,
    settings: CohortConfig,
    *,
    unit: str = "years",
    written: pd.DataFrame | None = None,
) -> People:
    """Parse the people of a participants table.

    Args:
        cells: The table as text.
        settings: Columns, and what codes mean.
        unit: Of ages.
        written: The table with the words that count as missing, such as None.

    Raises:
        DataError: If a person has two ages or sexes.
        ConfigError: If the meaning of a code of the sex column is unknown.
    """
    known = parse_demographics(cells, settings, unit)
    site = find_column(cells, settings.site_column)
    first = cells.drop_duplicates("participant_id")
    known["site"] = None if site is None else first[site].to_numpy()
    columns = {"age": settings.age_column, "sex": settings.sex_column,
               "site": settings.site_column}  # fmt: skip
    return People(cells, known, columns, settings.table, written)


def list_people(
    view: View, recordings: pd.DataFrame, people: People, circumstances: pd.DataFrame
) -> pd.DataFrame:
    """List the people with usable recordings, with all that may differ between them.

    Args:
        view: Cohort, and the BIDS tasks whose recordings count.
        recordings: `recordings.tsv` of the harmonised cohort.
        people: Its table.
        circumstances: As `read_circumstances` gives them.

    Returns:
        One row per person: `cohort`, `participant_id`, `FACTORS`.
    """
    used = recordings[recordings["status"] != "dropped"]
    if view.bids_tasks:
        used = used[used["task"].isin(list(view.bids_tasks))]
    rows = [
        {"participant_id": who} | _summarise(own)
        for who, own in used.groupby("participant_id", sort=True)
    ]
    found = pd.DataFrame(rows, columns=["participant_id", *RECORDED])
    found.insert(0, "cohort", view.cohort)
    found = found.merge(people.known, on="participant_id", how="left").merge(
        circumstances, on="participant_id", how="left"
    )
    return found[["cohort", "participant_id", *FACTORS]]


def _summarise(recordings: pd.DataFrame) -> dict[str, object]:
    """Summarise the recordings of one person."""
    scales = pd.to_numeric(
        recordings.get("recorded_scale", recordings["scale_uv"]), errors="coerce"
    )
    duration = float(recordings["duration_s"].sum())
    bads = recordings["bads"].astype(object)
    bads = bads.where(bads.notna(), "").astype(str)
    return {
        "reference": _join(recordings["reference"]),
        "sfreq_hz": float(recordings["sfreq_hz"].iloc[0]),
        "line_freq_hz": float(recordings["line_freq_hz"].iloc[0]),
        "n_channels": float(recordings["n_channels"].iloc[0]),
        "condition": _join(recordings["task"]),
        "duration_s": duration,
        "log_scale": float(np.log(scales).mean()),
        "rejected_share": 1 - float(recordings["usable_s"].sum()) / duration,
        "n_bads": float(bads.str.count(r"\(").mean()),
    }


def _join(cells: pd.Series) -> str | None:
    """Join the distinct values; None where there are none."""
    return "+".join(sorted(set(cells.dropna().astype(str)))) or None
