"""The feature matrix of every method for the subjects of a task."""

from collections.abc import Sequence

import numpy as np

from neurograft.config import CohortConfig, StudyConfig
from neurograft.errors import DataError
from neurograft.evaluation.baselines import compute_baseline_features
from neurograft.evaluation.tasks import Task
from neurograft.provenance import read_arrays
from neurograft.transfer.embeddings import View
from neurograft.types import FloatArray
from neurograft.windows.selection import SubjectWindows
from neurograft.windows.store import SignalStore

EMBEDDED = ("encoder", "random-encoder", "tokens")


def collect_features(
    study: StudyConfig,
    view: View,
    store: SignalStore,
    chosen: Sequence[SubjectWindows],
) -> dict[str, FloatArray]:
    """Features of every subject of a view, in the order of `chosen`.

    Raises:
        DataError: If the embeddings are of other subjects.
    """
    n_times = int(study.pretraining.window_s * store.sfreq)
    features = compute_baseline_features(store, chosen, n_times=n_times)
    path = study.output_folder / "embeddings" / study.pretraining.name
    embedded = read_arrays(path / f"{view.name}.npz")
    labels = [one.participant_id for one in chosen]
    if embedded["participant_id"].tolist() != labels:
        raise DataError(f"{path} holds other subjects; run the embed stage again.")
    scale = _log_scales(store, chosen)
    for name in EMBEDDED:
        parts = (embedded[name], scale) if store.has_microvolts else (embedded[name],)
        features[name] = np.concatenate(parts, axis=1).astype(float)
    durations = np.array([[np.log(one.duration_s)] for one in chosen])
    return features | {"duration": durations}


def _log_scales(store: SignalStore, chosen: Sequence[SubjectWindows]) -> FloatArray:
    """Log amplitude scale of each subject: divided out of the tokens, not forgotten."""
    return np.array(
        [
            [np.mean([np.log(store.recordings[n].scale_uv) for n, _ in one.windows])]
            for one in chosen
        ]
    )


def collect_demographics(
    task: Task, column: str, cohort: CohortConfig
) -> FloatArray | None:
    """Age and sex of the task's subjects, without the one that is the target.

    Returns:
        Shape `(n_subjects, 1 or 2)`, NaN where missing; None if nothing is known.
    """
    people = task.subjects
    columns = []
    if column != cohort.age_column:
        columns.append(people["age"].to_numpy(dtype=float))
    if column != cohort.sex_column:
        columns.append(people["sex"].map({"F": 1.0, "M": 0.0}).to_numpy(dtype=float))
    known = [
        values for values in columns if np.unique(values[~np.isnan(values)]).size > 1
    ]
    return np.stack(known, axis=1) if known else None
