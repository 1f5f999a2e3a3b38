"""The evaluation stage: features in, predictions and the tables a report is made of."""

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from neurograft.config import StudyConfig
from neurograft.evaluation.crossvalidation import (
    MethodResult,
    evaluate_fold,
    gather_method,
    number_folds,
)
from neurograft.evaluation.features import collect_demographics, collect_features
from neurograft.evaluation.leakage import check_pretraining, find_seen_subjects
from neurograft.evaluation.metrics import Predictions
from neurograft.evaluation.splits import Split, make_splits
from neurograft.evaluation.statistics import permute_within_folds
from neurograft.evaluation.summary import draw_verdicts, summarise_task
from neurograft.evaluation.tasks import Task, build_tasks, check_task
from neurograft.models.files import read_card
from neurograft.provenance import Stage, read_fingerprint
from neurograft.tables import write_table
from neurograft.transfer.embeddings import (
    View,
    choose_view_windows,
    describe_embedding,
    list_views,
)
from neurograft.types import FloatArray, Progress, no_progress
from neurograft.windows.store import SignalStore


class ReadView(NamedTuple):
    """A cohort seen through some BIDS tasks: who has enough signal, and features."""

    store: SignalStore
    available: list[str]
    left_out: dict[str, str]
    features: dict[str, FloatArray]


class PreparedTask(NamedTuple):
    """A task whose subjects have signals, with the features of every method."""

    task: Task
    methods: tuple[str, ...]
    features: dict[str, FloatArray]
    splits: list[Split]
    permuted: FloatArray
    is_transductive: bool
    not_run: dict[str, str]


def describe_evaluation(study: StudyConfig) -> Stage:
    """The stage: tasks and statistics, and the fingerprints of what it reads."""
    root = study.output_folder
    name = study.pretraining.name
    inputs = {"embeddings": str(read_fingerprint(root / "embeddings" / name))}
    for cohort in study.target_cohorts:
        inputs[cohort] = str(read_fingerprint(root / "cohorts" / cohort))
    settings = {
        "tasks": {k: t.model_dump(mode="json") for k, t in study.tasks.items()},
        "evaluation": study.evaluation.model_dump(mode="json"),
        "seed": study.seed,
        "allow_transductive": study.pretraining.allow_transductive,
    }
    return Stage(root / "evaluation", settings, inputs)


def run_evaluate(
    study: StudyConfig, *, n_jobs: int = 1, progress: Progress = no_progress
) -> None:
    """Evaluate every method on every task and write the result tables.

    Raises:
        DataError: If the embeddings are missing or out of date.
        ConfigError: If a task cannot be evaluated.
        LeakageError: If pretraining has seen people it is tested on.
    """
    describe_embedding(study).require("embed first")
    stage = describe_evaluation(study)
    stage.begin()
    views = {view: read_view(study, view) for view in list_views(study)}
    prepared = [
        prepare_task(study, task, views[View(task.cohort, task.bids_tasks)])
        for task in build_tasks(study)
    ]
    results = cross_validate(
        prepared, n_inner=study.evaluation.n_inner, n_jobs=n_jobs, progress=progress
    )
    _write_tables(study, stage, prepared, results)
    stage.finish()


