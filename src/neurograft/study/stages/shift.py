"""The shift stage: cohorts in, their differences and helpful remedies out."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.config.study import StudyConfig
from neurograft.files.stage import Stage
from neurograft.files.tables import read_table, write_tables
from neurograft.files.writing import hash_file, read_arrays
from neurograft.shift.described_cohort import Cohort, join_features
from neurograft.shift.tables import (
    compare_cohorts,
    probe_factors,
    tabulate_adapters,
    tabulate_factors,
    tabulate_identity,
    tabulate_spectra,
)
from neurograft.shift.transferability import measure_evidence
from neurograft.shift.verdicts import judge_pair
from neurograft.statistics.metrics.classification import LOWER_IS_BETTER
from neurograft.study.described_cohorts import describe_cohorts
from neurograft.study.opened_study import Study
from neurograft.study.stages.pretrain import describe_pretraining
from neurograft.tasks.protocols import make_protocol_splits
from neurograft.tasks.task import Task
from neurograft.types import FloatArray, IntArray, Progress, no_progress

# The only table of the summary stage that is read here.
RESULTS_FILE = "results.tsv"


def describe_shift(study: Study) -> Stage:
    """Describe the stage: settings, fingerprints of cohorts, encoder and results."""
    settings = study.settings
    inputs = {name: study.mark("cohorts", name) for name in settings.used_cohorts}
    inputs |= {
        f"people of {name}": study.mark_people(name) for name in settings.used_cohorts
    }
    inputs["encoder"] = study.mark("pretraining", settings.pretraining.name)
    inputs["results"] = hash_file(study.folder("summary") / RESULTS_FILE)
    described = {
        "shift": settings.shift.model_dump(mode="json"),
        "tasks": sorted(settings.all_tasks),
        "seed": settings.seed,
    }
    return Stage(study.folder("shift"), described, inputs)


def run_shift(study: Study, *, progress: Progress = no_progress) -> None:
    """Measure the shift between the study's cohorts and write its tables.

    Raises:
        DataError: If the encoder or a cohort is missing or out of date.
    """
    describe_pretraining(study).require("pretrain first")
    stage = describe_shift(study)
    stage.begin()
    settings = study.settings
    cohorts = describe_cohorts(study, settings.used_cohorts, progress=progress)
    labels = _collect_labels(study, cohorts)
    named = {cohort.name: cohort for cohort in cohorts}
    pairs = [(named[one], named[other]) for one, other in list_pairs(settings)]
    tables: dict[str, list[pd.DataFrame]] = {}
    for done, (source, target) in enumerate(pairs, start=1):
        factors, measures = compare_cohorts(
            source, target, settings.shift, n_times=study.n_times, seed=settings.seed
        )
        tables.setdefault("covariates", []).append(factors)
        tables.setdefault("shift", []).append(measures)
        verdict = judge_pair(source, target, factors, measures)
        tables.setdefault("verdicts", []).append(verdict)
        progress("comparing cohorts", done, len(pairs))
    tables |= _look_inside(settings, cohorts, labels, progress)
    tables["adapters"] = [
        tabulate_adapters(cohorts, settings.shift, seed=settings.seed)
    ]
    tables["transferability"] = [tabulate_transferability(study)]
    write_tables(stage.folder, tables)
    stage.finish()


def list_pairs(settings: StudyConfig) -> list[tuple[str, str]]:
    """List every source with every target; without a source, targets among themselves.

    Every cohort with every other where the study asks for all.
    """
    if settings.shift.all_cohorts:
        return list(combinations(settings.used_cohorts, 2))
    targets = settings.target_cohorts
    sources = [name for name in settings.source_cohorts if name not in targets]
    if sources:
        return list(product(sources, targets))
    return list(combinations(targets, 2))


def _collect_labels(
    study: Study, cohorts: Sequence[Cohort]
) -> dict[str, dict[str, pd.Series]]:
    """Collect the labels of every cohort's people by task; others get NaN."""
    found: dict[str, dict[str, pd.Series]] = {one.name: {} for one in cohorts}
    for task in study.build_tasks():
        if task.kind == "contrast":
            continue
        for one in cohorts:
            own = task.subjects[task.subjects["cohort"] == one.name]
            if len(own):
                labels = dict(zip(own["participant_id"], own["label"], strict=True))
                found[one.name][task.name] = one.people["participant_id"].map(labels)
    return found


