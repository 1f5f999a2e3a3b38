"""Tasks: who has a label, and which."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurograft.cohorts.demographics import read_demographics
from neurograft.cohorts.participants import find_column, read_participants
from neurograft.config.cohort import CohortConfig
from neurograft.config.study import StudyConfig
from neurograft.config.tasks import TaskConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import parse_numbers
from neurograft.tasks.task import Task, check_task, name_rows


def build_tasks(study: StudyConfig) -> list[Task]:
    """Build every task of a study from the participants tables alone.

    Raises:
        ConfigError: If a column or value does not exist, or a task cannot be evaluated.
    """
    tasks = [build_task(study, name, task) for name, task in study.all_tasks.items()]
    for task in tasks:
        check_task(task, study.evaluation)
    return tasks


def build_task(study: StudyConfig, name: str, settings: TaskConfig) -> Task:
    """Read the labels of one task.

    Raises:
        ConfigError: If a column or value of the task does not exist in the table.
    """
    parts = [
        _read_people(study, name, settings, number)
        for number in range(len(settings.views))
    ]
    everybody = pd.concat(parts, ignore_index=True)
    _check_values(name, settings, everybody["group"])
    problems = everybody.pop("problem")
    is_kept = problems.isna().to_numpy()
    if settings.kind == "regression" and not is_kept.any():
        raise ConfigError(
            f"Task {name!r}: no subject of {settings.cohort!r} has a number in "
            f"column {settings.column!r}; choose another column or cohort."
        )
    task = Task(
        name=name,
        kind=settings.kind,
        classes=_name_classes(settings),
        views=settings.views,
        subjects=everybody[is_kept].reset_index(drop=True),
        left_out=dict(
            zip(name_rows(everybody[~is_kept]), problems[~is_kept], strict=True)
        ),
        column=settings.column,
    )
    return task.match() if settings.matched else task


def _name_classes(settings: TaskConfig) -> tuple[str, ...]:
    if settings.kind == "classification":
        return ("control", "case")
    if settings.kind == "contrast":
        return tuple(view.name for view in reversed(settings.views))
    return tuple(settings.classes)


def _read_people(
    study: StudyConfig, name: str, settings: TaskConfig, number: int
) -> pd.DataFrame:
    """Everybody of one view, with label or problem."""
    view = settings.views[number]
    cohort, folder = study.cohorts[view.cohort], study.cohort_folder(view.cohort)
    table = read_participants(folder, cohort)
    used = [settings.column] if settings.column else []
    check_one_label(table, used, f"{cohort.table} of {view.cohort!r}")
    table = table.drop_duplicates("participant_id")
    healthy = [settings.reference_column] if settings.reference else []
    for column in (*used, *healthy, *settings.where):
        if column not in table:
            raise ConfigError(
                f"Task {name!r}: {cohort.table} of {view.cohort!r} has no column "
                f"{column!r}; found {', '.join(table.columns)}."
            )
    people = table[["participant_id"]].merge(
        read_demographics(folder, cohort), on="participant_id", how="left"
    )
    people.insert(0, "cohort", view.cohort)
    people["view"] = number
    site = find_column(table, cohort.site_column)
    people["site"] = None if site is None else table[site].to_numpy()
    people["is_sealed"] = find_sealed(study, view.cohort, table)
    people["confound"] = _read_confound(name, settings, people, table, cohort)
    people["group"] = table[settings.column].to_numpy() if used else view.name
    people["is_reference"] = (
        table[healthy[0]].isin(list(settings.reference)).to_numpy() if healthy else True
    )
    label, problem = _label(settings, table, number)
    people["label"] = label.to_numpy()
    for column, values in settings.where.items():
        excluded = ~table[column].isin(list(values)).to_numpy()
        problem = problem.mask(excluded, f"{column} is not {' or '.join(values)}")
    people["problem"] = problem.to_numpy()
    owner = "" if settings.kind == "contrast" else f"{view.cohort}/"
    people["cluster"] = owner + people["participant_id"].astype(str)
    return people


def find_sealed(
    study: StudyConfig, cohort: str, table: pd.DataFrame
) -> "pd.Series[bool]":
    """Whom `evaluation.holdout` seals, row by row of a participants table.

    Raises:
        ConfigError: If the table lacks a column of it.
    """
    sealed = pd.Series(bool(study.evaluation.holdout), index=table.index)
    for column, values in study.evaluation.holdout.items():
        if column not in table:
            raise ConfigError(
                f"evaluation.holdout names the column {column!r}, which the table of "
                f"{cohort!r} has not; found {', '.join(table.columns)}."
            )
        sealed &= table[column].isin(list(values))
    return sealed


def check_one_label(table: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Check that nobody has two different values of a column.

    Raises:
        DataError: If one has; the message names the first.
    """
    for column in columns:
        if column not in table:
            continue
        counts = table.groupby("participant_id")[column].nunique()
        if (counts > 1).any():
            who = str(counts.index[counts > 1][0])
            values = table.loc[table["participant_id"] == who, column].unique()
            raise DataError(
                f"{where}: {who} has {len(values)} values of {column!r} "
                f"({', '.join(map(str, values))}); correct the table, or give each "
                "session its own column."
            )


