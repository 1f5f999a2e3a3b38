"""Make the splits of a task under a protocol."""

import json
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from neurograft.config.evaluation import EvaluationConfig
from neurograft.errors import ConfigError
from neurograft.files.writing import write_text
from neurograft.tasks.confound_isolation import isolate
from neurograft.tasks.matching import draw_matched
from neurograft.tasks.splits import MIN_LEARNED, Split, hold_out, make_splits, split_by
from neurograft.tasks.task import Task

SEAL_FILE = "holdout.json"


def make_protocol_splits(
    task: Task, settings: EvaluationConfig, *, seed: int
) -> list[Split]:
    """Return the outer splits of a task under the study's protocol.

    Models are trained on reference people only.

    Raises:
        ConfigError: If the task cannot be split so.
    """
    healthy = task.subjects["is_reference"].to_numpy(dtype=bool)
    splits = [
        split._replace(train=split.train[healthy[split.train]])
        for split in _cut(task, settings, seed)
    ]
    _check_learned(task, splits)
    if task.is_classification:
        _check_compared(task, splits)
    return splits


def _check_learned(task: Task, splits: list[Split]) -> None:
    """Check that every fold has enough people to learn from, and somebody is tested.

    Raises:
        ConfigError: If not.
    """
    for split in splits:
        n_learned = len(set(task.clusters[split.train]))
        missing = set(task.labels) - set(task.labels[split.train])
        if n_learned < MIN_LEARNED or (task.is_classification and missing):
            raise ConfigError(
                f"Task {task.name!r}: a fold would learn from {n_learned} only, or "
                "from nobody of a group; add people, or choose another protocol."
            )
    if not any(len(split.test) for split in splits):
        raise ConfigError(
            f"Task {task.name!r}: nobody would be tested; add people, or choose "
            "another protocol."
        )


def _check_compared(task: Task, splits: list[Split]) -> None:
    """Check that people of every two groups are tested in one fold somewhere.

    Scores of different folds come from different models; an AUROC compares people of
    one fold only.

    Raises:
        ConfigError: If two groups are not.
    """
    tested = [set(task.labels[split.test].tolist()) for split in splits]
    for one, other in combinations(range(len(task.classes)), 2):
        if not any({one, other} <= own for own in tested):
            names = f"{task.classes[one]!r} and {task.classes[other]!r}"
            raise ConfigError(
                f"Task {task.name!r}: {names} would never be tested in one fold, so "
                "that these groups cannot be compared; add people, or choose another "
                "protocol."
            )


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
    if settings.protocol == "matched-draws":
        return draw_splits(task, settings, seed)
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
    """Return the split that tests the sealed and trains on everybody else.

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


def draw_splits(task: Task, settings: EvaluationConfig, seed: int) -> list[Split]:
    """Split matched samples, one per repeat; pairs stay together.

    Raises:
        ConfigError: If the task does not compare two groups of people.
        DesignError: If no balanced sample of that many pairs exists.
    """
    if task.kind != "classification" or task.is_within:
        raise ConfigError(
            f"Task {task.name!r}: protocol 'matched-draws' pairs people of two groups; "
            "use protocol = 'repeated-cv'."
        )
    known = [c for c in ("age", "sex", "site") if task.subjects[c].notna().any()]
    people = task.subjects[known].assign(is_patient=task.labels == 1)
    if "age" not in known:
        raise ConfigError(
            f"Task {task.name!r}: protocol 'matched-draws' needs ages; give the column "
            "of the age, or use protocol = 'repeated-cv'."
        )
    draws = draw_matched(
        people,
        n_draws=settings.n_repeats,
        within_years=settings.match_years,
        seed=seed,
    )
    n_pairs = min(len(draw.pairs) for draw in draws)
    if n_pairs < settings.n_splits:
        raise ConfigError(
            f"Task {task.name!r}: {n_pairs} matched pairs cannot fill "
            f"{settings.n_splits} folds; raise evaluation.match_years, lower "
            "evaluation.n_splits, or add people."
        )
    splits = []
    for repeat, draw in enumerate(draws):
        rng = np.random.default_rng([seed, 2, repeat])
        order = rng.permutation(len(draw.pairs)) % settings.n_splits
        rows, fold = np.array(draw.pairs).ravel(), np.repeat(order, 2)
        for number in range(settings.n_splits):
            tested = fold == number
            splits.append(
                Split(repeat, number, np.sort(rows[~tested]), np.sort(rows[tested]))
            )
    return splits


def isolate_splits(task: Task, splits: list[Split]) -> list[Split]:
    """Leave out test people until the confound is independent of the label.

    Raises:
        ConfigError: If the task names no confound, or nobody's is known.
    """
    confound = task.subjects["confound"].to_numpy(dtype=float)
    if task.is_within:
        raise ConfigError(
            f"Task {task.name!r} compares within people or pairs, where no confound of "
            "people is left; use protocol = 'repeated-cv'."
        )
    if task.kind == "multiclass":
        raise ConfigError(
            f"Task {task.name!r}: protocol 'confound-isolating' needs two groups, or "
            "groups in an order; use kind = 'ordinal', or protocol = 'repeated-cv'."
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
    """Log that the sealed people were tested, with the time.

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
