"""The evaluation stage: features in, predictions out; fitting happens only here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.guard import GuardReport, guard_task
from neurograft.evaluation.network_folds import NetworkLearner, add_networks
from neurograft.evaluation.occluded import add_occluded
from neurograft.evaluation.prediction_tables import collect_permuted, tabulate_evaluated
from neurograft.evaluation.prepared_task import (
    PreparedTask,
    prepare_task,
    restrict_task,
)
from neurograft.evaluation.single_recordings import SinglesReader, add_recordings
from neurograft.evaluation.slow_permutation import permute_slow_methods
from neurograft.files.stage import Stage
from neurograft.files.tables import write_tables
from neurograft.files.writing import hash_file, write_arrays
from neurograft.models.saving import CARD_FILE, read_encoder_card
from neurograft.study.embedders import make_occluded_reader
from neurograft.study.opened_study import Study
from neurograft.study.stages.embed import describe_embedding
from neurograft.tasks.protocols import log_opening
from neurograft.tasks.task import Task, check_task
from neurograft.types import Progress, no_progress

PERMUTED_FILE = "permuted.npz"
# Raise when the tables of predictions hold more: 2 tells whom few labels fell on.
TABLES_VERSION = 2
# Settings of [evaluation] that change no prediction: `summarise` reads them.
OF_SUMMARY = {"n_bootstraps", "equivalence_margin"}
# Raise when the same parts are hidden in another way.
OCCLUSION_VERSION = 1


def describe_evaluation(study: Study) -> Stage:
    """Describe the stage: tasks, methods, and the fingerprints of what it reads."""
    settings = study.settings
    inputs = {"embeddings": study.mark("embeddings", settings.pretraining.name)}
    for name in settings.target_cohorts:
        inputs[name] = study.mark("cohorts", name)
        inputs[f"people of {name}"] = study.mark_people(name)
    inputs["card"] = hash_file(study.encoder_folder / CARD_FILE)
    described = {
        "tasks": {k: t.model_dump(mode="json") for k, t in settings.all_tasks.items()},
        "evaluation": settings.evaluation.model_dump(
            mode="json", exclude={*OF_SUMMARY, "occlusion"}
        ),
        "seed": settings.seed,
        "tables": TABLES_VERSION,
        "allow_transductive": settings.pretraining.allow_transductive,
    }
    if settings.evaluation.occlusion:
        # Said only where it is done, so that results without it stay up to date.
        described["occlusion"] = OCCLUSION_VERSION
    return Stage(study.folder("evaluation"), described, inputs)


def run_evaluate(
    study: Study, *, n_jobs: int = 1, progress: Progress = no_progress
) -> None:
    """Evaluate every method on every task and write what it predicts of everybody.

    Raises:
        DataError: If the embeddings are missing or out of date.
        ConfigError: If a task cannot be evaluated.
        LeakageError: If pretraining has seen people it is tested on.
    """
    stage = describe_evaluation(study)
    study = study.with_controls
    describe_embedding(study).require("embed first")
    stage.begin()
    settings = study.settings.evaluation
    reader = make_reader(study, settings.all_features, n_jobs, progress)
    prepared = [prepare_for_study(study, task, reader) for task in study.build_tasks()]
    evaluated = cross_validate(prepared, n_jobs=n_jobs, progress=progress)
    opened: dict[str, Any] = {"holdout_openings": None}
    if settings.protocol == "hold-out":
        output = study.settings.output_folder
        opened["holdout_openings"] = log_opening(output, stage.fingerprint)
    singles = SinglesReader(reader)
    hidden = make_occluded_reader(study, reader) if settings.occlusion else None
    found: list[EvaluatedTask] = []
    for one, task in zip(prepared, evaluated, strict=True):
        task = permute_slow_methods(
            one, task, n_permutations=settings.slow_permutations, n_jobs=n_jobs
        )
        task = add_networks(task, make_network_learner(study, one, reader), settings)
        task = add_recordings(one, task, singles, n_jobs=n_jobs, progress=progress)
        if hidden is not None:
            task = add_occluded(one, task, hidden, n_jobs=n_jobs, progress=progress)
        n_windows = study.count_windows(one.task.views[0])
        facts = {**task.facts, **opened, "n_windows": n_windows}
        found.append(replace(task, facts=facts))
    write_tables(stage.folder, tabulate_evaluated(found))
    write_arrays(stage.folder / PERMUTED_FILE, collect_permuted(found))
    stage.finish()


def make_reader(
    study: Study,
    wanted: tuple[str, ...] = (),
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> FeatureReader:
    """Make a reader of feature sets of the study's views.

    Args:
        study: The study.
        wanted: Names of the feature sets.
        n_jobs: Number of processes.
        progress: Called along the way.
    """
    return FeatureReader(
        study.view,
        study.read_embedded,
        wanted,
        n_times=study.n_times,
        montage=study.settings.evaluation.montage,
        n_jobs=n_jobs,
        progress=progress,
    )


def prepare_for_study(study: Study, task: Task, reader: FeatureReader) -> PreparedTask:
    """Keep the people with signals, guard the task against leaks, and prepare it."""
    settings = study.settings
    task = restrict_task(task, reader)
    check_task(task, n_splits=settings.evaluation.n_splits)
    card = read_encoder_card(study.encoder_folder)
    guarded = guard_for_study(study, task, reader, card)
    return prepare_task(
        task,
        reader,
        settings.evaluation,
        study.list_factors(task),
        seed=settings.seed,
        guarded=guarded,
    )


def guard_for_study(
    study: Study, task: Task, reader: FeatureReader, card: Mapping[str, Any]
) -> GuardReport:
    """Guard a task against people whom an encoder has seen, as the study allows.

    Args:
        study: The study.
        task: Restricted to people with signals.
        reader: Reads signals.
        card: Of the encoder.

    Raises:
        LeakageError: If people are tested whom it has seen, or who are twice there.
    """
    return guard_task(
        task,
        reader.read,
        card,
        name_data_set=study.name_data_set,
        allow_transductive=study.settings.pretraining.allow_transductive,
        only_sealed=bool(study.settings.evaluation.holdout),
    )


def make_network_learner(
    study: Study, one: PreparedTask, reader: FeatureReader
) -> NetworkLearner:
    """Make a learner of networks; its files are named after all they are made from."""
    settings = study.settings
    made_from = [
        study.mark("pretraining", settings.pretraining.name),
        [study.mark("cohorts", view.cohort) for view in one.task.views],
        [study.count_windows(view) for view in one.task.views],
        settings.pretraining.window_s,
        settings.evaluation.montage,
    ]
    return NetworkLearner(
        one,
        reader,
        study.encoder_folder,
        study.folder("evaluation", "networks"),
        made_from,
        reader.n_jobs,
        reader.progress,
    )
