"""Features are those of the person in the row, whatever order people were stored in."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.errors import DataError
from neurograft.evaluation.feature_reader import (
    FeatureReader,
    collect_demographics,
    select_embedded,
)
from neurograft.store.subject_windows import SubjectWindows
from neurograft.store.views import ReadView
from neurograft.tasks.task import Task

HERE, THERE = View("here"), View("there")


def make_view(names, scales=(1.0,), has_microvolts=True):
    recordings = [SimpleNamespace(scale_uv=scale) for scale in scales]
    store = SimpleNamespace(recordings=recordings, has_microvolts=has_microvolts)
    return ReadView(store, [SubjectWindows(who, ((0, 0),), 60.0) for who in names], {})


def make_task(rows, **columns):
    people = pd.DataFrame(rows, columns=["view", "participant_id"]).assign(
        label=0.0, age=np.nan, sex=None, **columns
    )
    return Task("t", "regression", (), (HERE, THERE), people, {})


def make_reader(reads, embedded, wanted=("encoder",)):
    reader = FeatureReader(
        reads.__getitem__, embedded.__getitem__, wanted, n_times=10, montage="template"
    )
    reader.describe = lambda read, channels: {}  # there are no signals
    return reader


def embed(names, values):
    return {"participant_id": np.array(names), "encoder": np.array(values)[:, None]}


def test_a_scale_is_the_mean_of_logs_over_windows():
    read = ReadView(
        SimpleNamespace(
            recordings=[SimpleNamespace(scale_uv=np.exp(k)) for k in (1.0, 4.0)]
        ),
        [
            SubjectWindows("a", ((0, 0), (1, 0), (1, 9)), np.e**2),
            SubjectWindows("b", ((0, 5),), np.e**3),
        ],
        {},
    )
    arrays = {"encoder": np.array([[7.0], [8.0]]), "tokens": np.zeros((2, 1))}
    wanted = ("encoder", "duration", "surrogate")
    found = select_embedded(arrays, read, wanted, has_scale=True)
    assert set(found) == {"encoder", "duration"}
    np.testing.assert_allclose(found["encoder"], [[7, 3], [8, 1]])
    np.testing.assert_allclose(found["duration"], [[2], [3]])
    blind = select_embedded(arrays, read, wanted, has_scale=False)
    assert blind["encoder"].tolist() == [[7], [8]]


def test_every_region_of_every_window_is_a_sample_of_a_covariance():
    windows = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5).astype(np.float16)
    found = select_embedded(
        {"encoder_windows": windows},
        make_view("ab"),
        ["encoder-covariance"],
        has_scale=True,
    )["encoder-covariance"]
    assert found.shape == (2, 12, 5)
    np.testing.assert_array_equal(found[1, 4 * 2 + 3], windows[1, 2, 3])


def test_rows_of_a_task_find_their_people_in_every_view():
    reads = {
        HERE: make_view(["a", "b", "c"], has_microvolts=False),
        THERE: make_view(["c", "b"]),
    }
    embedded = {
        HERE: embed(["a", "b", "c"], [1.0, 2.0, 3.0]),
        THERE: embed(["c", "b"], [30.0, 20.0]),
    }
    reader = make_reader(reads, embedded)
    task = make_task([(1, "b"), (0, "c"), (0, "b"), (1, "c")])
    assert reader.find_rows(task) == [(1, 1), (0, 2), (0, 1), (1, 0)]
    assert not reader.has_scale(task)  # one cohort is in arbitrary units
    assert reader.collect(task)["encoder"].tolist() == [[20], [3], [2], [30]]


def test_embeddings_of_other_people_are_refused():
    reads = {HERE: make_view(["a", "b"]), THERE: make_view(["c"])}
    swapped = {HERE: embed(["b", "a"], [1.0, 2.0]), THERE: embed(["c"], [3.0])}
    reader = make_reader(reads, swapped)
    with pytest.raises(DataError, match="of here are of other people"):
        reader.collect(make_task([(0, "a"), (1, "c")]))


def test_sets_of_different_sizes_are_refused():
    reads = {HERE: make_view(["a"]), THERE: make_view(["c"])}
    wider = embed(["c"], [3.0])
    wider["encoder"] = np.zeros((1, 2))
    reader = make_reader(reads, {HERE: embed(["a"], [1.0]), THERE: wider})
    with pytest.raises(DataError, match="encoder of here\\+there has different sizes"):
        reader.collect(make_task([(0, "a"), (1, "c")]))


def test_a_view_is_described_once_per_set_of_channels(monkeypatch):
    reads = {HERE: make_view(["a"]), THERE: make_view(["c"])}
    embedded = {HERE: embed(["a"], [1.0]), THERE: embed(["c"], [3.0])}
    reader, described = make_reader(reads, embedded), []
    monkeypatch.setattr(
        reader, "describe", lambda read, channels: described.append(read.people) or {}
    )
    for _ in range(2):
        reader.collect(make_task([(0, "a"), (1, "c")]))
    assert described == [["a"], ["c"]]


def test_demographics_are_numbers_and_leave_out_what_tells_nothing():
    task = make_task([(0, who) for who in "abc"])
    assert collect_demographics(task) is None
    task.subjects["sex"] = ["F", "M", None]
    np.testing.assert_array_equal(collect_demographics(task), [[1], [0], [np.nan]])
    task.subjects["age"] = [30.0, np.nan, 50.0]
    np.testing.assert_array_equal(
        collect_demographics(task), [[30, 1], [np.nan, 0], [50, np.nan]]
    )
    task.subjects["age"] = [40.0, np.nan, 40.0]
    assert collect_demographics(task).shape == (3, 1)