def cross_validate(
    prepared: Sequence[PreparedTask],
    *,
    n_inner: int,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> list[dict[str, MethodResult]]:
    """Run every fold of every task, spread over processes; by task and method."""
    jobs = [(one, split) for one in prepared for split in one.splits]
    calls = (
        delayed(evaluate_fold)(
            one.methods,
            one.features,
            one.task.labels,
            one.permuted,
            split,
            is_classification=one.task.is_classification,
            n_inner=n_inner,
        )
        for one, split in jobs
    )
    outputs = []
    with warnings.catch_warnings():
        # loky replaces a process that has grown and says so; it changes no result.
        warnings.filterwarnings("ignore", "A worker stopped while", UserWarning)
        for output in Parallel(n_jobs=n_jobs, return_as="generator")(calls):
            outputs.append(output)
            progress("evaluating folds", len(outputs), len(jobs))
    results, first = [], 0
    for one in prepared:
        folds = outputs[first : first + len(one.splits)]
        first += len(one.splits)
        results.append(
            {
                method: gather_method(
                    one.task.labels,
                    one.permuted,
                    one.splits,
                    [fold[method] for fold in folds],
                    is_classification=one.task.is_classification,
                )
                for method in one.methods
            }
        )
    return results


def read_view(study: StudyConfig, view: View) -> ReadView:
    """Read what tasks that share a view share: subjects and features."""
    store, chosen, left_out = choose_view_windows(study, view)
    return ReadView(
        store,
        [one.participant_id for one in chosen],
        left_out,
        collect_features(study, view, store, chosen),
    )


def prepare_task(study: StudyConfig, task: Task, view: ReadView) -> PreparedTask:
    """Match a task's labels with signals, guard against leaks, pick features."""
    task = task.restrict(view.available, view.left_out)
    check_task(task, study.evaluation)
    signals: dict[str, set[str]] = {
        who: set() for who in task.subjects["participant_id"]
    }
    for recording in view.store.recordings:
        if recording.key.participant_id in signals:
            signals[recording.key.participant_id].add(recording.sha256)
    card = read_card(study.output_folder / "pretraining" / study.pretraining.name)
    seen = find_seen_subjects(card, task.cohort, signals)
    check_pretraining(
        seen,
        cohort=task.cohort,
        allow_transductive=study.pretraining.allow_transductive,
    )
    rows = [view.available.index(who) for who in task.subjects["participant_id"]]
    features = {name: values[rows] for name, values in view.features.items()}
    not_run = {}
    column = study.tasks[task.name].column
    demographics = collect_demographics(task, column, study.cohorts[task.cohort])
    if demographics is None:
        not_run["demographics"] = "age and sex are unknown or the target itself"
    else:
        features["demographics"] = demographics
    splits = make_splits(
        task.labels,
        task.subjects["participant_id"].tolist(),
        is_classification=task.is_classification,
        n_splits=study.evaluation.n_splits,
        n_repeats=study.evaluation.n_repeats,
        seed=study.seed,
    )
    permuted = permute_within_folds(
        task.labels,
        number_folds(splits, len(task.labels))[0],
        n_permutations=study.evaluation.n_permutations,
        rng=np.random.default_rng([study.seed, 6]),
    )
    methods = tuple(m for m in study.evaluation.methods if m not in not_run)
    return PreparedTask(task, methods, features, splits, permuted, bool(seen), not_run)


def _write_tables(
    study: StudyConfig,
    stage: Stage,
    prepared: list[PreparedTask],
    results: list[dict[str, MethodResult]],
) -> None:
    tables: dict[str, list[pd.DataFrame]] = {}

    def add(name: str, table: pd.DataFrame) -> None:
        tables.setdefault(name, []).append(table)

    for one, methods in zip(prepared, results, strict=True):
        values, comparisons = summarise_task(
            one.task, methods, study.evaluation, study.seed
        )
        add("results", values)
        add("comparisons", comparisons)
        add("verdicts", draw_verdicts(one.task, values, comparisons))
        add("predictions", _tabulate_predictions(one.task, methods))
        add("folds", _tabulate_folds(one.task, methods))
        add("subjects", _tabulate_subjects(one.task))
        add("tasks", _describe_task(one))
    for name, parts in tables.items():
        write_table(stage.folder / f"{name}.tsv", pd.concat(parts, ignore_index=True))


def _tabulate_predictions(
    task: Task, results: Mapping[str, MethodResult]
) -> pd.DataFrame:
    """One row per subject, method and repeat: every statistic can be redone from it."""
    parts = []
    for method, result in results.items():
        p: Predictions = result.predictions
        n_repeats, n_subjects = p.scores.shape
        parts.append(
            pd.DataFrame(
                {
                    "task": task.name,
                    "method": method,
                    "repeat": np.repeat(np.arange(n_repeats), n_subjects),
                    "split": p.folds.ravel(),
                    "cohort": task.cohort,
                    "participant_id": np.tile(
                        task.subjects["participant_id"], n_repeats
                    ),
                    "label": np.tile(p.labels, n_repeats),
                    "score": p.scores.ravel(),
                    "decision": p.decisions.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _tabulate_folds(task: Task, results: Mapping[str, MethodResult]) -> pd.DataFrame:
    """Primary metric (larger is better) of every repeat and fold."""
    parts = []
    for method, result in results.items():
        n_repeats = len(result.predictions.folds)
        n_splits = len(result.fold_scores) // n_repeats
        parts.append(
            pd.DataFrame(
                {
                    "task": task.name,
                    "method": method,
                    "repeat": np.repeat(np.arange(n_repeats), n_splits),
                    "split": np.tile(np.arange(n_splits), n_repeats),
                    "score": result.fold_scores,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _tabulate_subjects(task: Task) -> pd.DataFrame:
    """Who is in the task with which label, and why others are not."""
    kept = task.subjects.assign(task=task.name, cohort=task.cohort, left_out="")
    lost = pd.DataFrame(
        {
            "task": task.name,
            "cohort": task.cohort,
            "participant_id": list(task.left_out),
            "left_out": list(task.left_out.values()),
        }
    )
    columns = [
        "task",
        "cohort",
        "participant_id",
        "group",
        "label",
        "age",
        "sex",
        "left_out",
    ]
    everybody = pd.concat([kept, lost]) if len(lost) else kept
    return everybody[columns].replace("", None)


def _describe_task(one: PreparedTask) -> pd.DataFrame:
    task = one.task
    cases = int(task.labels.sum()) if task.is_classification else None
    return pd.DataFrame(
        {
            "task": [task.name],
            "kind": task.kind,
            "cohort": task.cohort,
            "n_subjects": len(task.labels),
            "n_cases": cases,
            "n_left_out": len(task.left_out),
            "transductive": one.is_transductive,
            "not_run": "; ".join(f"{m}: {why}" for m, why in one.not_run.items())
            or None,
        }
    )
