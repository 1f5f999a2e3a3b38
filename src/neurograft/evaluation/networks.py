"""Cross-validate networks, which learn from windows, beside the probes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from neurograft.config import StudyConfig
from neurograft.config_methods import Method
from neurograft.evaluation.crossvalidation import MethodResult, gather_method
from neurograft.evaluation.described import place_channels, read_channels
from neurograft.evaluation.features import FeatureReader
from neurograft.evaluation.preparing import PreparedTask, number_domains
from neurograft.evaluation.splits import Split
from neurograft.evaluation.tasks import Task
from neurograft.models.encoder import Encoder
from neurograft.models.files import load_encoder
from neurograft.provenance import digest, read_arrays, read_fingerprint, write_arrays
from neurograft.training.parallel import torch_threads
from neurograft.transfer.finetuning import predict_people, tune
from neurograft.transfer.people import People, Targets
from neurograft.types import FloatArray, Progress, no_progress
from neurograft.windows.facts import read_facts


def cross_validate_networks(
    study: StudyConfig,
    one: PreparedTask,
    reader: FeatureReader,
    methods: Sequence[Method],
    splits: list[Split],
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> dict[str, MethodResult]:
    """Learn and predict in every fold; by method.

    The same people and windows as the probes; labels are not permuted. Every fold is
    written when it is done, so that who is stopped goes on from there.
    """
    files = {
        method: [_find_file(study, one, method, split) for split in splits]
        for method in methods
    }
    missing = [
        (method, split, path)
        for method, paths in files.items()
        for split, path in zip(splits, paths, strict=True)
        if not path.is_file()
    ]
    if missing:
        _learn(study, one, reader, missing, n_jobs=n_jobs, progress=progress)
    nothing = np.empty((0, len(one.task.labels)))
    return {
        method.name: gather_method(
            one.task.labels,
            nothing,
            splits,
            [read_arrays(path)["outputs"] for path in paths],
            one.question,
            one.judged,
        )
        for method, paths in files.items()
    }


def _learn(
    study: StudyConfig,
    one: PreparedTask,
    reader: FeatureReader,
    missing: Sequence[tuple[Method, Split, Path]],
    *,
    n_jobs: int,
    progress: Progress,
) -> None:
    """Learn in the folds that are missing and write what is predicted."""
    folder = study.output_folder / "pretraining" / study.pretraining.name
    encoder = load_encoder(folder)
    people = read_people(one.task, reader)
    targets = make_targets(study, one)
    clusters = one.task.clusters
    calls = (
        delayed(predict_fold)(method, encoder, people, targets, split, clusters)
        for method, split, _ in missing
    )
    found = Parallel(n_jobs=n_jobs, return_as="generator")(calls)
    for done, ((method, _, path), output) in enumerate(
        zip(missing, found, strict=True), 1
    ):
        write_arrays(path, {"outputs": output[None]})
        progress(f"{one.task.name}: {method.name}", done, len(missing))


def _find_file(
    study: StudyConfig, one: PreparedTask, method: Method, split: Split
) -> Path:
    """Where a fold's predictions lie: named after everything they are made from."""
    root, task = study.output_folder, one.task
    made_from = [
        read_fingerprint(root / "pretraining" / study.pretraining.name),
        *(read_fingerprint(root / "cohorts" / view.cohort) for view in task.views),
        [list(view) for view in task.views],
        study.evaluation.windows_per_subject,
        study.evaluation.windows,
        study.pretraining.window_s,
        study.evaluation.montage,
        task.kind,
        task.column,
        task.subjects[["cluster", "view", "label", "age", "sex"]].to_json(),
        [split.repeat, split.fold, split.train.tolist(), split.test.tolist()],
        method.name,
    ]
    name = f"{task.name}_{method.name}_{digest(made_from)[:16]}.npz"
    return root / "evaluation" / "networks" / name


def predict_fold(
    method: Method,
    encoder: Encoder,
    people: People,
    targets: Targets,
    split: Split,
    clusters: np.ndarray,
) -> FloatArray:
    """Learn from a fold's training people, predict its test people."""
    with torch_threads(1):
        tuned = tune(
            method.learner,
            encoder,
            select(people, split.train),
            targets.select(split.train),
            clusters=clusters[split.train],
            seed=1000 * split.repeat + split.fold,
        )
        return predict_people(tuned, select(people, split.test), targets.n_classes)


def select(people: People, rows: np.ndarray) -> People:
    """Some of the people."""
    return people._replace(
        signals=people.signals[rows],
        scale=people.scale[rows],
        acquisition=people.acquisition[rows],
    )


def make_targets(study: StudyConfig, one: PreparedTask) -> Targets:
    """Labels, and age and sex beside them where they are not the label themselves."""
    task, people = one.task, one.task.subjects
    own = {study.cohorts[view.cohort].age_column.lower() for view in task.views}
    own |= {study.cohorts[view.cohort].sex_column.lower() for view in task.views}
    domain = number_domains(task)
    if task.column.lower() in own:
        return Targets(task.labels, one.question.n_classes, domain=domain)
    age = people["age"].to_numpy(dtype=float)
    sex = people["sex"].map({"F": 1.0, "M": 0.0}).to_numpy(dtype=float)
    return Targets(
        task.labels,
        one.question.n_classes,
        age if np.isfinite(age).any() else None,
        sex if np.isfinite(sex).any() else None,
        domain,
    )


def read_people(task: Task, reader: FeatureReader) -> People:
    """Windows of a task's rows, on the channels that all recordings have."""
    channels = reader.find_channels(task)
    signals, scales, facts = [], [], []
    known = [read_facts(reader.read(view).store) for view in task.views]
    for view, row in reader.find_rows(task):
        read = reader.read(task.views[view])
        subject = read.chosen[row]
        windows = read_channels(read.store, subject, channels, n_times=reader.n_times)
        numbers = [number for number, _ in subject.windows]
        signals.append(windows.astype(np.float32))
        scales.append([read.store.recordings[number].scale_uv for number in numbers])
        facts.append([known[view][number].acquisition for number in numbers])
    store = reader.read(task.views[0]).store
    return People(
        np.stack(signals),
        float(store.sfreq),
        place_channels(store, channels).astype(np.float32),
        np.array(scales),
        np.array(facts),
    )
