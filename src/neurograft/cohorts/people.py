"""List the people of cohorts with everything that is known of each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurograft.cohorts.circumstances import read_circumstances
from neurograft.cohorts.demographics import read_demographics
from neurograft.cohorts.participants import find_column, read_participants
from neurograft.config.study import StudyConfig
from neurograft.files.keys import FACTORS
from neurograft.files.tables import read_table
from neurograft.store.signal_store import RECORDINGS_FILE


def list_people(study: StudyConfig, cohorts: Sequence[str]) -> pd.DataFrame:
    """One row per person with usable recordings: `cohort`, `participant_id`, `FACTORS`.

    Raises:
        DataError: If a cohort is not harmonised.
    """
    parts = [_list_cohort(study, name) for name in dict.fromkeys(cohorts)]
    return pd.concat(parts, ignore_index=True)


def _list_cohort(study: StudyConfig, name: str) -> pd.DataFrame:
    settings, folder = study.cohorts[name], study.cohort_folder(name)
    recordings = read_table(study.output_folder / "cohorts" / name / RECORDINGS_FILE)
    recordings = recordings[recordings["status"] != "dropped"]
    rows = [
        {"participant_id": who} | _summarise(own)
        for who, own in recordings.groupby("participant_id", sort=True)
    ]
    people = pd.DataFrame(rows)
    people.insert(0, "cohort", name)
    people = people.merge(
        read_demographics(folder, settings), on="participant_id", how="left"
    ).merge(read_circumstances(folder, settings), on="participant_id", how="left")
    table = read_participants(folder, settings).drop_duplicates("participant_id")
    site = find_column(table, settings.site_column)
    sites = {} if site is None else dict(table[["participant_id", site]].values)
    people["site"] = people["participant_id"].map(sites).astype(object)
    return people[["cohort", "participant_id", *FACTORS]]


def _summarise(own: pd.DataFrame) -> dict[str, object]:
    """What a person's recordings say together."""
    scales = pd.to_numeric(own.get("recorded_scale", own["scale_uv"]), errors="coerce")
    duration = float(own["duration_s"].sum())
    bads = own["bads"].astype(object).where(own["bads"].notna(), "").astype(str)
    return {
        "reference": _say(own["reference"]),
        "sfreq_hz": float(own["sfreq_hz"].iloc[0]),
        "line_freq_hz": float(own["line_freq_hz"].iloc[0]),
        "n_channels": float(own["n_channels"].iloc[0]),
        "condition": _say(own["task"]),
        "duration_s": duration,
        "log_scale": float(np.log(scales).mean()),
        "rejected_share": 1 - float(own["usable_s"].sum()) / duration,
        "n_bads": float(bads.str.count(r"\(").mean()),
    }


def _say(cells: pd.Series) -> str | None:
    return "+".join(sorted(set(cells.dropna().astype(str)))) or None
