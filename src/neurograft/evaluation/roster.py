"""Everybody with what might make them differ: who they are, how they were recorded."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurograft.adaptation.design import Factor
from neurograft.config import StudyConfig
from neurograft.recordings.circumstances import read_circumstances
from neurograft.recordings.demographics import read_demographics
from neurograft.recordings.participants import find_column, read_participants
from neurograft.tables import read_table
from neurograft.windows.store import RECORDINGS_FILE

# How people were recorded: separation by one of these leaves no claim about groups.
ACQUISITION = (
    "site", "day", "device", "reference", "sfreq_hz", "line_freq_hz", "n_channels",
    "condition",
)  # fmt: skip
# What differs between recordings without being chosen.
CIRCUMSTANCES = ("hour", "duration_s", "log_scale", "rejected_share", "n_bads")
PEOPLE = ("age", "sex")
FACTORS = (*PEOPLE, *ACQUISITION, *CIRCUMSTANCES)
# Words of columns that say where a file came from, not how somebody was recorded.
NOT_AUDITED = ("participant_id", "source", "file")
MAX_LEVELS = 6


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


def list_factors(
    study: StudyConfig, subjects: pd.DataFrame, *, column: str = ""
) -> dict[str, Factor]:
    """What might go with the label of a task's people, in their order.

    Besides the known factors, every column of the participants table with few values
    is looked at: nobody has to ask.

    Args:
        study: The study.
        subjects: Of the task.
        column: Column of the label, which is no factor of itself.
    """
    cohorts = list(dict.fromkeys(subjects["cohort"]))
    people = list_people(study, cohorts).merge(
        _list_columns(study, cohorts), on=["cohort", "participant_id"], how="left"
    )
    rows = subjects[["cohort", "participant_id"]].merge(
        people, on=["cohort", "participant_id"], how="left"
    )
    factors = {
        name: Factor(_as_groups(rows[name]) if name in ACQUISITION else rows[name],
                     name in ACQUISITION)
        for name in FACTORS
    }  # fmt: skip
    if len(cohorts) > 1:
        factors["cohort"] = Factor(rows["cohort"], True)
    extra = [c for c in rows if c not in (*FACTORS, "cohort", "participant_id")]
    factors |= {str(name): Factor(rows[name], False) for name in extra}
    return {
        name: factor
        for name, factor in factors.items()
        if column.lower() not in _name_columns(study, cohorts, name)
    }


def _name_columns(study: StudyConfig, cohorts: Sequence[str], factor: str) -> set[str]:
    """What a factor is called in the participants tables."""
    names = {factor.lower()}
    for cohort in cohorts:
        settings = study.cohorts[cohort]
        own = {"age": settings.age_column, "sex": settings.sex_column,
               "site": settings.site_column}  # fmt: skip
        names |= {own[factor].lower()} if factor in own else set()
    return names


def _as_groups(cells: pd.Series) -> pd.Series:
    """Rates, days and counts as groups: how people were recorded has no order."""
    return cells.map(lambda cell: None if pd.isna(cell) else f"{cell:g}"
                     if isinstance(cell, float) else str(cell))  # fmt: skip


def _list_columns(study: StudyConfig, cohorts: Sequence[str]) -> pd.DataFrame:
    """Columns of the participants tables that hold a few groups."""
    used = {task.column.lower() for task in study.all_tasks.values()}
    used |= {task.reference_column.lower() for task in study.all_tasks.values()}
    parts = []
    for name in cohorts:
        settings = study.cohorts[name]
        table = read_participants(study.cohort_folder(name), settings)
        table = table.drop_duplicates("participant_id")
        known = {settings.age_column, settings.sex_column, settings.site_column}
        skipped = used | {column.lower() for column in known}
        chosen = [
            column
            for column in map(str, table)
            if column.lower() not in skipped
            and not column.lower().startswith(NOT_AUDITED)
            and column not in FACTORS
            and 2 <= table[column].nunique() <= MAX_LEVELS
        ]
        part = table[["participant_id", *chosen]].copy()
        part.insert(0, "cohort", name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
