"""Compare ways to pretrain: same size, same windows, same people, several seeds.

The question is whether any of them beats the same encoder untrained, on the mean over
tasks, with an interval over people; and at which cost.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.evaluation.methods.fold import predict_fold
from neurograft.evaluation.methods.problem import Question
from neurograft.evaluation.results.estimates import Estimate
from neurograft.evaluation.results.scores import estimate
from neurograft.features.feature_sets import compute_baseline_features
from neurograft.features.window_summary import summarise_windows
from neurograft.files.stage import Stage
from neurograft.files.tables import write_table
from neurograft.pretraining.build import build_encoder
from neurograft.statistics.metrics.by_kind import choose_metrics
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.metrics.regression import r2
from neurograft.store.views import ReadView
from neurograft.study.comparison.comparison_task import (
    Compared,
    list_compared,
    list_counted,
)
from neurograft.study.comparison.gains import (
    average_seeds,
    list_gains,
    list_results,
    list_task_gains,
    list_variant_differences,
)
from neurograft.study.comparison.variants import (
    Variant,
    find_control,
    list_variants,
    open_corpus_without,
    read_cost,
    read_embeddings,
    read_last_metrics,
    run_variants,
)
from neurograft.study.opened_study import Study
from neurograft.tasks.splits import Split
from neurograft.transfer.embedding import embed_windows, make_token_pool
from neurograft.types import FloatArray, Progress, no_progress

logger = logging.getLogger(__name__)
# Chosen here: features without pretraining, from the simplest to the best.
BASELINES = ("duration", "band-power", "riemann", "tokens")
# Written also where one variant is compared with untrained ones, and there are no rows.
DIFFERENCES = (
    "variant", "compared_with", "metric", "labels_per_class", "n_tasks", "value",
    "ci_low", "ci_high",
)  # fmt: skip
# Untrained encoders that are joined end to end, as an encoder so many times as wide.
N_JOINED = 4


def describe_comparison(study: Study) -> Stage:
    """Describe the stage: variants, tasks, statistics, and the harmonised cohorts."""
    inputs = {name: study.mark("cohorts", name) for name in study.settings.cohorts}
    settings = study.settings.model_dump(
        mode="json",
        exclude={
            "data_folder",
            "output_folder",
            "name",
            "cohorts",
            "report",
            "prediction",
        },
    )
    return Stage(study.folder("comparison"), settings, inputs)


def run_comparison(
    study: Study, *, n_jobs: int = 1, progress: Progress = no_progress
) -> None:
    """Pretrain, embed and evaluate every variant, and write the tables.

    Goes on where it was stopped: a variant that is finished is not repeated.

    Raises:
        ConfigError: If there is nothing to compare.
        DataError: If a cohort is not harmonised.
    """
    variants = list_variants(study.settings)
    stage = describe_comparison(study)
    stage.begin()
    views = {view: study.view(view) for view in study.views}
    for view, read in views.items():
        for who, why in read.left_out.items():
            logger.info("%s of %s is left out: %s", who, view.name, why)
    tasks = list_compared(study, {view: read.people for view, read in views.items()})
    run_variants(study, variants, views, progress=progress)
    scores = _score_everything(study, variants, views, tasks, n_jobs, progress)
    for name, table in tabulate(study, variants, tasks, scores).items():
        write_table(stage.folder / f"{name}.tsv", table)
    stage.finish()


def score_features(
    task: Compared, features: FloatArray, *, method: str, n_inner: int
) -> dict[int, Estimate]:
    """Return the metric of a feature set on a task, for every label budget.

    AUROC for groups, of more than two the mean over pairs; R2 for numbers.

    Args:
        task: Task of the comparison.
        features: Features of its rows, `(n_rows, n_features)`.
        method: The feature set, with a learner if wanted.
        n_inner: Number of inner folds, which choose the penalty.
    """
    kind = task.task.kind
    metric = choose_metrics(kind)["AUROC"] if task.is_classification else r2
    return {
        budget: estimate(
            predict_all(task, splits, features, method=method, n_inner=n_inner),
            metric,
            task.resampling,
            task.learned.get(budget),
        )
        for budget, splits in task.splits.items()
    }


def predict_all(
    task: Compared,
    splits: Sequence[Split],
    features: FloatArray,
    *,
    method: str,
    n_inner: int,
) -> Predictions:
    """Predict the test rows of every split; rows that are never tested get fold -1.

    Args:
        task: Task of the comparison.
        splits: Training and test rows of every fold.
        features: Features of its rows, `(n_rows, n_features)`.
        method: The feature set, with a learner if wanted.
        n_inner: Number of inner folds, which choose the penalty.
    """
    n_repeats = 1 + max(split.repeat for split in splits)
    shape = (n_repeats, len(task.labels))
    folds = np.full(shape, -1)
    classes = len(task.task.classes)
    # Of more than two groups, each has its probability.
    scores = np.zeros((*shape, classes if classes > 2 else 1))
    question = Question(task.task.kind, classes, task.task.clusters, n_inner)
    parsed = parse_method(method)
    for split in splits:
        predicted = predict_fold(
            [parsed],
            {parsed.features[0]: features},
            task.labels[None],
            split,
            question,
        ).predicted[method]
        scores[split.repeat, split.test] = predicted[0]
        folds[split.repeat, split.test] = split.fold
    said = scores if classes > 2 else scores[..., 0]
    # No metric of a comparison asks for decisions.
    return Predictions(task.labels, said, np.full(shape, np.nan), folds)


def _score_everything(
    study: Study,
    variants: Sequence[Variant],
    views: dict[View, ReadView],
    tasks: Sequence[Compared],
    n_jobs: int,
    progress: Progress,
) -> dict[tuple[str, str, int], dict[int, Estimate]]:
    """Score every variant and baseline, by name, task and seed."""
    jobs = _list_jobs(study, variants, views, tasks)
    calls = (
        delayed(score_features)(
            task, features, method=method, n_inner=study.settings.evaluation.n_inner
        )
        for task, features, method in jobs.values()
    )
    found = {}
    outputs = Parallel(n_jobs=n_jobs, return_as="generator")(calls)
    for done, (key, scores) in enumerate(zip(jobs, outputs, strict=True), start=1):
        found[key] = scores
        progress("evaluating variants", done, len(jobs))
    return found


class _Job(NamedTuple):
    """Features to be scored on a task, and the method that reads them out."""

    task: Compared
    features: FloatArray
    method: str


def _list_jobs(
    study: Study,
    variants: Sequence[Variant],
    views: dict[View, ReadView],
    tasks: Sequence[Compared],
) -> dict[tuple[str, str, int], _Job]:
    """List what is to be scored, by name, task and seed."""
    jobs: dict[tuple[str, str, int], _Job] = {}
    for variant in variants:
        embedded = read_embeddings(study, variant, views)
        for task in (t for t in tasks if t.cohort in variant.left_out):
            job = _Job(task, task.gather(embedded), "encoder")
            jobs[variant.name, task.name, variant.seed] = job
    jobs |= _join_jobs(jobs, {v.name for v in variants if not v.is_trained})
    for name, features in compute_baselines(study, views).items():
        for task in tasks:
            job = _Job(task, task.gather(features), name)
            jobs[name, task.name, study.settings.seed] = job
    return jobs


def _join_jobs(
    jobs: Mapping[tuple[str, str, int], _Job], untrained: Collection[str]
) -> dict[tuple[str, str, int], _Job]:
    """List what four untrained encoders together are to be scored on."""
    found = {}
    for name, task in dict.fromkeys(key[:2] for key in jobs if key[0] in untrained):
        own = [job for key, job in jobs.items() if key[:2] == (name, task)]
        wide = join_seeds([job.features for job in own])
        for number, features in enumerate(wide):
            key = (name_joined(name), task, number)
            found[key] = own[0]._replace(features=features)
    return found


def join_seeds(seeds: Sequence[FloatArray]) -> list[FloatArray]:
    """Join the features of every four seeds; what is left over is not used.

    Args:
        seeds: Features by each seed, `(n_rows, n_features)`.
    """
    starts = range(0, len(seeds) - N_JOINED + 1, N_JOINED)
    return [np.concatenate(seeds[k : k + N_JOINED], axis=1) for k in starts]


def name_joined(control: str) -> str:
    """Name the untrained encoder that is four times as wide."""
    return f"{control} x{N_JOINED}"


def compute_baselines(
    study: Study, views: Mapping[View, ReadView]
) -> dict[str, dict[View, dict[str, FloatArray]]]:
    """Compute features without pretraining, by name, view and person."""
    found: dict[str, dict[View, dict[str, FloatArray]]] = {b: {} for b in BASELINES}
    for view, read in views.items():
        settings, seed = study.settings.pretraining, study.settings.seed
        corpus = open_corpus_without(study, (view.cohort,), settings, seed=seed)
        h_freq = study.settings.harmonise.h_freq
        encoder = build_encoder(corpus, settings, h_freq=h_freq, seed=seed)
        n_times = corpus.n_times
        features = compute_baseline_features(read.store, read.chosen, n_times=n_times)
        windows = embed_windows(
            read.store, read.chosen, make_token_pool(encoder), n_times=n_times
        )
        features["tokens"] = np.stack([summarise_windows(one) for one in windows])
        features["duration"] = np.array(
            [[np.log(one.duration_s)] for one in read.chosen]
        )
        people = [one.participant_id for one in read.chosen]
        for name in BASELINES:
            found[name][view] = dict(zip(people, features[name], strict=True))
    return found


def tabulate(
    study: Study,
    variants: Sequence[Variant],
    tasks: Sequence[Compared],
    scores: Mapping[tuple[str, str, int], Mapping[int, Estimate]],
) -> dict[str, pd.DataFrame]:
    """Tabulate results, gains, differences of variants and costs of a comparison.

    Args:
        study: The study.
        variants: Variants and their untrained controls.
        tasks: Tasks of the comparison.
        scores: Scores by label budget, for every variant or baseline, task and seed.
    """
    settings = study.settings
    scored = average_seeds(scores, seed=settings.seed)
    controls = {
        v.name: find_control(v.settings, settings.pretraining)[0]
        for v in variants
        if v.is_trained
    }
    # What width alone gains stands beside what pretraining gains.
    wide = {name_joined(name): name for name in dict.fromkeys(controls.values())}
    there = {name for name, _, _ in scored}
    controls |= {name: control for name, control in wide.items() if name in there}
    counted = [
        list_counted(settings, tasks, is_classification=is_classification)
        for is_classification in (True, False)
    ]
    gains = [
        row
        for own in counted
        for row in list_gains(scored, controls, own, settings.comparison)
    ]
    trained = list(dict.fromkeys(v.name for v in variants if v.is_trained))
    differences = [
        row
        for own in counted
        for row in list_variant_differences(scored, trained, own, settings.comparison)
    ]
    by_task = list_task_gains(scored, controls, tasks)
    metrics = {task.name: task.metric for task in tasks}
    return {
        "results": pd.DataFrame(list_results(scored, metrics)),
        "gains": pd.DataFrame(gains),
        "gains_by_task": pd.DataFrame(by_task),
        "differences": pd.DataFrame(differences, columns=DIFFERENCES),
        "costs": pd.DataFrame(_list_costs(study, variants)),
    }


def _list_costs(study: Study, variants: Sequence[Variant]) -> list[dict[str, object]]:
    """List time and final probes, averaged over seeds and corpora."""
    rows: list[dict[str, object]] = []
    for name in dict.fromkeys(v.name for v in variants if v.is_trained):
        own = [one for one in variants if one.name == name]
        seconds = float(np.mean([read_cost(study, one) for one in own]))
        measured = pd.DataFrame([read_last_metrics(study, one) for one in own])
        settings = own[0].settings
        watched = (
            "watched_loss",
            "predict_mean_loss",
            "rank",
            "feature_sd",
            "spectral_r2",
        )
        rows.append(
            {
                "variant": name,
                "steps": settings.steps,
                "seconds": seconds,
                "windows_per_s": settings.steps * settings.batch_size / seconds,
            }
            | {key: float(measured[key].mean()) for key in watched}
        )
    return rows
