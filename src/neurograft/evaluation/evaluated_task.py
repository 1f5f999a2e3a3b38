"""Results of cross-validating a task, from which all statistics and tables are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from neurograft.config.methods import Method, parse_method
from neurograft.evaluation.method_result import MethodResult
from neurograft.features.hidden_parts import HiddenPart
from neurograft.tasks.design_audit import Factor, audit_task
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, IntArray


@dataclass(frozen=True)
class RecordingResults:
    """Predictions of single recordings.

    Attributes:
        row: Row of the task that each recording belongs to, `(n_recordings,)`.
        condition: BIDS task of each; recordings of one condition repeat each other.
        names: Of the recordings.
        results: By method; rows are recordings.
    """

    row: IntArray
    condition: tuple[str, ...]
    names: tuple[str, ...]
    results: dict[str, MethodResult]


class Learned(NamedTuple):
    """People whom each draw of few labelled people learned from.

    Attributes:
        repeat: Of every draw and fold, `(n_draws,)`.
        fold: The same.
        is_learned: Rows learned from, `(n_draws, n_rows)`.
    """

    repeat: IntArray
    fold: IntArray
    is_learned: BoolArray

    def first(self, n_repeats: int) -> "Learned":
        """Return the first repeats only."""
        own = self.repeat < n_repeats
        return Learned(self.repeat[own], self.fold[own], self.is_learned[own])


@dataclass(frozen=True)
class EvaluatedTask:
    """Results of cross-validating a task.

    Attributes:
        task: Labels of the people who have signals.
        full: Results by method, with all labels.
        few: Results by number of labelled people of each class, and method.
        folds: Fold in which every row was predicted, judged or not; -1 where in none:
            `(n_repeats, n_rows)`.
        sizes: Training and test people in every fold (see `count_people`).
        factors: What might go with the label.
        facts: What else `tasks.tsv` says: `transductive`, `adapts_to_tested`,
            `holdout_openings`, `not_run`.
        choices: Adapters that were chosen, and parts of blends: `features`, `repeat`,
            `split`, `chosen`, `share`.
        recordings: Every recording alone, where people have several.
        own: Methods that the method table does not know.
        learned: Whom the draws of `few` learned from, by number of labels.
        occluded: Results by part that was hidden, and method.
    """

    task: Task
    full: dict[str, MethodResult]
    few: dict[int, dict[str, MethodResult]]
    folds: IntArray
    sizes: pd.DataFrame
    factors: dict[str, Factor] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    choices: pd.DataFrame = field(default_factory=pd.DataFrame)
    recordings: RecordingResults | None = None
    own: Mapping[str, Method] = field(default_factory=dict)
    learned: Mapping[int, Learned] = field(default_factory=dict)
    occluded: Mapping[HiddenPart, dict[str, MethodResult]] = field(default_factory=dict)

    @cached_property
    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {name: self.own.get(name) or parse_method(name) for name in self.full}

    @cached_property
    def design(self) -> pd.DataFrame:
        """Audit which factors go with the label (see `audit_task`)."""
        return audit_task(self.task, self.factors)
