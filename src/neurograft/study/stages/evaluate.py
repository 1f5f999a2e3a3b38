"""The evaluation stage: features in, predictions and the tables a report is made of."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import Method
from neurograft.config.study import StudyConfig
from neurograft.evaluation.cross_validation import TaskResults, cross_validate
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.methods.fold import predict_slowly
from neurograft.evaluation.network_folds import NetworkLearner
from neurograft.evaluation.prepared_task import PreparedTask, prepare_task
from neurograft.evaluation.results.brain_age_tables import tabulate_brain_age
from neurograft.evaluation.results.comparisons import summarise_task
from neurograft.evaluation.results.design_table import tabulate_design
from neurograft.evaluation.results.label_curves import tabulate_curves
from neurograft.evaluation.results.method_tables import (
    judge_over_tasks,
    tabulate_calibration,
    tabulate_conformal,
    tabulate_mixed,
)
from neurograft.evaluation.results.person_tables import (
    describe_task,
    tabulate_folds,
    tabulate_predictions,
    tabulate_subjects,
)
from neurograft.evaluation.results.recording_tables import tabulate_singles
from neurograft.evaluation.results.subgroups import tabulate_subgroups
from neurograft.evaluation.results.verdicts import draw_verdicts
from neurograft.evaluation.single_recordings import (
    SinglesReader,
    collect_singles,
    evaluate_singles,
)
from neurograft.evaluation.slow_permutation import Job, permute_slowly
from neurograft.files.stage import Stage, read_fingerprint
from neurograft.files.tables import write_tables
from neurograft.files.writing import write_arrays
from neurograft.study.stages.embed import describe_embedding
from neurograft.tasks.controls import add_controls
from neurograft.tasks.labels import build_tasks
from neurograft.tasks.protocols import log_opening
from neurograft.types import Arrays, FloatArray, Progress, no_progress

PERMUTED_FILE = "permuted.npz"
Tables = dict[str, list[pd.DataFrame]]


def describe_evaluation(study: StudyConfig) -> Stage:
    """The stage: tasks and statistics, and the fingerprints of what it reads."""
    root = study.output_folder
    name = study.pretraining.name
    inputs = {"embeddings": str(read_fingerprint(root / "embeddings" / name))}
    for cohort in study.target_cohorts:
        inputs[cohort] = str(read_fingerprint(root / "cohorts" / cohort))
    settings = {
        "tasks": {k: t.model_dump(mode="json") for k, t in study.all_tasks.items()},
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
    stage = describe_evaluation(study)
    study = add_controls(study)
    describe_embedding(study).require("embed first")
    stage.begin()
    reader = FeatureReader(
        study, study.evaluation.all_features, n_jobs=n_jobs, progress=progress
    )
    prepared = [prepare_task(study, task, reader) for task in build_tasks(study)]
    results = cross_validate(prepared, n_jobs=n_jobs, progress=progress)
    for one, found in zip(prepared, results, strict=True):
        _permute_slow_methods(study.evaluation, one, found, n_jobs=n_jobs)
        learner = NetworkLearner(study, one, reader, n_jobs, progress)
        add_networks(found, learner)
    openings = 0
    if study.evaluation.protocol == "hold-out":
        openings = log_opening(study.output_folder, stage.fingerprint)
    tables: Tables = {}
    recordings = SinglesReader(reader)
    for one, found in zip(prepared, results, strict=True):
        _add_tables(tables, study, one, found, openings)
        singly = _look_at_recordings(
            study, one, recordings, n_jobs=n_jobs, progress=progress
        )
        if len(singly):
            tables.setdefault("recordings", []).append(singly)
    if "comparisons" in tables:
        together = judge_over_tasks(pd.concat(tables["comparisons"]))
        tables |= {"over_tasks": [together]} if len(together) else {}
    write_tables(stage.folder, tables)
    write_arrays(stage.folder / PERMUTED_FILE, _collect_permuted(prepared, results))
    stage.finish()


def _look_at_recordings(
    study: StudyConfig,
    one: PreparedTask,
    recordings: SinglesReader,
    *,
    n_jobs: int,
    progress: Progress,
) -> pd.DataFrame:
    """Recording-level results, where people have several."""
    singles = collect_singles(one.task, recordings)
    if singles is None:
        return pd.DataFrame()
    return tabulate_singles(
        one.task,
        singles,
        evaluate_singles(one, singles, n_jobs=n_jobs, progress=progress),
        n_bootstraps=study.evaluation.n_bootstraps,
        seed=study.seed,
    )


def _collect_permuted(
    prepared: Sequence[PreparedTask], results: Sequence[TaskResults]
) -> Arrays:
    """Primary metric of the first repeat: observed, then under permuted labels."""
    return {
        f"{one.task.name}:{name}": np.array([result.observed, *result.permuted])
        for one, found in zip(prepared, results, strict=True)
        for name, result in found.full.items()
        if len(result.permuted)
    }


def add_networks(found: TaskResults, learner: NetworkLearner) -> None:
    """Networks in the first repeats of the folds, and the first draws of the curve."""
    one, settings = learner.one, learner.study.evaluation
    networks = [method for method in one.methods if method.is_network]
    first = [split for split in one.splits if split.repeat < settings.network_repeats]
    found.full.update(learner.cross_validate(networks, first))
    for method in networks if settings.network_permutations else []:
        _permute_labels(
            found,
            method,
            one,
            partial(learner.predict_labels, method),
            n_permutations=settings.network_permutations,
        )
    on_curve = [method for method in networks if method.name in one.curve_methods]
    for budget, splits in one.few.items():
        drawn = [split for split in splits if split.repeat < settings.network_draws]
        found.few[budget].update(learner.cross_validate(on_curve, drawn))


def _permute_slow_methods(
    settings: EvaluationConfig, one: PreparedTask, found: TaskResults, *, n_jobs: int
) -> None:
    """Replace the results of slow learners by ones with permutations."""
    slow = [
        m
        for m in one.choose_methods(few=False)
        if not m.is_linear and m.learner != "dummy"
    ]
    for method in slow if settings.slow_permutations else []:
        _permute_labels(
            found,
            method,
            one,
            partial(_predict_labels, one, method, n_jobs),
            n_permutations=settings.slow_permutations,
        )


def _permute_labels(
    found: TaskResults,
    method: Method,
    one: PreparedTask,
    predict: Callable[[Sequence[Job]], list[FloatArray]],
    *,
    n_permutations: int,
) -> None:
    found.full[method.name] = permute_slowly(
        predict,
        found.full[method.name],
        one.permuted[:n_permutations],
        one.splits,
        one.judged,
    )


def _predict_labels(
    one: PreparedTask, method: Method, n_jobs: int, jobs: Sequence[Job]
) -> list[FloatArray]:
    """What a slow learner predicts of the test rows of every job."""
    predicted: list[FloatArray] = Parallel(n_jobs=n_jobs)(
        delayed(predict_slowly)(method, one.features, labels, split, one.question)
        for labels, split in jobs
    )
    return predicted


def _add_tables(
    tables: Tables,
    study: StudyConfig,
    one: PreparedTask,
    found: TaskResults,
    openings: int,
) -> None:
    settings, task = study.evaluation, one.task

    def add(named: Iterable[tuple[str, pd.DataFrame]]) -> None:
        for name, table in named:
            if len(table):
                tables.setdefault(name, []).append(table)

    methods = {method.name: method for method in one.methods}
    values, comparisons = summarise_task(
        task, methods, found.full, settings, study.seed
    )
    curves = tabulate_curves(
        one, found.few, n_bootstraps=settings.n_bootstraps, seed=study.seed
    )
    described: dict[str, Any] = {
        "results": values,
        "comparisons": comparisons,
        "design": tabulate_design(task, one.design, one.factors, found.full),
        "subgroups": tabulate_subgroups(one, found.full, seed=study.seed),
        "verdicts": draw_verdicts(
            task,
            values,
            comparisons,
            one.design,
            n_permutations=settings.n_permutations,
        ),
        "curves": curves,
        "calibration": tabulate_calibration(task, found.full),
        "mixed": tabulate_mixed(task, found.full),
        "conformal": tabulate_conformal(task, found.full),
        "predictions": tabulate_predictions(task, found.full),
        "folds": tabulate_folds(task, found.full),
        "choices": found.choices,
        "subjects": tabulate_subjects(task),
        "tasks": describe_task(one, openings),
    }
    add(described.items())
    if not task.subjects["is_reference"].all():
        for name, result in found.full.items():
            if not methods[name].is_blind:
                add(tabulate_brain_age(task, one.splits, name, result).items())
