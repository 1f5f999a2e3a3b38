"""Controls on the same recordings: what must be found, and what must not.

Age and sex are known to be in the EEG: a pipeline that finds neither has no power to
deny a diagnosis. The site is in the EEG too, and says how much a model could learn of
the device instead of the disease.
"""

import re
from collections.abc import Mapping

import pandas as pd

from neurograft.config import StudyConfig
from neurograft.config_evaluation import EvaluationConfig
from neurograft.config_tasks import TaskConfig
from neurograft.recordings.demographics import parse_ages, parse_sexes
from neurograft.recordings.participants import find_column, read_participants


def add_controls(study: StudyConfig) -> StudyConfig:
    """The study with the controls among its tasks, if it asks for them.

    A control stands for every cohort and choice of recordings that a task uses, where
    its column is known and enough people are of each group.
    """
    if not study.evaluation.controls:
        return study
    found: dict[str, TaskConfig] = {}
    for task in study.all_tasks.values():
        if task.kind != "contrast" and not task.more_cohorts:
            found |= _list_controls(study, task)
    asked = {(t.kind, t.cohort, t.column, t.bids_tasks) for t in study.tasks.values()}
    new = {
        name: task
        for name, task in found.items()
        if (task.kind, task.cohort, task.column, task.bids_tasks) not in asked
    }
    return study.model_copy(update={"tasks": {**study.tasks, **new}})


def _list_controls(study: StudyConfig, task: TaskConfig) -> Mapping[str, TaskConfig]:
    cohort = study.cohorts[task.cohort]
    table = read_participants(study.cohort_folder(task.cohort), cohort)
    table = table.drop_duplicates("participant_id")
    name = task.views[0].name
    common = {"cohort": task.cohort, "bids_tasks": task.bids_tasks}
    found = {}
    age = find_column(table, cohort.age_column)
    if age and parse_ages(table, cohort.age_column).nunique() > 5:
        settings = {"kind": "regression", "column": age, **common}
        found[f"control_age_{name}"] = TaskConfig.model_validate(settings)
    sex = find_column(table, cohort.sex_column)
    if sex:
        meaning = parse_sexes(table, cohort)
        groups = {m: table.loc[meaning == m, sex] for m in ("F", "M")}
        found |= _tell_apart(
            f"control_sex_{name}", sex, groups, study.evaluation, common
        )
    site = find_column(table, cohort.site_column)
    if site:
        groups = {
            re.sub(r"\W+", "-", str(value)): part
            for value, part in table.groupby(site)[site]
        }
        found |= _tell_apart(
            f"control_site_{name}", site, groups, study.evaluation, common
        )
    return found


def _tell_apart(
    name: str,
    column: str,
    groups: Mapping[str, "pd.Series[str]"],
    settings: EvaluationConfig,
    common: Mapping[str, object],
) -> dict[str, TaskConfig]:
    """A task that tells groups apart, if at least two are large enough."""
    values = {
        label: tuple(cells.unique())
        for label, cells in groups.items()
        if len(cells) >= settings.n_splits
    }
    if len(values) < 2:
        return {}
    described: dict[str, object] = {"column": column, **common}
    if len(values) == 2:
        first, second = values.values()
        described |= {"kind": "classification", "positive": first, "negative": second}
    else:
        described |= {"kind": "multiclass", "classes": values}
    return {name: TaskConfig.model_validate(described)}
