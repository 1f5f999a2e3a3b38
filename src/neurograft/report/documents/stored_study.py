"""A finished study as its folders hold it: tables, settings, software, the author."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from neurograft.config.report import ReportConfig
from neurograft.files.stage import read_provenance
from neurograft.files.tables import read_table
from neurograft.files.writing import read_arrays
from neurograft.report.documents.conditions import find_conditions, name_groups
from neurograft.types import Arrays

EXAMPLE_FILE = "example.npz"
SETTINGS_FILE = "settings.toml"
MIN_LINES = 2


@dataclass(frozen=True)
class StoredStudy:
    """Opens what stages wrote when it is first asked for; what is missing is empty.

    Attributes:
        evaluation: Folder of the evaluation stage.
        summary: Folder of the summary stage.
        shift: Folder of the shift stage.
        cohorts: Folder of every harmonised cohort, by name.
        roles: What every cohort is used for.
        card: Of the encoder.
        pretraining: Folder of the encoder.
        author: Words that only the author knows.
        title: Of the study.
    """

    evaluation: Path
    summary: Path
    shift: Path
    cohorts: Mapping[str, Path]
    roles: Mapping[str, str]
    card: Mapping[str, Any]
    pretraining: Path = Path()
    author: ReportConfig = field(default_factory=ReportConfig)
    title: str = ""
    _opened: dict[Path, pd.DataFrame] = field(default_factory=dict, repr=False)

    def read(self, folder: Path, name: str) -> pd.DataFrame:
        """Return a table of a folder; without columns if it is not there."""
        path = folder / f"{name}.tsv"
        if path not in self._opened:
            found = read_table(path) if path.is_file() else pd.DataFrame()
            self._opened[path] = name_groups(found, self.conditions)
        return self._opened[path]

    @cached_property
    def conditions(self) -> dict[str, str]:
        """Return what the groups of contrasts are called, by their stored name."""
        path = self.evaluation / "tasks.tsv"
        tasks = read_table(path) if path.is_file() else pd.DataFrame()
        if "classes" not in tasks:
            return {}
        classes = tasks.loc[tasks["kind"] == "contrast", "classes"].dropna()
        return find_conditions(list(classes), self.author.language)

    def has_rows(self, folder: Path, name: str) -> bool:
        """Return whether a table has rows, without reading all of it."""
        path = folder / f"{name}.tsv"
        if not path.is_file():
            return False
        with path.open(encoding="utf-8") as lines:
            return sum(1 for _ in zip(lines, range(MIN_LINES), strict=False)) > 1

    @cached_property
    def recordings(self) -> pd.DataFrame:
        """Return the rows of every recording found, of all cohorts."""
        return self._join("recordings")

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Return the verdicts on stretches of the recordings of all cohorts."""
        return self._join("windows")

    @property
    def tasks(self) -> pd.DataFrame:
        """Return `tasks.tsv`."""
        return self.read(self.evaluation, "tasks")

    @property
    def subjects(self) -> pd.DataFrame:
        """Return `subjects.tsv`."""
        return self.read(self.evaluation, "subjects")

    @property
    def people_with_pages(self) -> tuple[tuple[str, str], ...]:
        """List cohort and label of the people of the tasks, also of those left out."""
        if self.subjects.empty:
            return ()
        people = self.subjects[["cohort", "participant_id"]].drop_duplicates()
        return tuple((str(a), str(b)) for a, b in people.itertuples(index=False))

    @property
    def results(self) -> pd.DataFrame:
        """Return `results.tsv`."""
        return self.read(self.summary, "results")

    @property
    def methods(self) -> list[str]:
        """List the methods that have results."""
        return list(self.results["method"].unique()) if len(self.results) else []

    def has_kind(self, kind: str) -> bool:
        """Return whether a task is of a kind, for example `regression`."""
        return bool(len(self.tasks)) and kind in set(self.tasks["kind"])

    def of_metric(self, metric: str) -> pd.DataFrame:
        """Return the results of a metric that could be computed."""
        if self.results.empty:
            return self.results
        own = self.results[self.results["metric"] == metric]
        return own[own["value"].notna()]

    def settings(self, folder: Path) -> dict[str, Any]:
        """Return the settings that a finished stage was run with."""
        path = folder / SETTINGS_FILE
        if not path.is_file():
            return {}
        return tomllib.loads(path.read_text(encoding="utf-8"))

    @property
    def learning(self) -> pd.DataFrame:
        """Return what pretraining wrote while it learned; empty if it did not here."""
        return self.read(self.pretraining, "metrics")

    @property
    def example(self) -> Arrays:
        """Return a window of a person left out, with what the encoder filled in."""
        path = self.pretraining / EXAMPLE_FILE
        return read_arrays(path) if path.is_file() else {}

    @property
    def software(self) -> dict[str, str]:
        """Return the versions that evaluated."""
        return dict(read_provenance(self.evaluation).get("software", {}))

    def _join(self, name: str) -> pd.DataFrame:
        tables = [
            self.read(folder, name).assign(cohort=cohort)
            for cohort, folder in self.cohorts.items()
        ]
        whole = [table for table in tables if len(table)]
        return pd.concat(whole, ignore_index=True) if whole else pd.DataFrame()
