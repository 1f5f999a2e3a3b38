"""A fold takes one thread, and a method that cannot learn from it is named."""

import sys
import types

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from neurograft.evaluation import cross_validation
from neurograft.evaluation.cross_validation import _collect_refused, evaluate_fold
from neurograft.evaluation.methods.fold import FoldOutput
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.splits import Split


def make_folds(*refused):
    return [FoldOutput({}, {}, own, {}) for own in refused]


def test_a_method_that_fails_at_a_few_labels_only_is_named_with_their_number():
    outputs = {
        5: make_folds({"combat": "one site", "dead": "no"}, {}),
        0: make_folds({}, {"dead": "no signal"}),
        10: make_folds({}, {"combat": "one sex"}),
    }
    assert _collect_refused(outputs) == {
        "dead": "no signal",
        "combat with 5 labels": "one site",
        "combat with 10 labels": "one sex",
    }


def test_nothing_is_named_where_every_method_learned():
    assert _collect_refused({0: make_folds({}), 5: make_folds({})}) == {}


@pytest.fixture
def count_threads(monkeypatch):
    """Evaluate a fold that tells how many threads every pool would take in it."""
    split = Split(0, 0, np.arange(4), np.arange(4, 6))
    question = Question("regression", 0, np.arange(6), 2)
    looked = []

    def look(*_):
        looked[:] = [pool["num_threads"] for pool in threadpool_info()]
        return FoldOutput({}, {}, {}, {})

    def count():
        evaluate_fold([], {}, np.zeros(6), np.zeros((0, 6)), split, question)
        return set(looked)

    monkeypatch.setattr(cross_validation, "predict_fold", look)
    return count


def test_a_fold_takes_one_thread_and_gives_the_others_back(count_threads):
    with threadpool_limits(2):
        before = [pool["num_threads"] for pool in threadpool_info()]
        assert set(before) == {2}
        for _ in range(2):
            assert count_threads() == {1}
            assert [pool["num_threads"] for pool in threadpool_info()] == before


def test_pools_are_looked_for_again_only_after_an_import(count_threads, monkeypatch):
    count_threads()
    found = []
    look = cross_validation.ThreadpoolController
    monkeypatch.setattr(
        cross_validation,
        "ThreadpoolController",
        lambda: found.append("looked") or look(),
    )
    count_threads()
    assert found == []
    monkeypatch.setitem(sys.modules, "brings_a_pool", types.ModuleType("pool"))
    count_threads()
    count_threads()
    assert found == ["looked"]
