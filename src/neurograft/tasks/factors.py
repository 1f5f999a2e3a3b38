"""Everybody with what might make them differ: who they are, how they were recorded."""

from collections.abc import Sequence

import pandas as pd

from neurograft.cohorts.participants import read_participants
from neurograft.cohorts.people import list_people
from neurograft.config.study import StudyConfig
from neurograft.files.keys import ACQUISITION, FACTORS
from neurograft.tasks.design_audit import Factor

# Words of columns that say where a file came from, not how somebody was recorded.
NOT_AUDITED = ("participant_id", "source", "file")
MAX_LEVELS = 6


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
