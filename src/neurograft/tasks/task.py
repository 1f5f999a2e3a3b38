"""A task: its eligible people and their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from neurograft.config.tasks import View
from neurograft.errors import ConfigError
from neurograft.files.text import count_things
from neurograft.kinds import Kind
from neurograft.tasks.matching import match_pairs
from neurograft.types import BoolArray, FloatArray, IntArray

# What is kept of people who have a label but not enough signal.
EXCLUDED = ["cohort", "participant_id", "label", "group"]
OTHER_MISSING = "no usable recording of the other condition"
PARTNER_MISSING = "the other of the matched pair has no usable recording"


@dataclass(frozen=True)
class Task:
    """Labels of the eligible people, and facts about each.

    Attributes:
        name: From the study file.
        kind: See `TaskConfig`.
        classes: Names of the groups, in the order of their labels; of a number, none.
        views: Recordings that are looked at.
        subjects: One row per person, of a contrast two: `cohort`, `participant_id`,
            `view` (number in `views`), `label` (0, 1, ..., or a number), `group` (the
            value of the column), `age` (years), `sex` (F, M), `site`, `confound`,
            `is_sealed`, `is_reference`: whether models learn from the person and are
            judged on them, and `cluster`: what is resampled whole, a person or a
            matched pair.
        left_out: Why people are not in the task, by cohort and label.
        excluded: `cohort`, `participant_id`, `label`, `group` of those with a label but
            without enough signal.
        column: Column that holds the label.
        target: `age`, `sex` or `site` where that is the label itself.
    """

    name: str
    kind: Kind
    classes: tuple[str, ...]
    views: tuple[View, ...]
    subjects: pd.DataFrame
    left_out: dict[tuple[str, str], str]
    column: str = ""
    target: str = ""
    excluded: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def is_classification(self) -> bool:
        """Return whether labels are groups."""
        return self.kind != "regression"

    @property
    def asked(self) -> str:
        """Return what is asked for, as sentences say it: group, score, or age."""
        if self.is_classification:
            return "group"
        return "age of the person" if self.target == "age" else "score"

    @property
    def is_within(self) -> bool:
        """Return whether every cluster holds both labels: contrasts, matched pairs."""
        return len(self.subjects) > self.subjects["cluster"].nunique()

    @property
    def is_paired(self) -> bool:
        """Return whether a cluster is a matched pair of two people."""
        return self.is_within and self.kind == "classification"

    @property
    def cohort(self) -> str:
        """Return the names of the cohorts."""
        return "+".join(dict.fromkeys(view.cohort for view in self.views))

    @property
    def labels(self) -> FloatArray:
        """Return the labels in the order of `subjects`, `(n_rows,)`."""
        return np.asarray(self.subjects["label"].to_numpy(dtype=float))

    @property
    def clusters(self) -> IntArray:
        """Return the number of the cluster of every row from 0, `(n_rows,)`."""
        return np.unique(self.subjects["cluster"].astype(str), return_inverse=True)[1]

    @property
    def covariates(self) -> pd.DataFrame:
        """Return age and sex of the rows; unknown where they are the label itself.

        An adapter that knew the age of a person whose age is predicted would give it
        away.
        """
        people = self.subjects[["age", "sex"]].copy()
        if self.target in people:
            people[self.target] = np.nan if self.target == "age" else None
        return people

    def count_people(self, is_asked: BoolArray | slice = slice(None)) -> int:
        """Count the people of the rows asked for; a contrast has two rows of each."""
        return len(set(name_rows(self.subjects[is_asked])))

    def restrict(
        self,
        available: Mapping[View, Sequence[str]],
        reasons: Mapping[View, Mapping[str, str]] = MappingProxyType({}),
    ) -> "Task":
        """Keep the people whose signals are there; the others get a reason.

        A contrast keeps who has both recordings, matched people whole pairs.
        """
        lost: dict[tuple[str, str], str] = {}
        has_signals = np.zeros(len(self.subjects), dtype=bool)
        for number, view in enumerate(self.views):
            rows = self.subjects["view"] == number
            here = self.subjects["participant_id"].isin(list(available[view]))
            has_signals |= (rows & here).to_numpy()
            for who in self.subjects.loc[rows & ~here, "participant_id"]:
                reason = reasons.get(view, {}).get(who, "no usable recording")
                lost[view.cohort, who] = reason
        kept = self.subjects[has_signals]
        if self.is_within or self.kind == "contrast":
            is_whole = kept.groupby("cluster")["label"].transform("nunique") == 2
            reason = OTHER_MISSING if self.kind == "contrast" else PARTNER_MISSING
            lost |= dict.fromkeys(name_rows(kept[~is_whole]), reason)
            kept = kept[is_whole]
        is_lost = [name in lost for name in name_rows(self.subjects)]
        return replace(
            self,
            subjects=kept.reset_index(drop=True),
            left_out=self.left_out | lost,
            excluded=self.subjects.loc[is_lost, EXCLUDED].reset_index(drop=True),
        )

    def match(self) -> "Task":
        """Keep pairs of a case and a control of the same sex and age only.

        Raises:
            ConfigError: If nobody's age is known.
        """
        if self.subjects["age"].isna().all():
            raise ConfigError(
                f"Task {self.name!r}: `matched` needs ages, and nobody of "
                f"{self.cohort} has one; name the column with age_column in the "
                "cohort's section, or leave `matched` out."
            )
        people = self.subjects.assign(is_patient=self.subjects["label"] == 1)
        pairs = match_pairs(people)
        pair_of = {row: n for n, pair in enumerate(pairs) for row in pair}
        is_kept = np.array([row in pair_of for row in range(len(people))], dtype=bool)
        alone = name_rows(self.subjects[~is_kept])
        kept = self.subjects[is_kept].reset_index(drop=True)
        rows = np.flatnonzero(is_kept).tolist()
        kept["cluster"] = [f"pair-{pair_of[row]}" for row in rows]
        lost = dict.fromkeys(alone, "no pair of the same sex and age")
        return replace(self, subjects=kept, left_out=self.left_out | lost)


def name_rows(people: pd.DataFrame) -> list[tuple[str, str]]:
    """Return cohort and label of every row."""
    named = people[["cohort", "participant_id"]]
    return list(named.itertuples(index=False, name=None))


def check_task(task: Task, *, n_splits: int) -> None:
    """Check that a task can be cross-validated as the study asks.

    Raises:
        ConfigError: If there is one class only, fewer subjects per class than folds,
            a target that does not vary, or too few to learn it from.
    """
    labels = task.labels
    if task.kind == "contrast" and not task.is_within:
        raise ConfigError(
            f"Task {task.name!r} compares two recordings of a person, and nobody of "
            f"{task.cohort} has both under one label; give a person the same label in "
            "both cohorts, or ask about two groups."
        )
    if not task.is_classification:
        if len(labels) < 2 * n_splits:
            raise ConfigError(
                f"Task {task.name!r}: {count_things(len(labels), 'subject')} with a "
                f"value, at least {2 * n_splits} are needed for {n_splits} folds."
            )
        if np.ptp(labels) == 0:
            raise ConfigError(f"Task {task.name!r}: every subject has {labels[0]:g}.")
        n_healthy = int(task.subjects["is_reference"].sum())
        if n_healthy < 2 * n_splits:
            raise ConfigError(
                f"Task {task.name!r}: {count_things(n_healthy, 'subject')} of the "
                f"`reference`, at least {2 * n_splits} are needed for {n_splits} folds."
            )
        return
    counts = {
        name: int((labels == label).sum()) for label, name in enumerate(task.classes)
    }
    present = [name for name, count in counts.items() if count]
    if len(present) < len(task.classes):
        only = " and ".join(map(repr, present))
        verb = "is" if len(present) == 1 else "are"
        left = f"only {only} {verb} left" if present else "nobody is left"
        raise ConfigError(
            f"Task {task.name!r}: {left} ({count_things(len(labels), 'subject')}); "
            "a classification needs every group."
        )
    few = {name: count for name, count in counts.items() if count < n_splits}
    if few:
        shown = " and ".join(f"{n} {name!r}" for name, n in reversed(few.items()))
        verb = "are" if sum(few.values()) > 1 else "is"
        raise ConfigError(
            f"Task {task.name!r}: {shown} {verb} too few: every group needs "
            f"evaluation.n_splits={n_splits} people; lower it or add people."
        )