def _read_confound(
    name: str,
    settings: TaskConfig,
    people: pd.DataFrame,
    table: pd.DataFrame,
    cohort: CohortConfig,
) -> "pd.Series[float]":
    """The confound as numbers; what is no number is counted by value."""
    column = settings.confound
    if not column:
        return pd.Series(np.nan, index=people.index)
    known = {"age": people["age"], "sex": people["sex"], "site": people["site"]}
    if column not in known and column not in table:
        raise ConfigError(
            f"Task {name!r}: {cohort.table} has no column {column!r} for `confound`; "
            f"found age, sex, site, {', '.join(table.columns)}."
        )
    cells = known[column] if column in known else table[column]
    numbers = parse_numbers(cells.astype("string").reset_index(drop=True))
    if numbers.notna().any():
        return numbers
    codes = pd.Series(pd.factorize(cells, sort=True)[0], dtype=float)
    return codes.where(codes >= 0)


def _label(
    settings: TaskConfig, table: pd.DataFrame, number: int
) -> tuple[pd.Series, pd.Series]:
    """Labels, and for each row without one the reason."""
    if settings.kind == "contrast":
        labels = pd.Series(1.0 - number, index=table.index)
        return labels, _reason(labels.isna(), "")
    cells = table[settings.column]
    if settings.kind == "regression":
        labels = parse_numbers(cells)
        return labels, _reason(labels.isna(), f"no {settings.column}")
    of_value = {
        value: float(label)
        for label, values in enumerate(_list_values(settings))
        for value in values
    }
    labels = cells.map(of_value).astype(float)
    neither = "neither group" if len(_list_values(settings)) == 2 else "no group"
    return labels, _reason(labels.isna(), f"{settings.column} is of {neither}")


def _list_values(settings: TaskConfig) -> list[tuple[str, ...]]:
    """Values of the column, by label."""
    if settings.kind == "classification":
        return [settings.negative, settings.positive]
    return list(settings.classes.values())


def _check_values(name: str, settings: TaskConfig, found: "pd.Series[str]") -> None:
    if settings.kind in ("regression", "contrast"):
        return
    known = set(found.dropna())
    for value in (value for values in _list_values(settings) for value in values):
        if value not in known:
            raise ConfigError(
                f"Task {name!r}: nobody has {settings.column} = {value!r}; found "
                f"{', '.join(sorted(map(str, known)))}."
            )


def _reason(applies: pd.Series, reason: str) -> pd.Series:
    return pd.Series([reason if one else None for one in applies], index=applies.index)
