"""Whose labels can be exchanged, and how small a p-value that allows."""

from math import comb

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.tasks.label_shuffles import find_blocks, find_exchangeable
from neurograft.tasks.task import Task

FOLDS = np.tile([0, 1, 2, 3], 6)


def make_task(site, label, *, target="", is_reference=True, cluster=None):
    people = pd.DataFrame(
        {
            "cohort": "c", "view": 0, "label": label, "site": site,
            "participant_id": [f"p{i}" for i in range(24)],
            "is_reference": is_reference,
            "cluster": cluster or [f"p{i}" for i in range(24)],
        }
    )  # fmt: skip
    return Task(
        "t", "classification", ("b", "a"), (View("c"),), people, {}, target=target
    )


LABEL = np.repeat([0.0, 1.0], 12)


@pytest.mark.parametrize(
    "site", [np.where(LABEL > 0, "A", "B"), [f"s{i}" for i in range(24)]]
)
def test_where_site_and_label_are_one_nothing_can_be_exchanged(site):
    found = find_exchangeable(make_task(site, LABEL), FOLDS)
    assert not found.rows.any()
    assert found.smallest_p == 1


def test_a_site_that_is_the_label_exchanges_it():
    site = np.where(LABEL > 0, "A", "B")
    task = make_task(site, LABEL, target="site")
    found = find_exchangeable(task, FOLDS)
    assert found.rows.all()
    assert found.smallest_p == pytest.approx(1 / comb(6, 3) ** 4)


def test_arrangements_are_counted_among_those_tested():
    folds = FOLDS.copy()
    folds[:8] = -1
    found = find_exchangeable(make_task([None] * 24, LABEL), folds)
    assert not found.rows[:8].any()
    # One control and three cases are left in each fold.
    assert found.smallest_p == pytest.approx(1 / 4**4)


def test_pairs_swap_their_labels():
    task = make_task(
        [None] * 24,
        np.tile([0.0, 1.0], 12),
        cluster=[f"p{i // 2}" for i in range(24)],
    )
    assert find_exchangeable(task, FOLDS // 2).smallest_p == pytest.approx(2.0**-12)


def test_those_who_are_judged_exchange_labels_among_themselves():
    judged = np.tile([True, True, False], 8)
    blocks = find_blocks(make_task([None] * 24, LABEL, is_reference=judged), FOLDS)
    for block in np.unique(blocks):
        assert len(set(judged[blocks == block])) == 1
