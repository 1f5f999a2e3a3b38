"""Guard a task: pretraining has seen nobody of it, and nobody is in it twice."""

from collections.abc import Mapping
from typing import Any

from neurograft.evaluation.feature_reader import FeatureReader
from neurograft.montage.field_interpolation import map_channels
from neurograft.tasks.leak_guard import (
    check_duplicates,
    check_pretraining,
    find_seen_subjects,
)
from neurograft.tasks.near_duplicates import (
    PROFILE_S,
    check_near_duplicates,
    make_profile,
)
from neurograft.tasks.task import Task
from neurograft.types import FloatArray


def guard_task(
    task: Task,
    reader: FeatureReader,
    card: Mapping[str, Any],
    *,
    allow_transductive: bool = False,
    only_sealed: bool = False,
) -> list[str]:
    """Check a task for people seen in pretraining and for people who are in it twice.

    Args:
        task: Restricted to people with signals.
        reader: Reads signals.
        card: Of the encoder.
        allow_transductive: Whether pretraining may have seen tested people.
        only_sealed: Whether sealed people alone are tested.

    Returns:
        People whom pretraining has seen, where that is allowed.

    Raises:
        LeakageError: If people are tested whom pretraining has seen, or who are twice
            in the task.
    """
    everybody: dict[str, set[str]] = {}
    seen: list[str] = []
    for view in task.views:
        people = set(
            task.subjects.loc[task.subjects["cohort"] == view.cohort, "participant_id"]
        )
        sealed = task.subjects.loc[task.subjects["is_sealed"], "participant_id"]
        signals: dict[str, set[str]] = {who: set() for who in people}
        for recording in reader.read(view).store.recordings:
            if recording.key.participant_id in signals:
                signals[recording.key.participant_id].add(recording.sha256)
        found = find_seen_subjects(card, view.cohort, signals)
        if only_sealed:
            found = sorted(set(found) & set(sealed))
        check_pretraining(
            found, cohort=view.cohort, allow_transductive=allow_transductive
        )
        seen += found
        owner = "" if task.kind == "contrast" else f"{view.cohort}/"
        for who, hashes in signals.items():
            everybody.setdefault(owner + who, set()).update(hashes)
    check_duplicates(everybody)
    check_near_duplicates(_profile(task, reader))
    return seen


def _profile(task: Task, reader: FeatureReader) -> dict[str, FloatArray]:
    """Return the beginning of every person's first recording in the task."""
    channels = reader.find_channels(task)
    found: dict[str, FloatArray] = {}
    rows = zip(
        task.subjects["cluster"].astype(str),
        task.subjects["participant_id"],
        reader.find_rows(task),
        strict=True,
    )
    for cluster, who, (view, row) in rows:
        read = reader.read(task.views[view])
        name = who if task.kind == "contrast" else f"{cluster} {who}"
        if name not in found:
            number, _ = read.chosen[row].windows[0]
            recording = read.store.recordings[number]
            n_times = min(recording.n_times, int(PROFILE_S * read.store.sfreq))
            beginning = read.store.read(number, 0, n_times)
            mapped = map_channels(recording.ch_names, channels) @ beginning
            found[name] = make_profile(mapped, read.store.sfreq)
    return found
