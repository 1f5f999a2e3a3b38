"""Fit one method to everybody of a task, and save it as a predictor."""

from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

from neurograft.config.study import StudyConfig
from neurograft.errors import DataError
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.files.tables import read_table
from neurograft.prediction.bundle import write_predictor
from neurograft.prediction.card import BUNDLE_VERSION, ChosenMethod, PredictorCard
from neurograft.prediction.card_file import MODELS_FOLDER
from neurograft.prediction.fitting import Material, fit_predictor
from neurograft.prediction.learned.held_out import collect_held_out
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.study.opened_study import Study
from neurograft.study.predictor.choice import (
    check_verdict,
    choose_method,
    choose_task,
    find_verdict,
    list_cautions,
)
from neurograft.study.predictor.description import (
    INFERRED,
    describe_learned_from,
    describe_method,
    describe_rows,
    describe_taken,
)
from neurograft.study.predictor.healthy import add_norms
from neurograft.study.run import plan_study
from neurograft.study.stages.evaluate import make_reader, prepare_for_study
from neurograft.study.stages.summarise import describe_summary, read_evaluated
from neurograft.tasks.splits import Split
from neurograft.types import Progress, no_progress

SOFTWARE = ("neurograft", "numpy", "mne", "torch")


def run_fit(
    study: Study,
    task: str = "",
    method: str = "",
    *,
    anyway: bool = False,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> Path:
    """Fit a method to everybody of a task, and write `models/<task>/<method>`.

    Args:
        study: One that was run.
        task: Name of the task; empty takes the only one with evidence.
        method: As in the study file; empty takes the best that can be saved.
        anyway: Also fit what the study found no evidence for; every output says so.
        n_jobs: Processes.
        progress: Called along the way.

    Returns:
        The folder of the predictor.

    Raises:
        ConfigError: If the task or method is unknown, cannot be saved, or the study
            has no evidence for it.
        DesignError: If the design of the study refuses any claim.
        DataError: If the study was not run, or changed since.
    """
    describe_summary(study).require("run the study first")
    _check_stages(study)
    results, verdicts = (
        read_table(study.folder("summary") / f"{name}.tsv")
        for name in ("results", "verdicts")
    )
    task = task or choose_task(study, verdicts)
    verdict = find_verdict(study, task, verdicts)
    check_verdict(study, task, verdict, anyway=anyway)
    chosen = choose_method(study, task, method, results, verdict)
    whole = study.with_controls
    reader = make_reader(whole, chosen.features, n_jobs, progress)
    (own,) = (one for one in whole.build_tasks() if one.name == task)
    prepared = prepare_for_study(whole, own, reader)
    predictions = _find_predictions(whole, task, chosen.name)
    material = _collect(whole, prepared, reader, predictions)
    described = describe_method(
        chosen,
        results,
        verdict,
        list_cautions(task, verdicts),
        prepared,
        is_asked_for=bool(method),
    )
    card = _make_card(whole, prepared, reader, described, material.split)
    doing = f"fitting {chosen.name} to {len(material.split.train)} people"
    progress(doing, 0, 1)
    predictor = fit_predictor(chosen, material, card, seed=study.settings.seed)
    rows = material.split.train
    predictor = add_norms(predictor, whole, prepared, reader, rows, predictions)
    folder = name_model(study.settings, task, chosen.name)
    write_predictor(folder, predictor, study.encoder_folder)
    progress(doing, 1, 1)
    return folder


def _check_stages(study: Study) -> None:
    """Check that all that a predictor is made from is as the study file says now.

    Raises:
        DataError: If a stage is missing or out of date: its results, and so the claim,
            would be those of another study.
    """
    for name, folder, is_current in plan_study(study):
        if name not in ("shift", "report") and not is_current:
            raise DataError(
                f"{folder} is missing or out of date; run the study first (`neurograft "
                "run` does only what is)."
            )


def name_model(settings: StudyConfig, task: str, method: str) -> Path:
    """Return the folder of a predictor; what no folder may be called is replaced."""
    safe = method.replace(":", "-").replace("+", "-")
    return settings.output_folder / MODELS_FOLDER / task / safe


def _find_predictions(study: Study, task: str, method: str) -> Predictions:
    """Find what models of cross-validation said of people whom they had not seen."""
    evaluated = next(one for one in read_evaluated(study) if one.task.name == task)
    return evaluated.full[method].predictions


def _collect(
    study: Study,
    prepared: PreparedTask,
    reader: FeatureReader,
    predictions: Predictions,
) -> Material:
    """Collect features of everybody, and what models said of people left out."""
    task = prepared.task
    # Sealed people, and patients of whom no normal age is learned, are never in there.
    rows = np.unique(np.concatenate([split.train for split in prepared.splits]))
    return Material(
        prepared.features,
        task.labels,
        Split(0, 0, rows, rows[:1]),
        prepared.question,
        collect_held_out(predictions, prepared.judged),
        describe_rows(study, task, reader),
    )


def _make_card(
    study: Study,
    prepared: PreparedTask,
    reader: FeatureReader,
    method: ChosenMethod,
    split: Split,
) -> PredictorCard:
    """Make the card, but for what follows from fitting."""
    task, author = prepared.task, study.settings.report
    return PredictorCard(
        version=BUNDLE_VERSION,
        study=study.settings.name,
        task=task.name,
        kind=task.kind,
        classes=task.classes,
        target=task.target,
        column=task.column,
        method=method,
        taken=describe_taken(study, task, reader),
        people=describe_learned_from(study, task, split.train),
        answers={},
        coverage={},
        intended_use=author.intended_use,
        owner=author.owner,
        contact=author.contact,
        software={name: version(name) for name in SOFTWARE},
        made_on=date.today().isoformat(),
        could_be_inferred=INFERRED,
    )
