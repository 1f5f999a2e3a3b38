"""What a task needs before anything is fitted: rows, guards, features, splits."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import Method, parse_method
from neurograft.config.study import StudyConfig
from neurograft.evaluation.feature_reader import (
    FeatureReader,
    collect_demographics,
    list_covariates,
)
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.methods.requirements import explain_remedies
from neurograft.features.connectivity import is_available
from neurograft.models.saving import read_card
from neurograft.montage.field_interpolation import map_channels
from neurograft.tasks.design_audit import Factor, audit_task, code_acquisition
from neurograft.tasks.factors import list_factors
from neurograft.tasks.label_shuffles import permute_labels
from neurograft.tasks.leak_guard import (
    check_duplicates,
    check_pretraining,
    find_seen_subjects,
)
from neurograft.tasks.near_duplicates import (
    PROFILE_S,
    check_near_duplicates,
    make_profile,
)
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.splits import Split, draw_few
from neurograft.tasks.task import Task, check_task
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
        is_transductive: Whether pretraining saw its people.
        not_run: Why methods cannot be run.
        n_inner: Inner folds.
        curve_methods: Methods of the low-label curve.
        covariates: Age and sex, unknown where they are the target.
        factors: What might go with the label.
        design: What does, as `audit_task` finds it.
    """

    task: Task
    methods: tuple[Method, ...]
    features: dict[str, FloatArray]
    splits: list[Split]
    few: dict[int, list[Split]]
    permuted: FloatArray
    is_transductive: bool
    not_run: dict[str, str]
    n_inner: int
    curve_methods: tuple[str, ...]
    covariates: pd.DataFrame
    factors: dict[str, Factor]
    design: pd.DataFrame

    @property
    def question(self) -> Question:
        """What is asked of the methods."""
        task = self.task
        people = self.covariates.assign(domain=number_domains(task))
        return Question(
            task.kind, len(task.classes), task.clusters, self.n_inner, people
        )

    @property
    def adapts_to_tested(self) -> bool:
        """Whether an adapter describes a site by the unlabelled people tested there."""
        if not any("@" in m.name or m.learner == "geodesic" for m in self.methods):
            return False
        domain = number_domains(self.task)
        return any(
            not np.isin(domain[split.test], domain[split.train]).all()
            for split in self.splits
        )

    @property
    def judged(self) -> BoolArray:
        """Rows on which methods are judged."""
        return self.task.subjects["is_reference"].to_numpy(dtype=bool)

    def choose_methods(self, *, few: bool) -> tuple[Method, ...]:
        """Methods that learn from features, or those of the low-label curve."""
        return tuple(
            one
            for one in self.methods
            if not one.is_network and (not few or one.name in self.curve_methods)
        )


def number_domains(task: Task) -> IntArray:
    """Number of everybody's site from 1, of the cohort where sites are unknown."""
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


def prepare_task(study: StudyConfig, task: Task, reader: FeatureReader) -> PreparedTask:
    """Match a task's labels with signals, guard against leaks, pick features.

    Raises:
        ConfigError: If too few people are left.
        LeakageError: If people are tested whom something has seen.
    """
    settings = study.evaluation
    task = restrict_task(task, reader)
    check_task(task, settings)
    seen = guard_task(study, task, reader)
    features = reader.collect(task)
    not_run = {}
    demographics = collect_demographics(task, study)
    if demographics is not None:
        features["demographics"] = demographics
    else:
        not_run["demographics"] = "age and sex are unknown or the target itself"
    factors = list_factors(study, task.subjects, column=task.column)
    design = audit_task(task, factors)
    acquisition = code_acquisition(factors)
    if acquisition is not None:
        features["acquisition"] = acquisition
    else:
        not_run["acquisition"] = "everybody was recorded alike, as far as is known"
    if not is_available():
        not_run["connectivity"] = "mne-connectivity is not installed"
    splits = make_protocol_splits(task, settings, seed=study.seed)
    covariates = list_covariates(task, study)
    not_run |= explain_remedies(
        settings.all_methods, task, splits, number_domains(task), covariates
    )
    return PreparedTask(
        task,
        list_methods(settings, design, not_run),
        features,
        splits,
        _draw_budgets(task, splits, settings, study.seed),
        permute_labels(
            task, splits, n_permutations=settings.n_permutations, seed=study.seed
        ),
        bool(seen),
        not_run,
        settings.n_inner,
        settings.curve_methods,
        covariates,
        factors,
        design,
    )


def list_methods(
    settings: EvaluationConfig, design: pd.DataFrame, not_run: Mapping[str, str]
) -> tuple[Method, ...]:
    """The methods asked for that can be run.

    Next to any result of a doubtful design stands what needs no brain.
    """
    wanted = settings.all_methods
    if design["severity"].isin(["warning", "refused"]).any():
        wanted = tuple(dict.fromkeys((*wanted, parse_method("acquisition"))))
    return tuple(
        method
        for method in wanted
        if not any(name in not_run for name in (*method.features, method.name))
    )


def _draw_budgets(
    task: Task, splits: list[Split], settings: EvaluationConfig, seed: int
) -> dict[int, list[Split]]:
    """Splits of every budget that the task is large enough for."""
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


def guard_task(study: StudyConfig, task: Task, reader: FeatureReader) -> list[str]:
    """Look for people who were seen in pretraining, and for people who are twice.

    Returns:
        Whom pretraining has seen, where the study allows it.
    """
    pretraining = study.pretraining
    card = read_card(study.output_folder / "pretraining" / pretraining.name)
    everybody: dict[str, set[str]] = {}
    seen: list[str] = []
    for view in task.views:
        people = set(task.subjects.loc[task.subjects["cohort"] == view.cohort,
                                       "participant_id"])  # fmt: skip
        sealed = task.subjects.loc[task.subjects["is_sealed"], "participant_id"]
        signals: dict[str, set[str]] = {who: set() for who in people}
        for recording in reader.read(view).store.recordings:
            if recording.key.participant_id in signals:
                signals[recording.key.participant_id].add(recording.sha256)
        found = find_seen_subjects(card, view.cohort, signals)
        if study.evaluation.holdout:  # only the sealed are tested
            found = sorted(set(found) & set(sealed))
        check_pretraining(
            found, cohort=view.cohort, allow_transductive=pretraining.allow_transductive
        )
        seen += found
        owner = "" if task.kind == "contrast" else f"{view.cohort}/"
        for who, hashes in signals.items():
            everybody.setdefault(owner + who, set()).update(hashes)
    check_duplicates(everybody)
    check_near_duplicates(_profile(task, reader))
    return seen


def _profile(task: Task, reader: FeatureReader) -> dict[str, FloatArray]:
    """The beginning of every person's first recording in the task."""
    channels = reader.find_channels(task)
    found: dict[str, FloatArray] = {}
    rows = zip(task.subjects["cluster"].astype(str), task.subjects["participant_id"],
               reader.find_rows(task), strict=True)  # fmt: skip
    for cluster, who, (view, row) in rows:
        read = reader.read(task.views[view])
        name = who if task.kind == "contrast" else f"{cluster} {who}"
        if name not in found:
            number, _ = read.chosen[row].windows[0]
            recording = read.store.recordings[number]
            n_times = min(recording.n_times, int(PROFILE_S * read.store.sfreq))
            beginning = read.store.read(number, 0, n_times)
            mapped = map_channels(recording.ch_names, channels) @ beginning
            found[name] = make_profile(mapped, read.store.sfreq)
    return found
