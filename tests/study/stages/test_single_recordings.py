from dataclasses import replace

import numpy as np
import pytest
from distributed import LocalCluster

from neurograft.errors import ConfigError
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.evaluated_task import RecordingResults
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.prediction_tables import tabulate_evaluated
from neurograft.evaluation.results.estimates import Resampling
from neurograft.evaluation.results.recording_tables import (
    describe_reliability,
    find_pairs,
    tabulate_recordings,
)
from neurograft.evaluation.single_recordings import (
    Singles,
    SinglesReader,
    add_recordings,
    collect_singles,
    evaluate_singles,
)
from neurograft.features.feature_sets import compute_baseline_features
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.statistics.metrics.reliability import measure_reliability
from neurograft.store.window_choice import SubjectWindows
from neurograft.study.cluster import spread_over
from neurograft.study.opened_study import Study
from neurograft.study.stages.evaluate import make_reader, prepare_for_study

pytestmark = pytest.mark.slow
METHODS = ["dummy", "duration", "band-power", "riemann@recentre", "encoder"]


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    """Everybody in the clinic came twice."""
    return make_study(
        tmp_path_factory.mktemp("visits"), tasks=("disease", "brain_age"),
        n_visits=2, windows_per_subject=6, methods=METHODS, controls=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reader(study):
    return make_reader(Study(study), study.evaluation.all_features)


@pytest.fixture(scope="module")
def disease(study, reader):
    opened = Study(study)
    return prepare_for_study(opened, opened.build_tasks()[0], reader)


def test_a_recording_is_described_by_its_own_windows(disease, reader):
    singles = collect_singles(disease.task, SinglesReader(reader))
    n_people = len(disease.task.labels)
    assert singles.row.tolist() == np.repeat(np.arange(n_people), 2).tolist()
    assert set(singles.condition) == {"rest"}
    read = reader.read(disease.task.views[0])
    windows = read.chosen[3].windows[:3]
    assert len({number for number, _ in windows}) == 1
    alone = compute_baseline_features(
        read.store, [SubjectWindows("sub-004", windows, 30.0)],
        n_times=reader.n_times, channels=reader.find_channels(disease.task),
    )  # fmt: skip
    np.testing.assert_allclose(singles.features["band-power"][6],
                               alone["band-power"][0])  # fmt: skip
    assert not np.allclose(singles.features["encoder"][6],
                           singles.features["encoder"][7])  # fmt: skip
    assert singles.features["encoder"].shape[1] == disease.features["encoder"].shape[1]


@pytest.mark.parametrize("left", ["no method", "no tested person"])
def test_without_a_method_or_a_tested_person_there_are_no_tables(disease, reader, left):
    singles = SinglesReader(reader)
    if left == "no method":
        dummy = tuple(one for one in disease.methods if one.name == "dummy")
        alone = replace(disease, methods=dummy)
    else:
        alone = disease
        singles._pieces[disease.task.views[0]] = [
            piece
            for piece in singles.list_pieces(disease.task.views[0])
            if piece.person not in set(disease.splits[0].test)
        ]
        alone = replace(disease, splits=disease.splits[:1])
    (evaluated,) = cross_validate([alone])
    found = add_recordings(alone, evaluated, singles)
    assert found.recordings is None
    assert "single_recordings" not in tabulate_evaluated([found])


def test_who_looks_like_the_whole_person_is_predicted_like_them(disease):
    """Nothing is fitted anew, and nobody is predicted by a fold that saw them."""
    row = np.repeat(np.arange(len(disease.task.labels)), 2)[::-1]
    copies = {name: disease.features[name][row] for name in ("band-power", "encoder")}
    names = [f"copy-{place}" for place in range(len(row))]
    singles = Singles(row, ("rest",) * len(row), tuple(names), copies)
    found = evaluate_singles(disease, singles)
    assert set(found) == {"band-power", "encoder"}
    whole = cross_validate([disease])[0].full
    for name, result in found.items():
        np.testing.assert_allclose(
            result.predictions.scores, whole[name].predictions.scores[:, row]
        )
        np.testing.assert_array_equal(
            result.predictions.folds, whole[name].predictions.folds[:, row]
        )


def test_a_cluster_predicts_the_same(disease):
    few = replace(disease, permuted=disease.permuted[:2], few={})

    def predict(dask=""):
        with spread_over(dask):
            found = cross_validate([few])[0]
        return {
            name: (result.predictions.scores, result.permuted)
            for name, result in found.full.items()
        }

    expected = predict()
    with LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address=None, processes=True
    ) as cluster:
        found = predict(cluster.scheduler_address)
    for name, parts in expected.items():
        for one, other in zip(parts, found[name], strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_cluster_without_workers_is_one_sentence():
    with (
        LocalCluster(n_workers=0, dashboard_address=None, processes=False) as cluster,
        pytest.raises(ConfigError, match="has no workers; start some with"),
        spread_over(cluster.scheduler_address),
    ):
        pass


def test_who_was_recorded_once_has_no_recordings_to_compare(study, reader, disease):
    read = reader.read(disease.task.views[0])
    once = [
        one._replace(windows=tuple(w for w in one.windows if w[0] == one.windows[0][0]))
        for one in read.chosen
    ]
    opened = Study(study)
    reader_of_one = make_reader(opened, study.evaluation.all_features)
    reader_of_one.read = lambda view: read._replace(chosen=once)
    assert collect_singles(disease.task, SinglesReader(reader_of_one)) is None


def make_result(scores, kind="classification"):
    folds = np.zeros(scores.shape, dtype=int)
    labels = np.zeros(scores.shape[1])
    return MethodResult(kind, Predictions(labels, scores, scores, folds),
                        np.empty(0), 0.25)  # fmt: skip


def test_reliability_is_that_of_the_first_two_recordings_of_a_condition():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(8), 3)
    condition = ("open", "closed", "open") * 8
    age = rng.normal(50, 10, 8)
    gap = age[person] + rng.standard_normal(24)
    names = tuple(map(str, range(24)))
    singles = RecordingResults(person, condition, names, {})
    assert find_pairs(person, condition).tolist() == [
        [3 * i, 3 * i + 2] for i in range(8)
    ]
    drawn = Resampling(
        rng.multinomial(8, np.full(8, 1 / 8), size=200).astype(float),
        1.0 - np.eye(8), np.zeros(8, dtype=int),
    )  # fmt: skip
    found = describe_reliability(make_result(gap[None], "regression"), singles, drawn)
    assert found["value"] == measure_reliability(gap[::3], gap[2::3])[0]
    assert found["ci_low"] < found["value"] < found["ci_high"] <= 1
    assert found["n_people"] == 8
    few = RecordingResults(person[:12], condition[:12], names[:12], {})
    assert describe_reliability(make_result(gap[None, :12], "regression"), few,
                                drawn) == {}  # fmt: skip


