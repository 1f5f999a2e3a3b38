"""Other rows of a person are predicted by models that have never seen the person."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.errors import LeakageError
from neurograft.evaluation.cross_validation import cross_validate
from neurograft.evaluation.guard import UNGUARDED
from neurograft.evaluation.held_out import predict_held_out
from neurograft.evaluation.prepared_task import PreparedTask
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task

N = 24
METHODS = tuple(map(parse_method, ("encoder", "random-encoder")))


def prepare(splits, cluster=None):
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 2
    names = [f"sub-{row:03d}" for row in range(N)]
    people = pd.DataFrame(
        {
            "cohort": "clinic", "participant_id": names, "view": 0,
            "label": labels.astype(float), "group": labels.astype(str), "age": 50.0,
            "sex": "F", "site": None, "cluster": cluster or names,
            "is_reference": True, "is_sealed": False,
        }
    )  # fmt: skip
    task = Task("disease", "classification", ("a", "b"), (View("clinic"),), people, {})
    features = {
        method.name: rng.standard_normal((N, 12)) + labels[:, None]
        for method in METHODS
    }
    return PreparedTask(
        task, METHODS, features, splits, {}, np.empty((0, N)), UNGUARDED, {}, 3, (), {}
    )


def make_splits(n_repeats=2):
    return [
        Split(repeat, fold, *(np.flatnonzero(own) for own in (f != fold, f == fold)))
        for repeat in range(n_repeats)
        for f in [np.random.default_rng(repeat).permutation(N) % 4]
        for fold in range(4)
    ]


def test_the_same_features_are_answered_as_the_person_was():
    prepared = prepare(make_splits())
    rows = np.tile(np.arange(N), 3)
    features = {name: np.tile(own, (3, 1)) for name, own in prepared.features.items()}
    found = predict_held_out(prepared, METHODS, rows, features, about="copies")
    (whole,) = cross_validate([prepared])
    for name, result in found.items():
        expected = whole.full[name].predictions
        np.testing.assert_allclose(
            result.predictions.scores, np.tile(expected.scores, 3)
        )
        np.testing.assert_array_equal(
            result.predictions.folds, np.tile(expected.folds, 3)
        )


def test_nothing_that_other_rows_say_is_learned():
    """Loud rows of everybody change no answer about the quiet ones."""
    prepared = prepare(make_splits())
    quiet = prepared.features
    loud = {name: 100 + 50 * own for name, own in quiet.items()}
    rows = np.arange(N)
    alone = predict_held_out(prepared, METHODS, rows, quiet, about="quiet")
    both = predict_held_out(
        prepared,
        METHODS,
        np.tile(rows, 2),
        {name: np.concatenate([quiet[name], loud[name]]) for name in quiet},
        about="both",
    )
    for name, result in alone.items():
        scores = both[name].predictions.scores
        np.testing.assert_allclose(scores[:, :N], result.predictions.scores)
        assert not np.allclose(scores[:, N:], result.predictions.scores)


def test_a_fold_that_learned_from_a_person_is_refused():
    splits = make_splits()
    seen = splits[0]._replace(train=np.append(splits[0].train, splits[0].test[0]))
    prepared = prepare([seen, *splits[1:]])
    with pytest.raises(LeakageError, match="both learned from and tested on"):
        predict_held_out(
            prepared, METHODS, np.arange(N), prepared.features, about="copies"
        )


def test_two_rows_of_one_person_are_one_person_to_the_guard():
    cluster = [f"pair-{row // 2}" for row in range(N)]
    prepared = prepare(make_splits(), cluster)
    with pytest.raises(LeakageError, match="pair-"):
        predict_held_out(
            prepared, METHODS, np.arange(N), prepared.features, about="copies"
        )


def test_without_methods_or_rows_there_is_nothing():
    prepared = prepare(make_splits())
    nobody = np.empty(0, dtype=int)
    features = {name: own[:0] for name, own in prepared.features.items()}
    assert predict_held_out(prepared, (), np.arange(N), {}, about="") == {}
    assert predict_held_out(prepared, METHODS, nobody, features, about="") == {}
