"""The proof of docs/shift.md, with fewer people: shifts found, named, undone."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "shift.py"
N_PEOPLE, N_DRAWS = 100, 3

pytestmark = [pytest.mark.study, pytest.mark.slow]


@pytest.fixture(scope="module")
def shift():
    spec = importlib.util.spec_from_file_location("shift", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pools(shift):
    names = ("here", "together")
    return shift.make_pools(N_PEOPLE, n_jobs=1, duration_s=20, names=names)


@pytest.mark.parametrize("name", ["age distribution", "together"])
def test_a_planted_shift_is_found_named_and_undone(shift, pools, name):
    row, _ = shift.prove(name, pools, N_PEOPLE // 2, N_DRAWS)
    assert row["flagged"] == 1
    assert row["named first"] == 1
    assert row["recovered"] > 0.8


def test_a_site_that_goes_with_the_label_is_flagged_and_costs(shift, pools):
    row, _ = shift.prove("site ~ label", pools, N_PEOPLE // 2, N_DRAWS)
    assert row["flagged"] == row["named first"] == 1
    assert row["with shift"] < row["without shift"] - 0.03


def test_aligning_different_ages_hurts_and_is_warned_of(shift, pools):
    row, every = shift.prove("age distribution", pools, N_PEOPLE // 2, N_DRAWS)
    assert row["label-shift warning"] == 1
    assert every["recentre"].mean() < every["none"].mean()


def test_without_a_shift_there_is_peace(shift, pools):
    """With 20 draws at 5 %, more than 4 alarms come once in 400 times."""
    alarms, costs = shift.count_false_alarms(pools["here"], 40, 20)
    assert alarms["shift said"] <= 4 / 20
    auroc = costs[costs["outcome"] == "AUROC"]
    mean = auroc.groupby("adapter")["difference"].mean()
    assert (mean > -0.03).all()
