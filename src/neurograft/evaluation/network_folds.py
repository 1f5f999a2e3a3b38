"""Cross-validate networks, which learn from windows, beside the probes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import Method
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.evaluation.method_result import MethodResult, gather_method
from neurograft.evaluation.prepared_task import PreparedTask, number_domains
from neurograft.evaluation.slow_permutation import Job, permute_slowly
from neurograft.files.writing import digest, read_arrays, write_arrays
from neurograft.models.encoder import Encoder
from neurograft.models.saving import load_encoder
from neurograft.store.acquisition import read_facts
from neurograft.store.subject_windows import place_channels, read_channels
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task
from neurograft.training.parallel import torch_threads
from neurograft.transfer.finetuning import predict_people, tune
from neurograft.transfer.network_input import NetworkInput, Targets
from neurograft.types import FloatArray, Progress, no_progress


class NetworkJob(NamedTuple):
    """A network that learns from a fold's training people.

    Attributes:
        method: Which.
        labels: What it learns.
        split: The fold.
    """

    method: Method
    labels: FloatArray
    split: Split


@dataclass(frozen=True)
class NetworkLearner:
    """A learner of networks, on the same people and windows as the probes.

    Every fold is written when it is done, so that who is stopped goes on from there.

    Attributes:
        one: The task.
        reader: Reads windows.
        encoder_folder: Of the encoder to start from.
        folder: Where predictions of folds are kept.
        made_from: What else predictions depend on, as JSON-like values.
        n_jobs: Processes.
        progress: Called after every fold.
    """

    one: PreparedTask
    reader: FeatureReader
    encoder_folder: Path
    folder: Path
    made_from: Sequence[Any] = ()
    n_jobs: int = 1
    progress: Progress = no_progress

    @cached_property
    def windows(self) -> NetworkInput:
        """Read the windows of everybody in the task."""
        return read_windows(self.one.task, self.reader)

    def cross_validate(
        self, methods: Sequence[Method], splits: list[Split]
    ) -> dict[str, MethodResult]:
        """Train on the real labels and predict in every fold, by method."""
        labels = self.one.task.labels
        jobs = [NetworkJob(m, labels, split) for m in methods for split in splits]
        outputs = iter(self.predict(jobs))
        return {
            method.name: gather_method(
                labels,
                np.empty((0, len(labels))),
                splits,
                [next(outputs)[None] for _ in splits],
                self.one.question,
                self.one.judged,
            )
            for method in methods
        }

    def predict_labels(self, method: Method, jobs: Sequence[Job]) -> list[FloatArray]:
        """Predict the test people of every fold, after learning its labels."""
        return self.predict([NetworkJob(method, *job) for job in jobs])

    def predict(self, jobs: Sequence[NetworkJob]) -> list[FloatArray]:
        """Predict the test people of every job: `(n_test, n_outputs)`."""
        paths = [self._find_file(job) for job in jobs]
        missing = {
            path: job
            for path, job in zip(paths, jobs, strict=True)
            if not path.is_file()
        }
        if missing:
            self._learn(missing)
        return [read_arrays(path)["outputs"][0] for path in paths]

    def _learn(self, missing: Mapping[Path, NetworkJob]) -> None:
        """Train in the folds that are missing, and write their predictions."""
        task = self.one.task
        encoder = load_encoder(self.encoder_folder)
        targets = make_targets(self.one)
        calls = (
            delayed(learn_fold)(
                job.method,
                encoder,
                self.windows,
                targets._replace(labels=job.labels),
                job.split,
                task.clusters,
            )
            for job in missing.values()
        )
        found = Parallel(n_jobs=self.n_jobs, return_as="generator")(calls)
        for done, ((path, job), output) in enumerate(
            zip(missing.items(), found, strict=True), 1
        ):
            write_arrays(path, {"outputs": output[None]})
            self.progress(f"{task.name}: {job.method.name}", done, len(missing))

    def _find_file(self, job: NetworkJob) -> Path:
        """Return the file of predictions, named after everything they depend on."""
        task, split = self.one.task, job.split
        known = task.subjects[["cluster", "view", "label", "age", "sex"]]
        made_from = [
            *self.made_from,
            [list(view) for view in task.views],
            task.kind,
            task.column,
            known.assign(label=job.labels).to_json(),
            [split.repeat, split.fold, split.train.tolist(), split.test.tolist()],
            job.method.name,
        ]
        name = f"{task.name}_{job.method.name}_{digest(made_from)[:16]}.npz"
        return self.folder / name


def add_networks(
    evaluated: EvaluatedTask, learner: NetworkLearner, settings: EvaluationConfig
) -> EvaluatedTask:
    """Return the task with networks: first repeats of the folds, first draws of few."""
    one = learner.one
    networks = [method for method in one.methods if method.is_network]
    if not networks:
        return evaluated
    first = [split for split in one.splits if split.repeat < settings.network_repeats]
    full = learner.cross_validate(networks, first)
    for method in networks if settings.network_permutations else []:
        full[method.name] = permute_slowly(
            partial(learner.predict_labels, method),
            full[method.name],
            one.permuted[: settings.network_permutations],
            one.splits,
            one.question,
            one.judged,
        )
    on_curve = [method for method in networks if method.name in one.curve_methods]
    few = {
        n_labelled: evaluated.few[n_labelled]
        | learner.cross_validate(
            on_curve, [s for s in splits if s.repeat < settings.network_draws]
        )
        for n_labelled, splits in one.few.items()
    }
    return replace(evaluated, full=evaluated.full | full, few=few)


def learn_fold(
    method: Method,
    encoder: Encoder,
    windows: NetworkInput,
    targets: Targets,
    split: Split,
    clusters: np.ndarray,
) -> FloatArray:
    """Train a network on a fold's training people, and predict its test people.

    Args:
        method: The network.
        encoder: Encoder that pretrained methods start from.
        windows: Windows of all rows.
        targets: Labels of all rows, `(n_rows,)`.
        split: Training and test rows of the fold.
        clusters: Cluster of every row, `(n_rows,)`; inner folds keep clusters together.
    """
    with torch_threads(1):
        tuned = tune(
            method.learner,
            encoder,
            windows.select(split.train),
            targets.select(split.train),
            clusters=clusters[split.train],
            seed=1000 * split.repeat + split.fold,
        )
        return predict_people(tuned, windows.select(split.test), targets.n_classes)


def make_targets(one: PreparedTask) -> Targets:
    """Make labels, with age and sex beside them where they are not the label."""
    task = one.task
    n_classes, domain = one.question.n_classes, number_domains(task)
    if task.target in ("age", "sex"):
        return Targets(task.labels, n_classes, domain=domain)
    people = task.subjects
    age = people["age"].to_numpy(dtype=float)
    sex = people["sex"].map({"F": 1.0, "M": 0.0}).to_numpy(dtype=float)
    return Targets(
        task.labels,
        n_classes,
        age if np.isfinite(age).any() else None,
        sex if np.isfinite(sex).any() else None,
        domain,
    )


def read_windows(task: Task, reader: FeatureReader) -> NetworkInput:
    """Read the windows of a task's rows, on the channels that all recordings have."""
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
    return NetworkInput(
        np.stack(signals),
        float(store.sfreq),
        place_channels(store, channels).astype(np.float32),
        np.array(scales),
        np.array(facts),
    )
