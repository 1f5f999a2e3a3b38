"""A study that is open: its settings, its folders, and what it reads, each once."""

import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from neurograft.cohorts.opened_cohort import OpenedCohort
from neurograft.cohorts.people import list_people
from neurograft.config.study import StudyConfig
from neurograft.config.tasks import TaskConfig, View
from neurograft.errors import ConfigError, DataError, DesignError, LeakageError
from neurograft.files.people import People
from neurograft.files.stage import read_fingerprint
from neurograft.files.tables import read_table
from neurograft.files.writing import digest, read_arrays
from neurograft.store.signal_store import RECORDINGS_FILE, SignalStore
from neurograft.store.views import ReadView
from neurograft.store.window_choice import choose_windows
from neurograft.store.window_count import (
    count_whole_windows,
    find_common_count,
    share_counts,
)
from neurograft.tasks.controls import list_controls
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.factors import list_factors
from neurograft.tasks.labels import build_task, build_tasks
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.seen_people import DataSet
from neurograft.tasks.task import Task, check_task
from neurograft.types import Arrays

logger = logging.getLogger(__name__)

FolderKind = Literal[
    "cohorts", "pretraining", "embeddings", "evaluation", "summary", "shift",
    "comparison", "specification", "report",
]  # fmt: skip


class Study:
    """Opens what a study reads when it is first asked for, and keeps it.

    Everything below `study/` takes plain arguments: only here is it known which setting
    means what, and where files lie.

    Args:
        settings: The study file.
        shares: A study with the same cohorts and stores, whose reading is shared.
    """

    def __init__(self, settings: StudyConfig, shares: "Study | None" = None) -> None:
        self.settings = settings
        # Control tasks are asked of the windows that the study's own tasks give.
        self.without_controls: Study = self if shares is None else shares
        self._cohorts: dict[str, OpenedCohort] = {}
        self._stores: dict[str, SignalStore] = {}
        self._views: dict[View, ReadView] = {}
        self._everybody: dict[View, pd.DataFrame] = {}
        self._n_windows: dict[View, int] = {}
        self.left_out_controls: dict[str, str] = {}
        if shares is not None:
            self._cohorts, self._stores = shares._cohorts, shares._stores
            self._views, self._everybody = shares._views, shares._everybody
            self._n_windows = shares._n_windows

    # Folders.
    def folder(self, kind: FolderKind, name: str = "") -> Path:
        """Return a folder of results, for example `folder("cohorts", "clinic")`."""
        return self.settings.output_folder / kind / name

    @property
    def encoder_folder(self) -> Path:
        """Return the folder of the study's encoder."""
        return self.folder("pretraining", self.settings.pretraining.name)

    @property
    def embeddings_folder(self) -> Path:
        """Return the folder of the embeddings by the study's encoder."""
        return self.folder("embeddings", self.settings.pretraining.name)

    def mark(self, kind: FolderKind, name: str = "") -> str:
        """Return the fingerprint of a finished folder, `None` as text if unfinished."""
        return str(read_fingerprint(self.folder(kind, name)))

    # Cohorts.
    def cohort(self, name: str) -> OpenedCohort:
        """Return a cohort's folder, table and recordings."""
        if name not in self._cohorts:
            settings, folder = self.settings, self.settings.cohort_folder(name)
            self._cohorts[name] = OpenedCohort(name, folder, settings.cohorts[name])
        return self._cohorts[name]

    def store(self, cohort: str) -> SignalStore:
        """Return the harmonised signals of a cohort.

        Raises:
            DataError: If the cohort is not harmonised.
        """
        if cohort not in self._stores:
            self._stores[cohort] = SignalStore.open(self.folder("cohorts", cohort))
        return self._stores[cohort]

    def recordings(self, cohort: str) -> pd.DataFrame:
        """Return `recordings.tsv` of a harmonised cohort."""
        return read_table(self.folder("cohorts", cohort) / RECORDINGS_FILE)

    def everybody(self, view: View) -> pd.DataFrame:
        """Return the people with usable recordings, with all that is known of them.

        Raises:
            DataError: If the cohort is not harmonised.
        """
        if view not in self._everybody:
            opened = self.cohort(view.cohort)
            rows = self.recordings(view.cohort)
            self._everybody[view] = list_people(
                view, rows, opened.people, opened.circumstances
            )
        return self._everybody[view]

    def mark_people(self, cohort: str) -> str:
        """Return a hash of all that stages read of people besides their signals.

        Of the table, and of days, hours, devices and all else in scans and sidecars.
        """
        opened = self.cohort(cohort)
        people = opened.people
        tables = (people.cells, people.known, opened.circumstances, opened.stated)
        return digest([*(table.to_csv() for table in tables), dict(people.columns)])

    def name_data_set(self, cohort: str) -> DataSet:
        """Return the data set that a cohort is, whatever the study calls it."""
        card, folder = self.settings.cohorts[cohort].card, self.cohort(cohort).folder
        return DataSet.of_folder(cohort, card, folder)

    # Views.
    @property
    def views(self) -> list[View]:
        """List the views that the tasks need, each once."""
        asked = self.settings.all_tasks.values()
        return list(dict.fromkeys(view for task in asked for view in task.views))

    @property
    def n_times(self) -> int:
        """Return the length of a window, in samples."""
        settings = self.settings
        return int(settings.pretraining.window_s * settings.harmonise.sfreq)

    def view(self, view: View) -> ReadView:
        """Return people and windows of a view, the same for every method.

        Raises:
            DataError: If nobody has as many windows as are asked for.
        """
        if view not in self._views:
            store = self.store(view.cohort)
            chosen, left_out = choose_windows(
                store,
                n_windows=self.count_windows(view),
                n_times=self.n_times,
                bids_tasks=view.bids_tasks,
            )
            self._views[view] = ReadView(store, chosen, left_out)
        return self._views[view]

    def count_windows(self, view: View) -> int:
        """Return how many windows everybody of a view gives.

        Where the study leaves it open, as many as most people of every task have that
        looks at the view.
        """
        asked = self.settings.evaluation.count_windows(view.cohort)
        if asked is not None:
            return asked
        if not self._n_windows:
            tasks = self.without_controls.build_tasks()
            self._n_windows |= share_counts(list(map(self._count_of_task, tasks)))
        if view not in self._n_windows:
            counts = self._count_whole(view)
            self._n_windows[view] = find_common_count(counts.values())
        return self._n_windows[view]

    def _count_of_task(self, task: Task) -> dict[View, int]:
        """Count the windows that most people of a task have, by view."""
        found = {}
        for number, view in enumerate(task.views):
            people = task.subjects.loc[task.subjects["view"] == number]
            counts = self._count_whole(view)
            own = [counts.get(who, 0) for who in people["participant_id"]]
            found[view] = find_common_count(own)
        return found

    def _count_whole(self, view: View) -> dict[str, int]:
        store = self.store(view.cohort)
        return count_whole_windows(
            store, n_times=self.n_times, bids_tasks=view.bids_tasks
        )

    def read_embedded(self, view: View) -> Arrays:
        """Read what the embedding stage wrote of a view.

        Raises:
            DataError: If it is missing.
        """
        return read_arrays(self.embeddings_folder / f"{view.name}.npz")

    # Tasks.
    @property
    def people(self) -> Mapping[str, People]:
        """Read the participants tables of the cohorts in the tasks."""
        return {name: self.cohort(name).people for name in self.settings.target_cohorts}

    @cached_property
    def with_controls(self) -> "Study":
        """Return the study with the control tasks it asks for that can be made.

        No control may stop a study: `left_out_controls` says why others are not there.
        """
        settings = self.settings
        if not settings.evaluation.controls:
            return self
        controls = list_controls(
            settings.all_tasks,
            self.people,
            {name: self._list_recorded(name) for name in settings.target_cohorts},
            n_splits=settings.evaluation.n_splits,
            has_enough=self.find_people,
        )
        for name, control in list(controls.items()):
            problem = self._explain_control(name, control)
            if problem:
                self.left_out_controls[name] = problem
                logger.info("left out the control %s: %s", name, problem)
                del controls[name]
        tasks = {**settings.tasks, **controls}
        return Study(settings.model_copy(update={"tasks": tasks}), shares=self)

    def _explain_control(self, name: str, control: TaskConfig) -> str:
        """Say why a control task cannot be evaluated so; else nothing."""
        evaluation = self.settings.evaluation
        try:
            task = build_task(name, control, self.people, holdout=evaluation.holdout)
            task = task.restrict({view: self.find_people(view) for view in task.views})
            check_task(task, n_splits=evaluation.n_splits)
            make_protocol_splits(task, evaluation, seed=self.settings.seed)
        except (ConfigError, DataError, DesignError, LeakageError) as error:
            return str(error)
        return ""

    def _list_recorded(self, cohort: str) -> dict[str, set[str]]:
        """List who was recorded, by BIDS task."""
        recorded: dict[str, set[str]] = {}
        for found in self.cohort(cohort).recordings:
            if not found.problem:
                who = found.key.participant_id
                recorded.setdefault(found.key.task, set()).add(who)
        return recorded

    def find_people(self, view: View) -> list[str]:
        """Find who has enough windows; before harmonising, who was recorded."""
        if read_fingerprint(self.folder("cohorts", view.cohort)) is None:
            recorded = self._list_recorded(view.cohort)
            asked = view.bids_tasks or tuple(recorded)
            return sorted(set().union(*(recorded.get(task, ()) for task in asked)))
        try:
            return list(self.view(view).people)
        except DataError:
            return []

    def build_tasks(self) -> list[Task]:
        """Build every task from the tables of people.

        Raises:
            ConfigError: If a column or value does not exist, or a task cannot be
                evaluated.
        """
        evaluation = self.settings.evaluation
        return build_tasks(
            self.settings.all_tasks,
            self.people,
            n_splits=evaluation.n_splits,
            holdout=evaluation.holdout,
        )

    def list_factors(
        self, task: Task, *, column: str | None = None
    ) -> dict[str, Factor]:
        """List the factors that might go with the label of a task's people.

        Args:
            task: The task.
            column: Of the label, which is no factor of itself; by default the task's.
        """
        everybody = [
            self.everybody(view).assign(view=number)
            for number, view in enumerate(task.views)
        ]
        return list_factors(
            task.subjects,
            pd.concat(everybody, ignore_index=True),
            self.people,
            column=task.column if column is None else column,
            stated={v.cohort: self.cohort(v.cohort).stated for v in task.views},
        )
