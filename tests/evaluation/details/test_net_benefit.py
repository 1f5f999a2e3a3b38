"""Net benefit lies between treating nobody and knowing who is ill."""

import numpy as np
import pytest

from neurograft.evaluation.details.net_benefit import THRESHOLDS, tabulate_net_benefit
from neurograft.evaluation.details.once import resample_tested


def tabulate(one, prevalence, n_bootstraps=200):
    drawn = resample_tested(one, n_bootstraps=n_bootstraps, seed=1)
    return tabulate_net_benefit(one, drawn, prevalence)


def find(table, method="riemann"):
    return table[table["method"] == method].reset_index(drop=True)


@pytest.mark.parametrize("prevalence", [0.02, 0.3])
def test_no_method_is_better_than_to_know(make_groups, prevalence):
    table = find(tabulate(make_groups(), prevalence))
    assert table["threshold"].tolist() == THRESHOLDS.tolist()
    assert len(table) == 99
    assert (table["net_benefit"] <= prevalence + 1e-6).all()
    assert (table["ci_low"] <= table["net_benefit"] + 1e-6).all()
    assert (table["net_benefit"] <= table["ci_high"] + 1e-6).all()
    expected = (prevalence - THRESHOLDS) / (1 - THRESHOLDS)
    np.testing.assert_allclose(table["treat_all"], expected, atol=1e-6)


def test_a_low_threshold_treats_everybody_and_a_high_one_nobody(evaluate_by_hand):
    labels = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    scores = np.linspace(0.45, 0.55, 20)
    one = evaluate_by_hand("classification", labels, {"riemann": scores})
    table = find(tabulate(one, 0.5))
    low, high = table[table["threshold"] < 0.45], table[table["threshold"] > 0.56]
    np.testing.assert_allclose(low["net_benefit"], low["treat_all"], atol=1e-6)
    assert (high[["net_benefit", "ci_low", "ci_high"]] == 0).all(axis=None)


def test_probabilities_are_moved_to_the_prevalence(evaluate_by_hand):
    labels = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    one = evaluate_by_hand("classification", labels, {"riemann": np.full(20, 0.5)})
    table = find(tabulate(one, 0.105))
    # Half of the people are cases, so one half becomes the prevalence.
    is_treated = table["threshold"] <= 0.105
    aim = np.where(is_treated, table["treat_all"], 0)
    np.testing.assert_allclose(table["net_benefit"], aim, atol=1e-6)


def test_who_knows_gains_the_prevalence_at_every_threshold(evaluate_by_hand):
    labels = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    one = evaluate_by_hand("classification", labels, {"riemann": labels})
    table = find(tabulate(one, 0.1))
    np.testing.assert_allclose(table["net_benefit"], 0.1)


def test_of_one_group_nothing_is_said(evaluate_by_hand):
    scores = np.array([0.2, np.nan, 0.3, np.nan])
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"riemann": scores})
    assert tabulate(one, 0.1).empty
