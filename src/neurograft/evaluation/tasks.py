"""Tasks: who has a label, and which."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from neurograft.config import CohortConfig, EvaluationConfig, StudyConfig, TaskConfig
from neurograft.errors import ConfigError
from neurograft.recordings.demographics import read_demographics
from neurograft.recordings.participants import read_participants
from neurograft.recordings.sidecars import parse_numbers
from neurograft.types import FloatArray


@dataclass(frozen=True)
class Task:
    """Labels of the eligible subjects of one cohort.

    Attributes:
        name: From the study file.
        kind: `classification` or `regression`.
        cohort: Whose people.
        bids_tasks: Recordings to use; empty means all.
        subjects: One row per subject: `participant_id`, `label` (0 or 1, or a number),
            `group` (the value of the column), `age` (years), `sex` (F, M).
        left_out: Why subjects of the cohort are not in the task, by label.
    """

    name: str
    kind: str
    cohort: str
    bids_tasks: tuple[str, ...]
    subjects: pd.DataFrame
    left_out: dict[str, str]

    @property
    def is_classification(self) -> bool:
        """Whether labels are two groups."""
        return self.kind == "classification"

    @property
    def labels(self) -> FloatArray:
        """Labels in the order of `subjects`."""
        return np.asarray(self.subjects["label"].to_numpy(dtype=float))

    def restrict(self, available: Sequence[str], reasons: dict[str, str]) -> "Task":
        """Keep the subjects whose signals are there; the others get a reason."""
        has_signals = self.subjects["participant_id"].isin(list(available))
        lost = {
            name: reasons.get(name, "no usable recording")
            for name in self.subjects.loc[~has_signals, "participant_id"]
        }
        kept = self.subjects[has_signals].reset_index(drop=True)
        return Task(
            self.name, self.kind, self.cohort, self.bids_tasks, kept,
            self.left_out | lost,
        )  # fmt: skip


def build_tasks(study: StudyConfig) -> list[Task]:
    """Build every task of a study from the participants tables alone.

    Raises:
        ConfigError: If a column or value does not exist, or a task cannot be evaluated.
    """
    tasks = [
        build_task(
            name, task, study.cohort_folder(task.cohort), study.cohorts[task.cohort]
        )
        for name, task in study.tasks.items()
    ]
    for task in tasks:
        check_task(task, study.evaluation)
    return tasks


def build_task(
    name: str, settings: TaskConfig, folder: Path, cohort: CohortConfig
) -> Task:
    """Read the labels of one task.

    Raises:
        ConfigError: If a column or value of the task does not exist in the table.
    """
    table = read_participants(folder, cohort).drop_duplicates("participant_id")
    for column in (settings.column, *settings.where):
        if column not in table:
            raise ConfigError(
                f"Task {name!r}: {cohort.table} of {settings.cohort!r} has no column "
                f"{column!r}; found {', '.join(table.columns)}."
            )
    people = table[["participant_id"]].merge(
        read_demographics(folder, cohort), on="participant_id", how="left"
    )
    people["group"] = table[settings.column].to_numpy()
    label, problem = _label(name, settings, table)
    people["label"] = label.to_numpy()
    for column, values in settings.where.items():
        excluded = ~table[column].isin(list(values)).to_numpy()
        problem = problem.mask(excluded, f"{column} is not {' or '.join(values)}")
    problems = problem.to_numpy()
    is_kept = pd.isna(problems)
    return Task(
        name=name,
        kind=settings.kind,
        cohort=settings.cohort,
        bids_tasks=settings.bids_tasks,
        subjects=people[is_kept].reset_index(drop=True),
        left_out={
            str(who): str(why)
            for who, why in zip(
                people["participant_id"][~is_kept], problems[~is_kept], strict=True
            )
        },
    )


def _label(
    name: str, settings: TaskConfig, table: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """Labels, and for each row without one the reason."""
    cells = table[settings.column]
    if settings.kind == "regression":
        labels = parse_numbers(cells)
        if labels.isna().all():
            raise ConfigError(
                f"Task {name!r}: no subject of {settings.cohort!r} has a number in "
                f"column {settings.column!r}; choose another column or cohort."
            )
        return labels, _reason(labels.isna(), f"no {settings.column}")
    known = set(cells.dropna())
    unknown = [v for v in (*settings.positive, *settings.negative) if v not in known]
    if unknown:
        raise ConfigError(
            f"Task {name!r}: nobody has {settings.column} = {unknown[0]!r}; found "
            f"{', '.join(sorted(map(str, known)))}."
        )
    is_positive = cells.isin(list(settings.positive))
    is_negative = cells.isin(list(settings.negative))
    labels = is_positive.astype(float).where(is_positive | is_negative)
    return labels, _reason(labels.isna(), f"{settings.column} is of neither group")


def _reason(applies: pd.Series, reason: str) -> pd.Series:
    return pd.Series([reason if one else None for one in applies], index=applies.index)


def check_task(task: Task, settings: EvaluationConfig) -> None:
    """Check that a task can be cross-validated as the study asks.

    Raises:
        ConfigError: If there is one class only, fewer subjects per class than folds,
            or a target that does not vary.
    """
    labels = task.labels
    if task.is_classification:
        cases = int(labels.sum())
        controls = len(labels) - cases
        if min(cases, controls) == 0:
            only = "controls" if cases == 0 else "cases"
            raise ConfigError(
                f"Task {task.name!r}: only {only} are left ({len(labels)} subjects); "
                "a classification needs both groups."
            )
        if min(cases, controls) < settings.n_splits:
            raise ConfigError(
                f"Task {task.name!r}: {cases} cases and {controls} controls are fewer "
                f"than evaluation.n_splits={settings.n_splits}; lower it or add people."
            )
    elif len(labels) < 2 * settings.n_splits:
        raise ConfigError(
            f"Task {task.name!r}: {len(labels)} subjects have a value, at least "
            f"{2 * settings.n_splits} are needed for {settings.n_splits} folds."
        )
    elif np.ptp(labels) == 0:
        raise ConfigError(f"Task {task.name!r}: every subject has {labels[0]:g}.")
