"""Rates agree with the counts of decisions, and intervals with what they promise."""

import numpy as np
import pytest
from scipy import stats

from neurograft.evaluation.details.confusion import count_decisions
from neurograft.evaluation.details.once import resample_tested
from neurograft.evaluation.details.operating import tabulate_operating


def tabulate(one, prevalence=None, n_bootstraps=300):
    drawn = resample_tested(one, n_bootstraps=n_bootstraps, seed=1)
    return tabulate_operating(one, drawn, prevalence)


def find(table, method="riemann"):
    return table[table["method"] == method].set_index("measure")


def count(one, method="riemann"):
    cells = count_decisions(one)
    cells = cells[cells["method"] == method]
    return cells.set_index(["true_group", "predicted_group"])["n"]


def test_rates_are_those_of_the_confusion(make_groups):
    one = make_groups()
    for method in one.full:
        cells, rates = count(one, method), find(tabulate(one), method)
        found = rates.loc["sensitivity", "value"]
        assert found == pytest.approx(cells["case", "case"] / cells["case"].sum())
        found = rates.loc["specificity", "value"]
        assert found == cells["control", "control"] / cells["control"].sum()
        assert rates["n"].tolist() == [17, 26]


def test_at_the_share_of_the_study_values_are_counted(make_groups):
    one = make_groups()
    cells, table = count(one), find(tabulate(one, 17 / 43))
    called = cells[:, "case"].sum()
    assert table.loc["PPV", "value"] == pytest.approx(cells["case", "case"] / called)
    right = cells["control", "control"] / cells[:, "control"].sum()
    assert table.loc["NPV", "value"] == pytest.approx(right)
    assert table.loc[["PPV", "NPV"], "n"].tolist() == [called, 43 - called]


def test_predictive_values_need_a_declared_prevalence(make_groups):
    one = make_groups()
    assert set(tabulate(one)["measure"]) == {"sensitivity", "specificity"}
    assert tabulate(one)["prevalence"].isna().all()
    rare = find(tabulate(one, 0.01))
    assert rare.loc[["PPV", "NPV"], "prevalence"].tolist() == [0.01, 0.01]
    assert rare.loc["PPV", "value"] < find(tabulate(one, 0.3)).loc["PPV", "value"]
    assert (rare["ci_low"] < rare["value"]).all()
    assert (rare["value"] < rare["ci_high"]).all()


def test_perfect_rates_are_not_certain_and_neither_are_their_values(evaluate_by_hand):
    labels = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    one = evaluate_by_hand("classification", labels, {"riemann": 0.2 + 0.6 * labels})
    table = find(tabulate(one, 0.1))
    assert (table["value"] == 1).all()
    assert (table["ci_high"] == 1).all()
    exact = stats.binomtest(10, 10).proportion_ci(method="exact").low
    assert table.loc["sensitivity", "ci_low"] == pytest.approx(exact)
    low = exact * 0.1 / (exact * 0.1 + (1 - exact) * 0.9)
    assert table.loc["PPV", "ci_low"] == pytest.approx(low)


def test_values_of_nobody_are_missing(evaluate_by_hand):
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"riemann": np.full(4, 0.4)})
    table = find(tabulate(one, 0.1))
    assert np.isnan(table.loc["PPV", "value"])
    assert table.loc["PPV", "n"] == 0
    assert table.loc["NPV", "value"] == pytest.approx(0.9)
    assert table.loc["NPV", "ci_low"] < 0.9 < table.loc["NPV", "ci_high"] + 1e-9


def test_who_was_tested_on_one_group_has_no_row(evaluate_by_hand):
    scores = np.array([0.2, np.nan, 0.3, np.nan])
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"riemann": scores})
    assert tabulate(one).empty


def test_conditions_of_a_person_are_drawn_together(evaluate_by_hand):
    labels = np.tile([0.0, 1.0], 20)
    who = np.repeat([f"p{n}" for n in range(20)], 2)
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(20) < 0.6, 2)  # a person is right in both, or neither
    scores = np.where(right, labels, 1 - labels)
    one = evaluate_by_hand(
        "contrast", labels, {"riemann": scores}, participant_id=who, cluster=who,
        view=labels.astype(int),
    )  # fmt: skip
    table = find(tabulate(one, 0.5))
    low, high = table[["ci_low", "ci_high"]].to_numpy().T
    np.testing.assert_allclose(low, low[0])
    np.testing.assert_allclose(high, high[0])
    assert table["n"].iloc[0] == 20


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["sensitivity", "PPV"])
def test_intervals_hold_the_truth_as_often_as_they_say(evaluate_by_hand, measure):
    rng = np.random.default_rng(3)
    labels = np.repeat([0.0, 1.0], 50)
    truth = {"sensitivity": 0.7, "PPV": 0.7 * 0.2 / (0.7 * 0.2 + 0.2 * 0.8)}[measure]
    held = []
    for _ in range(120):
        called = rng.random(100) < np.where(labels == 1, 0.7, 0.2)
        one = evaluate_by_hand("classification", labels, {"riemann": called * 1.0})
        row = find(tabulate(one, 0.2)).loc[measure]
        held.append(row["ci_low"] <= truth <= row["ci_high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)