def _look_inside(
    settings: StudyConfig,
    cohorts: Sequence[Cohort],
    labels: Mapping[str, Mapping[str, pd.Series]],
    progress: Progress,
) -> dict[str, list[pd.DataFrame]]:
    """Tabulate variance shares, probes and identity of each target and of all."""
    tables: dict[str, list[pd.DataFrame]] = {"factors": [], "probes": [], "spectra": []}
    targets = [one for one in cohorts if one.name in settings.target_cohorts]
    shift, seed = settings.shift, settings.seed
    for done, one in enumerate(targets, start=1):
        own = labels[one.name]
        people = one.people
        groups = next((own[n] for n in own if own[n].nunique() <= 6), None)
        if groups is not None:
            people = people.assign(group=groups)
        people = people.drop(columns="cohort")
        embedding = one.features["embedding"]
        tables["factors"].append(
            tabulate_factors(one.name, people, embedding, shift, seed=seed)
        )
        tables["probes"] += [
            probe_factors(
                one.name, people, join_features([one]), own, shift, seed=seed
            ),
            tabulate_identity(one),
        ]
        progress("looking into cohorts", done, len(targets))
    tables["spectra"] = [tabulate_spectra(one) for one in cohorts]
    if len(cohorts) > 1:
        whole = pd.concat([one.people for one in cohorts], ignore_index=True)
        X = join_features(cohorts)
        tables["factors"].append(
            tabulate_factors("all cohorts", whole, X["embedding"], shift, seed=seed)
        )
        tables["probes"].append(
            probe_factors("all cohorts", whole, X, {}, shift, seed=seed)
        )
    return tables


# Feature sets whose usefulness LogME is asked to predict.
SCORED = ("tokens", "random-encoder", "encoder")


def tabulate_transferability(study: Study) -> pd.DataFrame:
    """Score features on training folds, and look at what they then achieved.

    Returns:
        `task`, `features`, `logme` (mean over training folds of the first repeat),
        `measured` (primary metric in the results, larger is better, NaN without
        results) and `rank_correlation` of both over the features of a task: 1 would
        mean that the score knew. Empty where nothing is embedded.
    """
    folder = study.embeddings_folder
    rows = []
    for task in study.build_tasks():
        if task.kind == "contrast" or len(task.views) > 1:
            continue
        path = folder / f"{task.views[0].name}.npz"
        if not path.is_file():
            continue
        arrays = read_arrays(path)
        people = arrays["participant_id"].tolist()
        own = task.restrict({task.views[0]: people}, {})
        order = [people.index(who) for who in own.subjects["participant_id"]]
        measured = _read_measured(study, task.name)
        found = [
            {
                "task": task.name,
                "features": name,
                "logme": _score(study.settings, own, arrays[name][order].astype(float)),
                "measured": measured.get(name, np.nan),
            }
            for name in SCORED
            if name in arrays
        ]
        rank = _correlate(found)
        rows += [row | {"rank_correlation": rank} for row in found]
    return pd.DataFrame(rows)


def _correlate(found: Sequence[Mapping[str, Any]]) -> float:
    """Return the rank correlation of score and result; NaN for under 3 features."""
    pairs = np.array([[row["logme"], row["measured"]] for row in found])
    pairs = pairs[np.isfinite(pairs).all(1)]
    if len(pairs) < 3 or np.ptp(pairs, axis=0).min() == 0:
        return float("nan")
    return float(stats.spearmanr(*pairs.T).statistic)


def _score(settings: StudyConfig, task: Task, X: FloatArray) -> float:
    splits = make_protocol_splits(task, settings.evaluation, seed=settings.seed)
    scores = [
        measure_evidence(X[split.train], target)
        for split in splits
        if split.repeat == 0
        for target in _code(task, split.train)
    ]
    return float(np.mean(scores))


def _code(task: Task, rows: IntArray) -> Iterator[FloatArray]:
    labels = task.labels[rows]
    if task.is_classification:
        yield np.eye(len(task.classes))[labels.astype(int)]
    elif np.ptp(labels) > 0:
        yield ((labels - labels.mean()) / labels.std())[:, None]


def _read_measured(study: Study, task: str) -> dict[str, float]:
    path = study.folder("summary") / RESULTS_FILE
    if not path.is_file():
        return {}
    results = read_table(path)
    own = results[(results["task"] == task)]
    own = own[own["metric"] == own["metric"].iloc[0]] if len(own) else own
    sign = {name: -1.0 if name in LOWER_IS_BETTER else 1.0 for name in own["metric"]}
    return {
        str(row["method"]): sign[row["metric"]] * float(row["value"])
        for row in own.to_dict("records")
    }
