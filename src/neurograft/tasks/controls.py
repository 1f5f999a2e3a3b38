"""Control tasks on the same recordings: some must succeed, others must fail.

Age, sex and whether eyes are closed are known to be in the EEG: a pipeline that finds
none of them has no power to deny a diagnosis. The site is in the EEG too, and says how
much a model could learn of the device instead of the disease.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping

import pandas as pd

from neurograft.config.tasks import TaskConfig, View
from neurograft.files.people import People
from neurograft.files.tables import find_column


def list_controls(
    asked: Mapping[str, TaskConfig],
    people: Mapping[str, People],
    recorded: Mapping[str, Mapping[str, set[str]]],
    *,
    n_splits: int,
    has_enough: Callable[[View], Collection[str]] | None = None,
) -> dict[str, TaskConfig]:
    """List the control tasks that a study does not already have.

    A control stands for every cohort and choice of recordings that a task uses, where
    its column is known and enough people are of each group.

    Args:
        asked: Settings of the tasks, by name.
        people: Of every cohort.
        recorded: Who was recorded, by cohort and BIDS task.
        n_splits: Folds that every group must fill.
        has_enough: Gives the people of a view who have as many windows as are asked
            for, for no control may stop a study; None before anything is harmonised.
    """
    found: dict[str, TaskConfig] = {}
    for task in asked.values():
        if task.kind != "contrast" and not task.more_cohorts:
            found |= _list_controls(people[task.cohort], task, n_splits)
    for cohort, of_task in recorded.items():
        found |= _contrast_eyes(cohort, of_task, n_splits, has_enough)
    known = {_ask(task) for task in asked.values()}
    return {name: task for name, task in found.items() if _ask(task) not in known}


def _ask(task: TaskConfig) -> tuple[object, ...]:
    """Return the question of a task; the direction of a contrast does not matter."""
    views = frozenset(task.views) if task.kind == "contrast" else task.views
    return task.kind, task.column, views


def _contrast_eyes(
    cohort: str,
    recorded: Mapping[str, set[str]],
    n_splits: int,
    has_enough: Callable[[View], Collection[str]] | None,
) -> dict[str, TaskConfig]:
    """Contrast eyes closed with open, if enough people were recorded with both."""
    closed, opened = pair_eyes(recorded)
    people: set[str] = set()
    if closed:
        people = set.intersection(
            *(set().union(*(recorded[t] for t in tasks)) for tasks in (closed, opened))
        )
    if has_enough and people:
        for tasks in (closed, opened):
            people &= set(has_enough(View(cohort, tasks)))
    if len(people) < n_splits:
        return {}
    return {
        f"control_eyes_{cohort}": TaskConfig(
            kind="contrast", cohort=cohort, bids_tasks=closed, against_tasks=opened
        )
    }


def _list_controls(
    people: People, task: TaskConfig, n_splits: int
) -> Mapping[str, TaskConfig]:
    """Ask for age, sex and site on the recordings of a task."""
    cells, known, columns = people.first_cells, people.known, people.columns
    name = task.views[0].name
    common = {"cohort": task.cohort, "bids_tasks": task.bids_tasks}
    found = {}
    age = find_column(cells, columns["age"])
    if age and known["age"].nunique() > 5:
        settings = {"kind": "regression", "column": age, **common}
        found[f"control_age_{name}"] = TaskConfig.model_validate(settings)
    sex = find_column(cells, columns["sex"])
    if sex:
        groups = {m: cells.loc[known["sex"] == m, sex] for m in ("F", "M")}
        found |= _tell_apart(f"control_sex_{name}", sex, groups, n_splits, common)
    site = find_column(cells, columns["site"])
    if site:
        groups = {
            re.sub(r"\W+", "-", str(value)): part
            for value, part in cells.groupby(site)[site]
        }
        found |= _tell_apart(f"control_site_{name}", site, groups, n_splits, common)
    return found


def _tell_apart(
    name: str,
    column: str,
    groups: Mapping[str, "pd.Series[str]"],
    n_splits: int,
    common: Mapping[str, object],
) -> dict[str, TaskConfig]:
    """Return a task that tells groups apart, if at least two are large enough."""
    values = {
        label: tuple(cells.unique())
        for label, cells in groups.items()
        if len(cells) >= n_splits
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
    """Pair the BIDS tasks with eyes closed with their counterparts with eyes open.

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
