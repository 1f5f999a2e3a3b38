"""Within groups of people alike, the metric is that of these people alone."""

import numpy as np
import pytest

from neurograft.evaluation.results.subgroups import FEW, MIN_PEOPLE, tabulate_subgroups
from neurograft.statistics.perfect_values import limit_auroc

# Lower limit of a perfect AUROC of 12 and 12 people (Newcombe 2006).
LOWER = limit_auroc(12, 12)
BIG = np.repeat(["F", "M"], 24)


def tabulate(evaluated):
    table = tabulate_subgroups(evaluated)
    return table.set_index(["method", "factor", "level"]) if len(table) else table


def test_a_score_that_ranks_women_well_and_men_the_wrong_way_round(evaluate_by_hand):
    labels = np.tile([0, 1], 24)
    scores = np.where(BIG == "F", labels, 1 - labels) * 0.8 + 0.1
    found = tabulate(
        evaluate_by_hand(
            "classification", labels, {"riemann": scores}, factors={"sex": BIG}
        )
    ).loc[("riemann", "sex")]
    assert found.loc["F", ["value", "ci_low", "ci_high"]].tolist() == [1, LOWER, 1]
    assert found.loc["M", ["value", "ci_low", "ci_high"]].tolist() == [0, 0, 1 - LOWER]
    assert found["n"].tolist() == [24, 24]
    assert found["is_worst"].to_dict() == {"F": False, "M": True}


def test_the_worst_of_errors_is_the_largest(evaluate_by_hand):
    labels = np.arange(48.0)
    scores = labels + np.where(BIG == "F", 3.0, 1.0)
    found = tabulate(
        evaluate_by_hand(
            "regression", labels, {"riemann": scores}, factors={"sex": BIG}
        )
    ).loc[("riemann", "sex")]
    np.testing.assert_allclose(found["value"], [3, 1])
    assert found["is_worst"].tolist() == [True, False]


def test_a_small_group_is_shown_with_a_flag_and_is_never_the_worst(evaluate_by_hand):
    n_few = FEW - 1
    site = np.array(["a"] * FEW + ["b"] * (FEW + 1) + ["c"] * n_few + ["d"] * 3)
    errors = {"a": 1.0, "b": 2.0, "c": 9.0, "d": 50.0}
    labels = np.arange(float(len(site)))
    scores = labels + np.array([errors[one] for one in site])
    found = tabulate(
        evaluate_by_hand(
            "regression", labels, {"riemann": scores}, factors={"site": site}
        )
    ).loc[("riemann", "site")]
    assert MIN_PEOPLE > 3
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["is_few"].tolist() == [False, False, True]
    assert found["is_worst"].tolist() == [False, True, False]


def test_a_birthday_begins_a_decade(evaluate_by_hand):
    age = np.repeat([29.9, 30.0, 39.9, 40.0, np.nan], 4)
    labels = np.arange(20.0)
    found = tabulate(
        evaluate_by_hand(
            "regression", labels, {"riemann": labels}, factors={"age": age}
        )
    ).loc[("riemann", "age")]
    assert found["n"].to_dict() == {"20-29": 4, "30-39": 8, "40-49": 4}


def test_a_level_without_both_groups_is_left_out(evaluate_by_hand):
    labels = np.r_[np.tile([0, 1], 8), np.zeros(8)]
    sex = np.array(["F"] * 8 + ["M"] * 8 + ["X"] * 8)
    rng = np.random.default_rng(0)
    found = tabulate(
        evaluate_by_hand(
            "classification", labels, {"riemann": rng.random(24)}, factors={"sex": sex}
        )
    )
    assert found.index.get_level_values("level").tolist() == ["F", "M"]


def test_who_is_not_tested_does_not_count(evaluate_by_hand):
    labels = np.arange(48.0)
    scores = labels + 1
    scores[:3] = np.nan
    found = tabulate(
        evaluate_by_hand(
            "regression", labels, {"riemann": scores}, factors={"sex": BIG}
        )
    ).loc[("riemann", "sex")]
    assert found["n"].to_dict() == {"F": 21, "M": 24}
    np.testing.assert_allclose(found["value"], 1)


def test_nothing_is_shown_of_pairs_or_of_one_level(evaluate_by_hand):
    labels = np.tile([0, 1], 12)
    scores = {"riemann": np.random.default_rng(0).random(24)}
    factors = {"sex": np.repeat(["F", "M"], 12)}
    assert len(
        tabulate(evaluate_by_hand("classification", labels, scores, factors=factors))
    )
    pairs = np.repeat(np.arange(12), 2).astype(str)
    paired = evaluate_by_hand(
        "classification", labels, scores, factors=factors, cluster=pairs
    )
    assert tabulate(paired).empty
    alike = {"sex": ["F"] * 24}
    women = evaluate_by_hand("classification", labels, scores, factors=alike)
    assert tabulate(women).empty


def test_intervals_hold_the_value_and_follow_the_seed(evaluate_by_hand):
    rng = np.random.default_rng(0)
    labels = np.arange(48.0)
    evaluated = evaluate_by_hand(
        "regression",
        labels,
        {"riemann": labels + rng.normal(0, 5, 48)},
        factors={"sex": BIG},
    )
    one, same, other = (tabulate_subgroups(evaluated, seed=seed) for seed in (0, 0, 1))
    assert (one["ci_low"] < one["value"]).all()
    assert (one["value"] < one["ci_high"]).all()
    assert one["ci_low"].tolist() == same["ci_low"].tolist()
    assert one["ci_low"].tolist() != other["ci_low"].tolist()
    half = np.abs(evaluated.full["riemann"].predictions.scores[0] - labels)[:24]
    assert one["value"].iloc[0] == pytest.approx(half.mean())
