"""Factors that might go with a label: people, recording conditions, other columns."""

from collections.abc import Collection, Mapping

import pandas as pd

from neurograft.files.keys import ACQUISITION, FACTORS
from neurograft.files.people import People
from neurograft.tasks.design_audit import Factor

# Words of columns that say where a file came from, not how somebody was recorded.
NOT_AUDITED = ("participant_id", "source", "file")
# Chosen here: a column with more values is no group of people.
MAX_LEVELS = 6


def list_factors(
    subjects: pd.DataFrame,
    everybody: pd.DataFrame,
    people: Mapping[str, People],
    *,
    labels: Collection[str] = (),
    column: str = "",
) -> dict[str, Factor]:
    """List the factors that might go with the label, in the order of the people.

    Besides the known factors, every column of the participants table with few values
    is looked at: nobody has to ask.

    Args:
        subjects: Of the task.
        everybody: People of the task's cohorts, as `cohorts.people.list_people` lists
            them.
        people: Tables of the task's cohorts.
        labels: Columns that hold a label of any task, which are no factors.
        column: Column of this task's label, which is no factor of itself.
    """
    keys = ["cohort", "participant_id"]
    cohorts = list(dict.fromkeys(subjects["cohort"]))
    tables = {name: people[name] for name in cohorts}
    whole = everybody.merge(_list_columns(tables, labels), on=keys, how="left")
    rows = subjects[keys].merge(whole, on=keys, how="left")
    factors = {
        name: Factor(
            _as_groups(rows[name]) if name in ACQUISITION else rows[name],
            name in ACQUISITION,
        )
        for name in FACTORS
    }
    if len(cohorts) > 1:
        factors["cohort"] = Factor(rows["cohort"], True)
    extra = [c for c in rows if c not in (*FACTORS, *keys)]
    factors |= {str(name): Factor(rows[name], False) for name in extra}
    return {
        name: factor
        for name, factor in factors.items()
        if column.lower() not in _name_columns(tables, name)
    }


def _name_columns(people: Mapping[str, People], factor: str) -> set[str]:
    """Return the names of a factor in the participants tables."""
    own = {
        table.columns[factor].lower()
        for table in people.values()
        if factor in table.columns
    }
    return {factor.lower()} | own


def _as_groups(cells: pd.Series) -> pd.Series:
    """Turn rates, days and counts into groups: recording conditions have no order."""
    return cells.map(
        lambda cell: (
            None
            if pd.isna(cell)
            else f"{cell:g}"
            if isinstance(cell, float)
            else str(cell)
        )
    )


def _list_columns(
    people: Mapping[str, People], labels: Collection[str]
) -> pd.DataFrame:
    """List the columns of the participants tables that hold a few groups."""
    used = {label.lower() for label in labels}
    parts = []
    for name, table in people.items():
        cells = table.first_cells
        skipped = used | {column.lower() for column in table.columns.values()}
        chosen = [
            column
            for column in map(str, cells)
            if column.lower() not in skipped
            and not column.lower().startswith(NOT_AUDITED)
            and column not in FACTORS
            and 2 <= cells[column].nunique() <= MAX_LEVELS
        ]
        part = cells[["participant_id", *chosen]].copy()
        part.insert(0, "cohort", name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
