"""Recording-level results: every recording alone, beside the results of people.

People are what is learned from and what conclusions are drawn of. Where people have
several recordings (sessions, runs, conditions), each is predicted here from itself
alone, by the models of the folds that never saw its person: does a single visit do, and
do two visits of a person agree?
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import logit

from neurograft.evaluation.crossvalidation import (
    MethodResult,
    evaluate_fold,
    gather_method,
)
from neurograft.evaluation.described import DESCRIBERS, compute_baseline_features
from neurograft.evaluation.features import (
    EMBEDDED,
    FeatureReader,
    ReadView,
    select_embedded,
)
from neurograft.evaluation.intervals import bca_interval
from neurograft.evaluation.metrics import EDGE, Predictions
from neurograft.evaluation.metrics_classes import choose_metrics
from neurograft.evaluation.preparing import PreparedTask
from neurograft.evaluation.reliability import measure_reliability
from neurograft.evaluation.summary import Resampling, Score, resample
from neurograft.evaluation.tasks import Task
from neurograft.transfer.pooling import summarise_windows
from neurograft.types import FloatArray, IntArray
from neurograft.windows.selection import SubjectWindows, split_by_recording

# A recording with fewer windows has no spread over windows.
MIN_WINDOWS = 2
# Metrics that are looked at recording by recording: the first ones of a kind of task.
N_METRICS = 2
# Reliability of fewer people is not told.
MIN_PEOPLE = 5


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
    """Recordings, each a row of its own.

    Attributes:
        row: Row of the task that each belongs to.
        condition: Its BIDS task; recordings of one condition repeat each other.
        features: By feature set, in the order of the recordings.
    """

    row: IntArray
    condition: tuple[str, ...]
    features: dict[str, FloatArray]

    @property
    def pairs(self) -> IntArray:
        """First two recordings of everybody's first repeated condition: `(n, 2)`."""
        seen: dict[tuple[int, str], int] = {}
        found: dict[int, tuple[int, int]] = {}
        for place, key in enumerate(zip(self.row, self.condition, strict=True)):
            first = seen.setdefault(key, place)
            if first != place:
                found.setdefault(key[0], (first, place))
        return np.array(list(found.values()), dtype=int).reshape(-1, 2)


def collect_singles(task: Task, reader: FeatureReader) -> Singles | None:
    """Describe every recording of a task's people by its own windows.

    Returns:
        Recordings with at least two windows; None if nobody has two of them.
    """
    people = reader.find_rows(task)
    rows: list[int] = []
    conditions: list[str] = []
    by_view: list[list[Piece]] = []
    for number, view in enumerate(task.views):
        own = {person: row for row, (v, person) in enumerate(people) if v == number}
        pieces = _list_pieces(reader.read(view), own)
        recordings = reader.read(view).store.recordings
        rows += [own[piece.person] for piece in pieces]
        conditions += [recordings[p.alone.windows[0][0]].key.task for p in pieces]
        by_view.append(pieces)
    if len(set(rows)) == len(rows):
        return None
    parts = [
        _describe(task, number, pieces, reader)
        for number, pieces in enumerate(by_view)
        if pieces
    ]
    features = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return Singles(np.array(rows), tuple(conditions), features)


def _list_pieces(read: ReadView, wanted: Iterable[int]) -> list[Piece]:
    """Recordings of the wanted people of a view."""
    found = []
    for person in wanted:
        subject = read.chosen[person]
        for number, places in split_by_recording(subject).items():
            if len(places) >= MIN_WINDOWS:
                windows = tuple(subject.windows[place] for place in places)
                seconds = read.store.recordings[number].n_times / read.store.sfreq
                alone = SubjectWindows(subject.participant_id, windows, seconds)
                found.append(Piece(person, places, alone))
    return found


def _describe(
    task: Task, number: int, pieces: Sequence[Piece], reader: FeatureReader
) -> dict[str, FloatArray]:
    """Feature sets of recordings: all but those that need as many windows each."""
    view = task.views[number]
    read = reader.read(view)
    embedded = reader.read_embedded(view)
    alone = ReadView(read.store, [piece.alone for piece in pieces], {})
    wanted = [name for name in reader.wanted if name in EMBEDDED]
    pooled = {
        name: np.stack(
            [
                summarise_windows(embedded[f"{name}_windows"][p.person][p.places])
                for p in pieces
            ]
        )
        for name in wanted
    }
    described = compute_baseline_features(
        read.store,
        alone.chosen,
        n_times=reader.n_times,
        wanted=[name for name in reader.wanted if name in DESCRIBERS],
        channels=reader.find_channels(task),
    )
    has_scale = reader.has_scale(task)
    return described | select_embedded(pooled, alone, wanted, has_scale=has_scale)


