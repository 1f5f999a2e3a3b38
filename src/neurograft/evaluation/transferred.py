"""Could one have known before which features would transfer: LogME against results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from neurograft.adaptation.transferability import measure_evidence
from neurograft.config import StudyConfig
from neurograft.evaluation.metrics import LOWER_IS_BETTER
from neurograft.evaluation.protocols import make_protocol_splits
from neurograft.evaluation.tasks import Task, build_tasks
from neurograft.provenance import read_arrays
from neurograft.tables import read_table
from neurograft.types import FloatArray, IntArray

SCORED = ("tokens", "random-encoder", "encoder")


def tabulate_transferability(study: StudyConfig) -> pd.DataFrame:
    """Score features on training folds, and look at what they then achieved.

    Returns:
        `task`, `features`, `logme` (mean over training folds of the first repeat),
        `measured` (primary metric in the results, larger is better, NaN without
        results) and `rank_correlation` of both over the features of a task: 1 would
        mean that the score knew. Empty where nothing is embedded.
    """
    folder = study.output_folder / "embeddings" / study.pretraining.name
    rows = []
    for task in build_tasks(study):
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
                "logme": _score(study, own, arrays[name][order].astype(float)),
                "measured": measured.get(name, np.nan),
            }
            for name in SCORED
            if name in arrays
        ]
        rank = _correlate(found)
        rows += [row | {"rank_correlation": rank} for row in found]
    return pd.DataFrame(rows)


def _correlate(found: Sequence[Mapping[str, Any]]) -> float:
    """Rank correlation of score and result over three features or more, else NaN."""
    pairs = np.array([[row["logme"], row["measured"]] for row in found])
    pairs = pairs[np.isfinite(pairs).all(1)]
    if len(pairs) < 3 or np.ptp(pairs, axis=0).min() == 0:
        return float("nan")
    return float(stats.spearmanr(*pairs.T).statistic)


def _score(study: StudyConfig, task: Task, X: FloatArray) -> float:
    splits = make_protocol_splits(task, study.evaluation, seed=study.seed)
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


def _read_measured(study: StudyConfig, task: str) -> dict[str, float]:
    path = study.output_folder / "evaluation" / "results.tsv"
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
