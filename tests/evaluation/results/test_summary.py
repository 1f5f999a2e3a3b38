"""The tables of several tasks are those of each, one below the other."""

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.results.summary import summarise, summarise_task

N = 40
LABELS = np.tile([0, 1], N // 2)
AGE = np.linspace(25, 75, N)
SETTINGS = {"n_bootstraps": 20, "equivalence_margin": 0.05, "seed": 3}


@pytest.fixture(scope="module")
def groups(evaluate_by_hand):
    rng = np.random.default_rng(0)
    scores = {"dummy": np.full(N, 0.5), "riemann": rng.random(N)}
    factors = {"sex": np.repeat(["F", "M"], N // 2)}
    return evaluate_by_hand("classification", LABELS, scores, factors=factors)


@pytest.fixture(scope="module")
def make_ages(evaluate_by_hand):
    def make(is_reference):
        rng = np.random.default_rng(0)
        scores = {"dummy": np.full(N, 50.0), "riemann": AGE + rng.normal(0, 5, N)}
        return evaluate_by_hand(
            "regression", AGE, scores, is_reference=is_reference, age=AGE
        )

    return make


def test_tasks_are_summarised_each_by_itself(groups, make_ages):
    tasks = [groups, make_ages(True)]
    calls = []
    found = summarise(tasks, **SETTINGS, progress=lambda *call: calls.append(call))
    alone = [summarise_task(one, **SETTINGS) for one in tasks]
    assert set(found) == set(alone[0]) | set(alone[1])
    for name, parts in found.items():
        expected = [part for one in alone for part in one.get(name, [])]
        for ours, theirs in zip(parts, expected, strict=True):
            pd.testing.assert_frame_equal(ours, theirs)
    assert calls == [("summarising tasks", done, 2) for done in (1, 2)]


def test_tables_without_rows_are_missing(groups, make_ages):
    tables = summarise_task(groups, **SETTINGS)
    assert {"results", "comparisons", "subgroups", "verdicts"} <= set(tables)
    assert all(len(part) for parts in tables.values() for part in parts)
    # No factor, no few labels, no single recordings, nobody but references.
    missing = {"subgroups", "curves", "recordings", "brain_age"}
    assert not missing & set(summarise_task(make_ages(True), **SETTINGS))


def test_brain_age_is_for_patients_and_for_methods_that_see_the_brain(make_ages):
    tables = summarise_task(make_ages(np.arange(N) % 4 > 0), **SETTINGS)
    for name in ("brain_age", "brain_age_gaps", "brain_age_bands"):
        (part,) = tables[name]
        assert set(part["method"]) == {"riemann"}


def test_the_seed_reaches_every_resample(groups):
    one, other = (summarise_task(groups, **SETTINGS | {"seed": s}) for s in (3, 4))
    for name in ("results", "subgroups"):
        ((ours,), (theirs,)) = one[name], other[name]
        rows = ours["method"] == "riemann"
        assert not ours.loc[rows, "ci_low"].equals(theirs.loc[rows, "ci_low"])
        pd.testing.assert_series_equal(ours["value"], theirs["value"])
