"""Tasks on which variants of pretraining are compared: rows, labels, splits.

Everything here is the same for every variant, so that they are compared in pairs: the
same windows, the same folds, the same draws of few labels, the same resampled people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from neurograft.config.study import StudyConfig
from neurograft.config.tasks import View
from neurograft.evaluation.cross_validation import list_learned
from neurograft.evaluation.evaluated_task import Learned
from neurograft.evaluation.results.estimates import Resampling, resample
from neurograft.study.opened_study import Study
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, draw_few, make_splits
from neurograft.tasks.task import Task
from neurograft.types import FloatArray

# Chosen here: the number of labels that stands for all.
ALL_LABELS = 0
# Chosen here: with fewer people of a class to test, an AUROC is mostly chance.
MIN_TESTED = 8


@dataclass(frozen=True)
class Compared:
    """One task of a comparison.

    Attributes:
        task: Labels of the rows.
        rows: View and person of every row.
        splits: Folds by labelled people of each class; `ALL_LABELS` are the folds of
            cross-validation; numbers that a task is too small for are missing.
        resampling: Resamples of people.
    """

    task: Task
    rows: tuple[tuple[View, str], ...]
    splits: dict[int, list[Split]]
    resampling: Resampling

    @cached_property
    def learned(self) -> dict[int, Learned]:
        """Return whom the draws of few labelled people learned from."""
        return {
            budget: list_learned(splits, len(self.labels))
            for budget, splits in self.splits.items()
            if budget != ALL_LABELS
        }

    @property
    def name(self) -> str:
        """Return the name of the task."""
        return self.task.name

    @property
    def cohort(self) -> str:
        """Return the cohort of the task's people."""
        return self.task.views[0].cohort

    @property
    def is_classification(self) -> bool:
        """Return whether labels are groups."""
        return self.task.is_classification

    @property
    def metric(self) -> str:
        """Return the name of the metric that judges it."""
        return "AUROC" if self.is_classification else "R2"

    @property
    def labels(self) -> FloatArray:
        """Return the label of every row, `(n_rows,)`."""
        return self.task.labels

    @property
    def views(self) -> list[View]:
        """List the views that the rows need, each once."""
        return list(dict.fromkeys(view for view, _ in self.rows))

    def gather(self, features: Mapping[View, Mapping[str, FloatArray]]) -> FloatArray:
        """Collect the features of the rows from features by view and person."""
        return np.stack([features[view][who] for view, who in self.rows])


def list_compared(
    study: Study, available: Mapping[View, Sequence[str]]
) -> list[Compared]:
    """List the tasks, restricted to people with enough signal who may be looked at.

    People whom a hold-out seals are left out, for choosing a pretraining looks at the
    answers. Of brain age, only those stay whose normal age is learned.

    Args:
        study: The study.
        available: People of every view.
    """
    found = []
    for task in study.build_tasks():
        task = _leave_out(task.restrict(available, {}), study.settings)
        rows = [
            (task.views[view], str(who))
            for view, who in task.subjects[["view", "participant_id"]].values
        ]
        found.append(_make(study.settings, task, rows))
    return found


def _leave_out(task: Task, settings: StudyConfig) -> Task:
    """Leave out the sealed, and whom no normal age is learned from."""
    is_open = task.subjects["is_reference"].to_numpy(dtype=bool).copy()
    if settings.evaluation.protocol == "hold-out":
        for split in make_protocol_splits(
            task, settings.evaluation, seed=settings.seed
        ):
            is_open[split.test] = False
    return replace(task, subjects=task.subjects[is_open].reset_index(drop=True))


def list_counted(
    settings: StudyConfig, tasks: Sequence[Compared], *, is_classification: bool
) -> list[Compared]:
    """List the tasks of one metric over which gains are averaged."""
    return [
        task
        for task in tasks
        if task.is_classification == is_classification
        and task.name not in settings.comparison.not_counted
    ]


def _make(study: StudyConfig, task: Task, rows: list[tuple[View, str]]) -> Compared:
    settings = study.comparison
    splits = {
        ALL_LABELS: make_splits(
            task.subjects,
            is_classification=task.is_classification,
            n_splits=study.evaluation.n_splits,
            n_repeats=settings.n_repeats,
            seed=study.seed,
        )
    }
    for budget in settings.labels_per_class:
        few = draw_from_all(
            task, n_per_class=budget, n_draws=settings.n_draws, seed=study.seed
        )
        splits |= {budget: few} if few else {}
    everybody = np.ones(len(task.labels), dtype=bool)
    resampling = resample(
        task, everybody, n_bootstraps=study.evaluation.n_bootstraps, seed=study.seed
    )
    return Compared(task, tuple(rows), splits, resampling)


def draw_from_all(
    task: Task, *, n_per_class: int, n_draws: int, seed: int
) -> list[Split]:
    """Draw few labelled people from all, and test everybody else.

    Args:
        task: Labels; both rows of a person are on one side.
        n_per_class: Labelled people, as for `draw_few`.
        n_draws: Draws.
        seed: Decides them.

    Returns:
        The draws; none if fewer than `MIN_TESTED` people of a class, or of all for a
        number, would be left to test.
    """
    rows = np.arange(len(task.labels))
    if task.is_within or not task.is_classification:
        smallest = len(np.unique(task.clusters))
        learned = n_per_class if task.is_classification else 2 * n_per_class
    else:
        smallest, learned = (
            min(np.unique(task.labels, return_counts=True)[1]),
            n_per_class,
        )
    if smallest - learned < MIN_TESTED:
        return []
    few = draw_few(
        [Split(0, 0, rows, rows[:0])],
        task.subjects,
        n_per_class=n_per_class,
        n_draws=n_draws,
        is_classification=task.is_classification,
        seed=seed,
    )
    return [one._replace(test=np.setdiff1d(rows, one.train)) for one in few]
