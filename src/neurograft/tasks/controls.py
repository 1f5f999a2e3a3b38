"""Controls on the same recordings: what must be found, and what must not.

Age, sex and whether eyes are closed are known to be in the EEG: a pipeline that finds
none of them has no power to deny a diagnosis. The site is in the EEG too, and says how
much a model could learn of the device instead of the disease.
"""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from neurograft.cohorts.demographics import parse_ages, parse_sexes
from neurograft.cohorts.discovery import find_recordings
from neurograft.cohorts.participants import find_column, read_participants
from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.study import StudyConfig
from neurograft.config.tasks import TaskConfig, View
from neurograft.errors import DataError
from neurograft.store.views import choose_view_windows


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
    for cohort in study.target_cohorts:
        found |= _contrast_eyes(study, cohort)
    asked = {_ask(task) for task in study.tasks.values()}
    new = {name: task for name, task in found.items() if _ask(task) not in asked}
    return study.model_copy(update={"tasks": {**study.tasks, **new}})


def _ask(task: TaskConfig) -> tuple[object, ...]:
    """What a task asks: of a contrast, in which direction does not matter."""
    views = frozenset(task.views) if task.kind == "contrast" else task.views
    return task.kind, task.column, views


def _contrast_eyes(study: StudyConfig, name: str) -> dict[str, TaskConfig]:
    """Eyes closed against open, if enough people were recorded with both."""
    cohort = study.cohorts[name]
    found = find_recordings(name, study.cohort_folder(name), cohort)
    closed, opened = pair_eyes({one.key.task for one in found})
    both = [
        {one.key.participant_id for one in found if one.key.task in tasks}
        for tasks in (closed, opened)
    ]
    people = both[0] & both[1]
    if (study.output_folder / "cohorts" / name).is_dir():
        for tasks in (closed, opened) if people else ():
            people &= _find_long_enough(study, View(name, tasks))
    if len(people) < study.evaluation.n_splits:
        return {}
    return {
        f"control_eyes_{name}": TaskConfig(
            kind="contrast", cohort=name, bids_tasks=closed, against_tasks=opened
        )
    }


def _find_long_enough(study: StudyConfig, view: View) -> set[str]:
    """People with as many windows as are asked for: no control may stop a study."""
    try:
        _, chosen, _ = choose_view_windows(study, view)
    except DataError:
        return set()
    return {one.participant_id for one in chosen}


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


# Words for closed, each with its counterpart: eyesclosed, eyesopen; restEC, restEO.
WORDS = (("closed", "open"), ("ec", "eo"))


def pair_eyes(tasks: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """BIDS tasks with eyes closed, and their counterparts with eyes open.

    A task counts if another has the same name but for the word: no label alone says
    enough.

    Example:
        >>> pair_eyes(["restEC", "restEO", "oddball"])
        (('restEC',), ('restEO',))
    """
    of_name = {task.lower(): task for task in sorted(tasks)}
    pairs = {}
    for closed, opened in WORDS:
        for name, task in of_name.items():
            other = of_name.get(opened.join(name.rsplit(closed, 1)), task)
            if other != task:
                pairs[task] = other
    return tuple(sorted(pairs)), tuple(sorted(pairs.values()))
