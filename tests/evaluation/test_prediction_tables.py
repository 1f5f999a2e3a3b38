"""What is written of an evaluation is all that is needed to go on from it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.evaluation.cross_validation import list_learned
from neurograft.evaluation.evaluated_task import EvaluatedTask, RecordingResults
from neurograft.evaluation.method_result import (
    MethodResult,
    count_people,
    find_test_share,
)
from neurograft.evaluation.prediction_tables import (
    TEXT,
    collect_permuted,
    parse_evaluated,
    tabulate_evaluated,
)
from neurograft.evaluation.results.label_curves import tabulate_curves
from neurograft.features.hidden_parts import HiddenPart
from neurograft.files.tables import read_table, write_tables
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.splits import Split, number_folds
from neurograft.tasks.task import Task

N = 24
PARTS = (HiddenPart("band", "alpha"), HiddenPart("region", "frontal"))
CLASSES = {"classification": ("control", "case"), "multiclass": ("a", "b", "c"),
           "regression": (), "contrast": ("open", "closed")}  # fmt: skip


def make_task(kind):
    rng = np.random.default_rng(0)
    n_classes = len(CLASSES[kind])
    labels = rng.permutation(N) % n_classes if n_classes else rng.normal(50, 9, N)
    view = labels if kind == "contrast" else np.zeros(N)
    people = pd.DataFrame(
        {
            "cohort": "clinic", "participant_id": [f"{i:03d}" for i in range(N)],
            "view": view.astype(int), "label": labels.astype(float),
            "group": [str(label) for label in labels], "age": rng.normal(50, 9, N),
            "sex": ["F", None, "M", "F"] * 6, "site": ["1", "01", None, "2"] * 6,
            "cluster": [f"clinic/{i:03d}" for i in range(N)],
            "is_reference": (np.arange(N) < 18) | (kind != "regression"),
        }
    )  # fmt: skip
    views = (View("clinic", ("rest",)), View("clinic", ("rest", "count")))
    return Task(kind, kind, CLASSES[kind], views[: 1 + (kind == "contrast")], people,
                {("clinic", "099"): "no age"})  # fmt: skip


def make_result(task, splits, seed=0, rows=None, n_permutations=5):
    """Predictions of the rows that the splits test, as `gather_method` makes them."""
    rng = np.random.default_rng(seed)
    labels = task.labels if rows is None else task.labels[rows]
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    judged = judged if rows is None else judged[rows]
    folds = number_folds(splits, len(labels))
    n_classes = len(task.classes)
    shape = (*folds.shape, n_classes) if n_classes > 2 else folds.shape
    scores = rng.random(shape)
    scores[folds < 0] = np.nan
    decisions = np.where(folds < 0, np.nan, rng.integers(0, 2, folds.shape))
    p = Predictions(labels, scores, decisions, np.where(judged, folds, -1))
    share = find_test_share(count_people(splits, judged, np.arange(len(labels))))
    return MethodResult(task.kind, p, rng.random(n_permutations), share)


def make_evaluated(kind):
    task = make_task(kind)
    rng = np.random.default_rng(1)
    splits = []
    for repeat in range(3):  # in every repeat two people are in no fold
        fold = rng.permutation(N) % 4
        out = rng.choice(N, 2, replace=False)
        splits += [
            Split(repeat, f, np.flatnonzero(fold != f),
                  np.setdiff1d(np.flatnonzero(fold == f), out))
            for f in range(4)
        ]  # fmt: skip
    first = [split for split in splits if split.repeat == 0]
    judged = task.subjects["is_reference"].to_numpy(dtype=bool)
    row = np.repeat(np.flatnonzero(number_folds(first, N)[0] >= 0), 2)
    alone = [
        split._replace(test=np.flatnonzero(np.isin(row, split.test))) for split in first
    ]
    factors = {
        "age": Factor(task.subjects["age"].where(np.arange(N) > 3), False),
        "day": Factor(pd.Series(["1", "10", None] * 8, dtype=object), True),
    }
    return EvaluatedTask(
        task=task,
        full={
            "band-power": make_result(task, splits),
            "encoder": make_result(task, splits, 2),
            "lora": make_result(task, first, 3, n_permutations=0),
        },
        few={n: {"encoder": make_result(task, splits[:8], n, n_permutations=0)}
             for n in (5, 10)},
        learned={n: list_learned(splits[:8], N) for n in (5, 10)},
        folds=number_folds(splits, N),
        sizes=count_people(splits, judged, np.arange(N)),
        factors=factors,
        facts={"transductive": False, "adapts_to_tested": True, "not_run": None,
               "holdout_openings": None},
        occluded={
            part: {"encoder": make_result(task, splits, seed, n_permutations=0)}
            for seed, part in enumerate(PARTS, start=7)
        },
        choices=pd.DataFrame({"features": ["encoder@auto-site"], "repeat": [0],
                              "split": [1], "chosen": ["coral"], "share": [1.0]}),
        recordings=RecordingResults(
            row, ("rest", "") * (len(row) // 2),
            tuple(f"r{i}" for i in range(len(row))),
            {"encoder": replace(make_result(task, alone, 4, row, 0),
                                test_share=np.nan)},
        ),
    )  # fmt: skip


def assert_same_result(one, other):
    assert one.kind == other.kind
    for name in ("labels", "scores", "decisions", "folds"):
        np.testing.assert_array_equal(
            getattr(one.predictions, name), getattr(other.predictions, name), name
        )
    np.testing.assert_array_equal(one.permuted, other.permuted)
    np.testing.assert_equal(one.test_share, other.test_share)


def write_and_read(evaluated, folder):
    write_tables(folder, tabulate_evaluated(evaluated))
    tables = {p.stem: read_table(p, text=TEXT) for p in folder.glob("*.tsv")}
    return parse_evaluated(tables, collect_permuted(evaluated))


@pytest.mark.parametrize("kind", list(CLASSES))
def test_reading_undoes_writing_to_the_last_bit(kind, tmp_path):
    one = make_evaluated(kind)
    (read,) = write_and_read([one], tmp_path)
    assert read.task.name == kind
    assert read.task.classes == one.task.classes
    assert read.task.views == one.task.views
    assert read.task.left_out == one.task.left_out
    for column in one.task.subjects:
        expected, found = one.task.subjects[column], read.task.subjects[column]
        assert (expected.isna() == found.isna()).all(), column
        assert expected.dropna().tolist() == found.dropna().tolist(), column
    np.testing.assert_array_equal(read.folds, one.folds)
    pd.testing.assert_frame_equal(read.sizes, one.sizes, check_dtype=False)
    pd.testing.assert_frame_equal(read.choices, one.choices, check_dtype=False)
    assert dict(read.facts) == dict(one.facts)
    assert list(read.full) == list(one.full)
    for method, result in one.full.items():
        assert_same_result(read.full[method], result)
    assert list(read.few) == list(read.learned) == [5, 10]
    for n, learned in one.learned.items():
        for name, expected in learned._asdict().items():
            np.testing.assert_array_equal(getattr(read.learned[n], name), expected)
    for n, results in one.few.items():
        few = replace(results["encoder"], test_share=np.nan)
        assert_same_result(read.few[n]["encoder"], few)


def test_parts_that_were_hidden_keep_their_answers(tmp_path):
    both = [make_evaluated(kind) for kind in ("multiclass", "regression")]
    for one, read in zip(both, write_and_read(both, tmp_path), strict=True):
        assert list(read.occluded) == list(PARTS)
        for part, results in one.occluded.items():
            expected = replace(results["encoder"], test_share=np.nan)
            assert_same_result(read.occluded[part]["encoder"], expected)
    plain = [replace(one, occluded={}) for one in both]
    assert "occluded" not in tabulate_evaluated(plain)
    (tmp_path / "plain").mkdir()
    assert write_and_read(plain, tmp_path / "plain")[0].occluded == {}


def test_factors_keep_numbers_and_text_apart(tmp_path):
    one = make_evaluated("classification")
    (read,) = write_and_read([one], tmp_path)
    assert read.factors["age"].values.dtype.kind == "f"
    np.testing.assert_array_equal(read.factors["age"].values, one.factors["age"].values)
    assert not read.factors["age"].refuses
    assert read.factors["day"].refuses
    days = read.factors["day"].values
    assert days.dropna().tolist() == one.factors["day"].values.dropna().tolist()
    assert set(map(type, days.dropna())) == {str}


def test_recordings_find_their_person_again(tmp_path):
    one = make_evaluated("regression")
    (read,) = write_and_read([one], tmp_path)
    assert read.recordings.names == one.recordings.names
    assert read.recordings.condition == one.recordings.condition
    np.testing.assert_array_equal(read.recordings.row, one.recordings.row)
    assert_same_result(
        read.recordings.results["encoder"], one.recordings.results["encoder"]
    )


@pytest.mark.parametrize("budgets", [(5,), (5, 10)])
def test_budgets_at_which_every_method_was_refused_have_no_rows(budgets, tmp_path):
    one = make_evaluated("classification")
    why = "encoder with 5 labels: one site"
    one = replace(
        one,
        few=one.few | {budget: {} for budget in budgets},
        recordings=replace(one.recordings, results={}),
        facts={**one.facts, "not_run": why},
    )
    (read,) = write_and_read([one], tmp_path)
    assert set(read.few) == {5, 10} - set(budgets)
    assert read.recordings is None
    assert read.facts["not_run"] == why
    for known in (one, read):
        curves = tabulate_curves(known, n_bootstraps=20, seed=0)
        kept = set() if curves.empty else set(curves["labels_per_class"])
        assert kept == {5, 10} - set(budgets)


def test_tasks_do_not_mix(tmp_path):
    both = [make_evaluated("classification"), make_evaluated("regression")]
    read = write_and_read(both, tmp_path)
    assert [one.task.name for one in read] == ["classification", "regression"]
    for one, other in zip(both, read, strict=True):
        for method, result in one.full.items():
            assert_same_result(other.full[method], result)


def test_people_of_a_fold_are_counted_once_and_only_where_they_are_judged():
    judged = np.array([True, True, True, False])
    splits = [Split(0, 0, np.array([0, 1]), np.array([2, 3]))]
    sizes = count_people(splits, judged, clusters=np.array([0, 0, 1, 2]))
    assert sizes.to_dict("records") == [
        {"repeat": 0, "split": 0, "n_learned": 1, "n_tested": 1}
    ]
    assert find_test_share(sizes) == 1.0


@pytest.mark.parametrize(
    ("kind", "is_matched", "wanted"),
    [
        ("classification", True, True),
        ("classification", False, False),
        ("contrast", True, False),
        ("regression", False, False),
    ],
)
def test_matched_people_are_pairs_also_where_some_are_sealed(
    kind, is_matched, wanted, tmp_path
):
    one = make_evaluated(kind)
    sealed = np.arange(N) < 8
    one = replace(one, folds=np.where(sealed, -1, one.folds))
    if is_matched:
        pairs = [f"pair-{row // 2}" for row in range(N)]
        one = replace(
            one,
            task=replace(one.task, subjects=one.task.subjects.assign(cluster=pairs)),
        )
    write_tables(tmp_path, tabulate_evaluated([one]))
    (row,) = read_table(tmp_path / "tasks.tsv").to_dict("records")
    assert row["is_paired"] is wanted
    assert row["n_subjects"] == N, "pairs were counted, not people"
