"""Recording-level results: every recording alone, beside the results of people.

Models are trained on people, and conclusions are about people. Where people have
several recordings (sessions, runs, conditions), each is predicted here from itself
alone, by the models of the folds that never saw its person: does a single visit do, and
do two visits of a person agree?
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from neurograft.config.methods import Method
from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import EvaluatedTask, RecordingResults
from neurograft.evaluation.feature_reader import (
    EMBEDDED,
    FeatureReader,
    select_embedded,
)
from neurograft.evaluation.held_out import predict_held_out
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.features.window_summary import summarise_windows
from neurograft.files.keys import RecordingKey
from neurograft.store.views import ReadView
from neurograft.store.window_choice import SubjectWindows, split_by_recording
from neurograft.tasks.task import Task
from neurograft.types import Arrays, FloatArray, IntArray, Progress, no_progress

# A recording with fewer windows has no spread over windows.
MIN_WINDOWS = 2


class Piece(NamedTuple):
    """One recording of a person.

    Attributes:
        person: Row of the person in their view.
        places: Of its windows among the person's.
        alone: The windows.
    """

    person: int
    places: list[int]
    alone: SubjectWindows


class Singles(NamedTuple):
    """Recordings, each as a separate row.

    Attributes:
        row: Row of the task that each belongs to, `(n_recordings,)`.
        condition: Its BIDS task; recordings of one condition repeat each other.
        names: Of the recordings.
        features: By feature set, in the order of the recordings.
    """

    row: IntArray
    condition: tuple[str, ...]
    names: tuple[str, ...]
    features: dict[str, FloatArray]


class SinglesReader:
    """A reader that lists and describes the recordings of each view once.

    Args:
        reader: Of the features of people.
    """

    def __init__(self, reader: FeatureReader) -> None:
        self.reader = reader
        self._pieces: dict[View, list[Piece]] = {}
        self._described: dict[tuple[object, ...], dict[str, FloatArray]] = {}

    def list_pieces(self, view: View) -> list[Piece]:
        """List the recordings of a view that have two windows or more, by person."""
        if view not in self._pieces:
            self._pieces[view] = list(_cut(self.reader.read(view)))
        return self._pieces[view]

    def describe(self, task: Task, view: View) -> dict[str, FloatArray]:
        """Compute the feature sets that need one recording only."""
        channels = self.reader.find_channels(task)
        has_scale = self.reader.has_scale(task)
        key = (view, channels, has_scale)
        if key not in self._described:
            read = self.reader.read(view)
            pieces = self.list_pieces(view)
            alone = ReadView(read.store, [piece.alone for piece in pieces], {})
            described = self.reader.describe(alone, channels)
            wanted = [name for name in self.reader.wanted if name in EMBEDDED]
            pooled = _pool(self.reader.read_embedded(view), pieces, wanted)
            self._described[key] = described | select_embedded(
                pooled, alone, wanted, has_scale=has_scale
            )
        return self._described[key]


def _cut(read: ReadView) -> Iterator[Piece]:
    for person, subject in enumerate(read.chosen):
        for number, places in split_by_recording(subject).items():
            if len(places) >= MIN_WINDOWS:
                windows = tuple(subject.windows[place] for place in places)
                seconds = read.store.recordings[number].n_times / read.store.sfreq
                alone = SubjectWindows(subject.participant_id, windows, seconds)
                yield Piece(person, places, alone)


def _pool(embedded: Arrays, pieces: Sequence[Piece], wanted: Sequence[str]) -> Arrays:
    """Pool the embeddings of windows into embeddings of recordings."""
    return {
        name: np.stack(
            [
                summarise_windows(embedded[f"{name}_windows"][p.person][p.places])
                for p in pieces
            ]
        )
        for name in wanted
    }


def collect_singles(task: Task, singles: SinglesReader) -> Singles | None:
    """Describe every recording of a task's people from its windows alone.

    Returns:
        Recordings with at least two windows; None if nobody has two of them.
    """
    people = singles.reader.find_rows(task)
    rows: list[int] = []
    keys: list[RecordingKey] = []
    of_view: list[list[int]] = []
    for number, view in enumerate(task.views):
        own = {person: row for row, (v, person) in enumerate(people) if v == number}
        pieces = singles.list_pieces(view)
        places = [place for place, p in enumerate(pieces) if p.person in own]
        recordings = singles.reader.read(view).store.recordings
        rows += [own[pieces[place].person] for place in places]
        keys += [recordings[pieces[place].alone.windows[0][0]].key for place in places]
        of_view.append(places)
    if len(set(rows)) == len(rows):
        return None
    parts = [
        {name: each[places] for name, each in singles.describe(task, view).items()}
        for view, places in zip(task.views, of_view, strict=True)
        if places
    ]
    features = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    conditions, names = tuple(k.task for k in keys), tuple(k.name for k in keys)
    return Singles(np.array(rows), conditions, names, features)


def add_recordings(
    prepared: PreparedTask,
    evaluated: EvaluatedTask,
    reader: SinglesReader,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> EvaluatedTask:
    """Return the task with recording-level results, where people have several.

    Args:
        prepared: The task.
        evaluated: Its results.
        reader: Describes recordings.
        n_jobs: Processes.
        progress: Called after every fold.
    """
    singles = collect_singles(prepared.task, reader)
    if singles is None:
        return evaluated
    results = evaluate_singles(prepared, singles, n_jobs=n_jobs, progress=progress)
    if not results:
        return evaluated
    found = RecordingResults(singles.row, singles.condition, singles.names, results)
    return replace(evaluated, recordings=found)


def _choose_methods(prepared: PreparedTask, singles: Singles) -> tuple[Method, ...]:
    """Choose the methods whose features are known of single recordings."""
    return tuple(
        method
        for method in prepared.choose_methods(few=False)
        if method.features and set(method.features) <= set(singles.features)
    )


def evaluate_singles(
    prepared: PreparedTask,
    singles: Singles,
    *,
    n_jobs: int = 1,
    progress: Progress = no_progress,
) -> dict[str, MethodResult]:
    """Predict every recording in the folds that test its person, by method.

    Networks, and what is known of people only, are left out.

    Args:
        prepared: Task with features and splits.
        singles: Recordings of its people.
        n_jobs: Number of processes.
        progress: Called after every fold.
    """
    return predict_held_out(
        prepared,
        _choose_methods(prepared, singles),
        singles.row,
        singles.features,
        about="single recordings",
        n_jobs=n_jobs,
        progress=progress,
    )