def evaluate_singles(
    one: PreparedTask, singles: Singles, *, n_jobs: int = 1
) -> dict[str, MethodResult]:
    """Predict every recording by the folds that tested its person; by method.

    Only people are learned from, each once: what is fitted is what the person-level
    results are made with. Networks, and what is known of people only, are left out.
    """
    n_rows = len(one.task.labels)
    everything = np.concatenate([np.arange(n_rows), singles.row])
    methods = tuple(
        method
        for method in one.choose_methods(few=False)
        if method.features and set(method.features) <= set(singles.features)
    )
    features = {
        name: np.concatenate([one.features[name], singles.features[name]])
        for name in {name for method in methods for name in method.features}
    }
    tested = [n_rows + np.flatnonzero(np.isin(singles.row, s.test)) for s in one.splits]
    splits = [
        split._replace(test=rows)
        for split, rows in zip(one.splits, tested, strict=True)
        if len(rows)
    ]
    labels = one.task.labels[everything]
    people = one.question.known_people.iloc[everything].reset_index(drop=True)
    question = one.question._replace(
        clusters=one.question.clusters[everything], people=people
    )
    nothing = np.empty((0, len(labels)))
    outputs = Parallel(n_jobs=n_jobs)(
        delayed(evaluate_fold)(methods, features, labels, nothing, split, question)
        for split in splits
    )
    found = {}
    for method in methods:
        of_folds = [output[method.name] for output in outputs]
        result = gather_method(
            labels, nothing, splits, of_folds, question, one.judged[everything]
        )
        found[method.name] = replace(
            result, predictions=_leave_out(result.predictions, n_rows)
        )
    return found


def _leave_out(p: Predictions, n_rows: int) -> Predictions:
    """Leave out the first rows."""
    rest = (values[:, n_rows:] for values in (p.scores, p.decisions, p.folds))
    return Predictions(p.labels[n_rows:], *rest)


def tabulate_singles(
    task: Task,
    singles: Singles,
    results: Mapping[str, MethodResult],
    *,
    n_bootstraps: int,
    seed: int,
) -> pd.DataFrame:
    """Metrics over recordings, people resampled whole; and how visits agree.

    Returns:
        `task`, `method`, `metric`, `value`, `ci_low`, `ci_high`, `n_recordings`,
        `n_people`. The metric `reliability` is the intraclass correlation of the log
        odds of a case, or of the gap between prediction and truth, over people with two
        recordings of one condition.
    """
    rows = []
    metrics = list(choose_metrics(task.kind).items())[:N_METRICS]
    for method, result in results.items():
        is_tested = (result.predictions.folds >= 0).any(0)
        tested = np.isin(np.arange(len(task.labels)), singles.row[is_tested])
        drawn = resample(task, tested, n_bootstraps=n_bootstraps, seed=seed)
        of_recordings = Resampling(
            drawn.weights[:, singles.row], drawn.left_out[:, singles.row], drawn.strata
        )
        counts = {"n_recordings": int(is_tested.sum()), "n_people": int(tested.sum())}
        named = {"task": task.name, "method": method}
        for name, metric in metrics:
            score = Score(result, metric, of_recordings)
            rows.append(named | {"metric": name} | score.describe() | counts)
        agreement = describe_reliability(result, singles, drawn)
        rows += [named | {"metric": "reliability"} | agreement] if agreement else []
    return pd.DataFrame(rows)


def describe_reliability(
    result: MethodResult, singles: Singles, drawn: Resampling
) -> dict[str, float]:
    """Agreement of two recordings of a person, with its interval.

    Returns:
        Nothing where fewer than five people have two, of more than two groups, or
        where everybody is predicted the same.
    """
    if result.predictions.scores.ndim > 2:
        return {}
    said = _say_one_number(result)
    pairs = singles.pairs
    pairs = pairs[np.isfinite(said[pairs]).all(1)]
    if len(pairs) < MIN_PEOPLE or np.ptp(said[pairs]) < EDGE:
        return {}
    first, second = said[pairs].T
    rows = singles.row[pairs[:, 0]]
    resampled, left_out = drawn.weights[:, rows], drawn.left_out[:, rows]
    value = float(measure_reliability(first, second)[0])
    low, high = bca_interval(
        value,
        measure_reliability(first, second, resampled),
        measure_reliability(first, second, left_out),
        strata=drawn.strata,
    )
    counts = {"n_recordings": 2 * len(pairs), "n_people": len(pairs)}
    return {"value": value, "ci_low": low, "ci_high": high} | counts


def _say_one_number(result: MethodResult) -> FloatArray:
    """Log odds of a case, or gap to the truth; NaN where nobody was tested."""
    p = result.predictions
    counts = (p.folds >= 0).sum(0)
    total = np.where(p.folds >= 0, p.scores, 0.0).sum(0)
    mean = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
    if not result.question.is_classification:
        return np.asarray(mean - p.labels)
    return np.asarray(logit(np.clip(mean, EDGE, 1 - EDGE)))