def test_conditions_are_told_apart_and_together(disease):
    """Eyes open are noise here, eyes closed the truth: half of all pairs of either."""
    n_people = len(disease.task.labels)
    row = np.repeat(np.arange(n_people), 2)
    labels = disease.task.labels[row]
    scores = np.where(np.arange(len(row)) % 2 == 0, labels, 0.5)[None]
    folds = np.zeros(scores.shape, dtype=int)
    predictions = Predictions(labels, scores, scores, folds)
    result = MethodResult("classification", predictions, np.empty(0), 0.25)
    singles = RecordingResults(
        row,
        ("closed", "open") * n_people,
        tuple(map(str, range(len(row)))),
        {"spy": result},
    )
    table = tabulate_recordings(disease.task, singles, n_bootstraps=100, seed=0)
    areas = table[table["metric"] == "AUROC"].set_index("condition")
    assert areas["value"].to_dict() == {"all": 0.875, "closed": 1.0, "open": 0.5}
    assert areas["n_recordings"].to_dict() == {
        "all": 2 * n_people, "closed": n_people, "open": n_people,
    }  # fmt: skip
    assert set(areas["n_people"]) == {n_people}
    assert not (table["metric"] == "reliability").any()  # nobody twice in a condition


def test_the_study_tells_recordings_beside_people(study, evaluate):
    tables = evaluate(study)
    table, people = tables("recordings"), tables("results")
    assert set(table["method"]) == {"band-power", "riemann@recentre", "encoder"}
    assert set(table["metric"]) == {
        "AUROC", "balanced accuracy", "mean absolute error", "R2", "reliability",
    }  # fmt: skip
    disease = table[(table["task"] == "disease") & (table["metric"] == "AUROC")]
    assert disease["n_recordings"].tolist() == [56] * 3
    assert disease["n_people"].tolist() == [28] * 3
    healthy = table[table["task"] == "brain_age"]
    assert set(healthy["n_people"]) == {16}
    same = people.merge(disease, on=["task", "method", "metric"])
    assert (same["value_x"] != same["value_y"]).any()
    reliable = table[table["metric"] == "reliability"].set_index("method")["value"]
    assert (reliable.loc["band-power"] > 0.5).all()
