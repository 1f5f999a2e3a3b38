"""What is said of a task before anything is fitted."""

import numpy as np
import pandas as pd

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.evaluation.guard import UNGUARDED
from neurograft.evaluation.prepared_task import (
    PreparedTask,
    list_methods,
    number_domains,
)
from neurograft.tasks.splits import Split
from neurograft.tasks.task import Task


def make_prepared(sites, methods, splits):
    n = len(sites)
    people = pd.DataFrame(
        {"cohort": "c", "participant_id": [f"sub-{i}" for i in range(n)], "view": 0,
         "label": np.arange(n) % 2, "site": sites, "cluster": np.arange(n)}
    )  # fmt: skip
    task = Task("t", "classification", ("control", "case"), (View("c"),), people, {})
    parsed = tuple(parse_method(name) for name in methods)
    nothing = np.empty((0, n))
    return PreparedTask(task, parsed, {}, splits, {}, nothing, UNGUARDED, {}, 3, (), {})


def test_domains_are_sites_from_one_and_the_unknown_are_a_site():
    one = make_prepared(["b", "a", None, "b"], ("encoder",), [])
    assert number_domains(one.task).tolist() == [2, 1, 3, 2]


def test_adapting_to_a_tested_site_is_told_only_where_it_happens():
    sites = ["a"] * 4 + ["b"] * 4
    out = [Split(0, 0, np.arange(4), np.arange(4, 8))]
    mixed = [Split(0, 0, np.array([0, 1, 4, 5]), np.array([2, 3, 6, 7]))]
    assert make_prepared(sites, ("encoder@recentre",), out).adapts_to_tested
    assert not make_prepared(sites, ("encoder@recentre",), mixed).adapts_to_tested
    assert not make_prepared(sites, ("encoder",), out).adapts_to_tested


def test_a_doubtful_design_brings_what_needs_no_brain():
    settings = EvaluationConfig(methods=("encoder",))
    doubtful = pd.DataFrame({"severity": ["warning"]})
    fine = pd.DataFrame({"severity": ["note", "none"]})
    assert [m.name for m in list_methods(settings, doubtful, {})] == [
        "encoder", "acquisition",
    ]  # fmt: skip
    assert [m.name for m in list_methods(settings, fine, {})] == ["encoder"]
    why = {"acquisition": "everybody was recorded alike"}
    assert [m.name for m in list_methods(settings, doubtful, why)] == ["encoder"]
