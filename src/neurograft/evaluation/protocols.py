"""From a protocol's name to the splits of a task."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from neurograft.adaptation.confounds import isolate
from neurograft.config_evaluation import EvaluationConfig
from neurograft.errors import ConfigError
from neurograft.evaluation.splits import Split, hold_out, make_splits, split_by
from neurograft.evaluation.tasks import Task
from neurograft.provenance import write_text

SEAL_FILE = "holdout.json"


def make_protocol_splits(
    task: Task, settings: EvaluationConfig, *, seed: int
) -> list[Split]:
    """The outer splits of a task under the study's protocol.

    Only reference people are learned from.

    Raises:
        ConfigError: If the task cannot be split so.
    """
    healthy = task.subjects["is_reference"].to_numpy(dtype=bool)
    return [
        split._replace(train=split.train[healthy[split.train]])
        for split in _cut(task, settings, seed)
    ]


def _cut(task: Task, settings: EvaluationConfig, seed: int) -> list[Split]:
    people, is_class = task.subjects, task.is_classification
    if settings.protocol == "leave-one-site-out":
        return split_by(people, "site", is_classification=is_class)
    if settings.protocol == "leave-one-cohort-out":
        return split_by(people, "cohort", is_classification=is_class)
    if settings.holdout:
        return [_split_sealed(task)]
    if settings.protocol == "hold-out":
        return hold_out(
            people,
            share=settings.holdout_share,
            is_classification=is_class,
            seed=seed,
        )
    splits = make_splits(
        people,
        is_classification=is_class,
        n_splits=settings.n_splits,
        n_repeats=settings.n_repeats,
        seed=seed,
    )
    if settings.protocol == "confound-isolating":
        return isolate_splits(task, splits)
    return splits


def _split_sealed(task: Task) -> Split:
    """Everybody else is learned from, the sealed are tested.

    Raises:
        ConfigError: If nobody, or everybody, is sealed, or a group is missing.
    """
    sealed = task.subjects["is_sealed"].to_numpy(dtype=bool)
    train, test = np.flatnonzero(~sealed), np.flatnonzero(sealed)
    shared = set(task.clusters[train]) & set(task.clusters[test])
    few = not len(train) or not len(test)
    if task.is_classification and not few:
        groups = [set(task.labels[rows]) for rows in (train, test)]
        few = groups[0] != groups[1]
    if few or shared:
        raise ConfigError(
            f"Task {task.name!r}: evaluation.holdout seals {len(test)} of "
            f"{len(sealed)} people; every group is needed on both sides, and pairs and "
            "repeated recordings on one. Correct the column or the values."
        )
    return Split(0, 0, train, test)


def isolate_splits(task: Task, splits: list[Split]) -> list[Split]:
    """Thin out the test people until the confound says nothing of the label.

    Raises:
        ConfigError: If the task names no confound, or nobody's is known.
    """
    confound = task.subjects["confound"].to_numpy(dtype=float)
    if task.is_within:
        raise ConfigError(
            f"Task {task.name!r} compares within people or pairs, where no confound of "
            "people is left; use protocol = 'repeated-cv'."
        )
    known = confound[confound == confound]
    if len(set(known)) < 2:
        raise ConfigError(
            f"Task {task.name!r}: protocol 'confound-isolating' needs `confound`, a "
            "column that varies; set it in the task's section."
        )
    return [
        split._replace(test=isolate(task.labels, confound, split.test))
        for split in splits
    ]


def log_opening(folder: Path, fingerprint: str) -> int:
    """Write down that the sealed people were tested, and when.

    A hold-out is worth what it promises only once. Evaluating the same settings again
    tells nothing new and is not counted.

    Args:
        folder: Of the study's results.
        fingerprint: Of everything that the result depends on.

    Returns:
        How many different analyses have opened it so far.
    """
    path = folder / SEAL_FILE
    log = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    if fingerprint not in [entry["settings"] for entry in log]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        log.append({"opened": now, "settings": fingerprint})
        write_text(path, json.dumps(log, indent=2) + "\n")
    return len(log)
