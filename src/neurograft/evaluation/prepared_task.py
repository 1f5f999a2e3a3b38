"""Prepare a task before anything is fitted: rows, guards, features, splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import Method, parse_method
from neurograft.evaluation.feature_reader import (
    EMBEDDED,
    FeatureReader,
    collect_demographics,
)
from neurograft.evaluation.guard import UNGUARDED, GuardReport
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.methods.requirements import explain_remedies
from neurograft.features.connectivity import is_available
from neurograft.files.sentences import say
from neurograft.tasks.design_audit import Factor, audit_task, code_acquisition
from neurograft.tasks.label_shuffles import permute_labels
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, draw_few
from neurograft.tasks.task import Task
from neurograft.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class PreparedTask:
    """A task whose people have signals, with the features of every method.

    Attributes:
        task: Labels.
        methods: Methods that can be run.
        features: By feature set.
        splits: Outer splits.
        few: Splits of the low-label curve, by labelled people of each class.
        permuted: Shuffled labels.
        guarded: Whether pretraining saw its people, and how that was looked at.
        not_run: Why methods cannot be run.
        n_inner: Inner folds.
        curve_methods: Methods of the low-label curve.
        factors: What might go with the label.
    """

    task: Task
    methods: tuple[Method, ...]
    features: dict[str, FloatArray]
    splits: list[Split]
    few: dict[int, list[Split]]
    permuted: FloatArray
    guarded: GuardReport
    not_run: dict[str, str]
    n_inner: int
    curve_methods: tuple[str, ...]
    factors: dict[str, Factor]

    @cached_property
    def question(self) -> Question:
        """Return the question that the methods answer."""
        task = self.task
        people = task.covariates.assign(domain=number_domains(task))
        return Question(
            task.kind, len(task.classes), task.clusters, self.n_inner, people
        )

    @property
    def adapts_to_tested(self) -> bool:
        """Return whether an adapter uses the unlabelled test people of a site."""
        if not any("@" in m.name or m.learner == "geodesic" for m in self.methods):
            return False
        return has_new_sites(self)

    @property
    def judged(self) -> BoolArray:
        """Return a mask `(n_rows,)` of the rows used for scoring."""
        return self.task.subjects["is_reference"].to_numpy(dtype=bool)

    def describe(self) -> dict[str, Any]:
        """Return what a reader must know of how the task was evaluated."""
        not_run = "; ".join(f"{name}: {why}" for name, why in self.not_run.items())
        return {
            "transductive": bool(self.guarded.seen),
            "leak_check": self.guarded.compared or None,
            "leak_caution": self.guarded.caution or None,
            "adapts_to_tested": self.adapts_to_tested,
            "not_run": not_run or None,
        }

    def choose_methods(self, *, few: bool) -> tuple[Method, ...]:
        """Choose the methods that learn from features, or those of the curve."""
        return tuple(
            one
            for one in self.methods
            if not one.is_network and (not few or one.name in self.curve_methods)
        )


def has_new_sites(one: PreparedTask) -> bool:
    """Tell whether people of a site are tested from which nobody is learned."""
    domain = number_domains(one.task)
    return any(
        not np.isin(domain[split.test], domain[split.train]).all()
        for split in one.splits
    )


def number_domains(task: Task) -> IntArray:
    """Number the site of every row from 1; without sites, number the cohort."""
    people = task.subjects
    site = people["site"].astype(object).where(people["site"].notna(), "unknown")
    names = people["cohort"].astype(str) + " " + site.astype(str)
    return np.asarray(pd.factorize(names, sort=True)[0] + 1)


def restrict_task(task: Task, reader: FeatureReader) -> Task:
    """Keep the people with signals."""
    reads = {view: reader.read(view) for view in task.views}
    return task.restrict(
        {view: read.people for view, read in reads.items()},
        {view: read.left_out for view, read in reads.items()},
    )


def prepare_task(
    task: Task,
    reader: FeatureReader,
    settings: EvaluationConfig,
    factors: Mapping[str, Factor],
    *,
    seed: int,
    guarded: GuardReport = UNGUARDED,
) -> PreparedTask:
    """Collect the features of a task's people, and split them.

    Args:
        task: Restricted to people with signals.
        reader: Reads features.
        settings: Methods and protocol.
        factors: What might go with the label.
        seed: Decides splits and shuffles.
        guarded: Whether pretraining saw the task's people.
    """
    features, not_run = collect_features(task, reader, factors)
    design = audit_task(task, factors)
    splits = make_protocol_splits(task, settings, seed=seed)
    not_run |= explain_remedies(
        settings.all_methods, task, splits, number_domains(task), task.covariates
    )
    methods = list_methods(settings, design, not_run)
    has_curve = any(one.name in settings.curve_methods for one in methods)
    return PreparedTask(
        task=task,
        methods=methods,
        features=features,
        splits=splits,
        few=_draw_few(task, splits, settings, seed) if has_curve else {},
        permuted=permute_labels(
            task, splits, n_permutations=settings.n_permutations, seed=seed
        ),
        guarded=guarded,
        not_run=not_run,
        n_inner=settings.n_inner,
        curve_methods=settings.curve_methods,
        factors=dict(factors),
    )


def collect_features(
    task: Task, reader: FeatureReader, factors: Mapping[str, Factor]
) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Collect the feature sets of a task's people.

    Returns:
        Features by set, shape `(n_rows, ...)`; and why a set is missing.
    """
    features, not_run = reader.collect(task), {}
    for name, found, code in (
        ("demographics", collect_demographics(task), "NG501"),
        ("acquisition", code_acquisition(factors), "NG502"),
    ):
        if found is None:
            not_run[name] = say(code, {})
        else:
            features[name] = found
    if not is_available():
        not_run["connectivity"] = say("NG503", {})
    not_run |= {
        name: say("NG508", {})
        for name in reader.wanted
        if name in EMBEDDED and name not in features
    }
    return features, not_run


def list_methods(
    settings: EvaluationConfig, design: pd.DataFrame, not_run: Mapping[str, str]
) -> tuple[Method, ...]:
    """List the methods of the study that can be run on a task.

    Next to any result of a doubtful design stands what needs no brain. Where nothing
    else is sure to be run, there is the dummy.
    """
    wanted = settings.all_methods
    if design["severity"].isin(["warning", "refused"]).any():
        wanted = tuple(dict.fromkeys((*wanted, parse_method("acquisition"))))
    found = tuple(
        method
        for method in wanted
        if not any(name in not_run for name in (*method.features, method.name))
    )
    is_sure = any(
        not one.is_network and "@" not in one.name and one.learner != "geodesic"
        for one in found
    )
    return found if is_sure else (*found, parse_method("dummy"))


def _draw_few(
    task: Task, splits: list[Split], settings: EvaluationConfig, seed: int
) -> dict[int, list[Split]]:
    """Draw the splits of every budget that the task is large enough for."""
    drawn = {
        budget: draw_few(
            splits,
            task.subjects,
            n_per_class=budget,
            n_draws=settings.n_draws,
            is_classification=task.is_classification,
            seed=seed,
        )
        for budget in settings.labels_per_class
    }
    return {budget: splits for budget, splits in drawn.items() if splits}
