"""What would be needed: people as power says, other sites, a confirmation."""

import numpy as np
import pytest

from neurograft.evaluation.results.needed import MEDIUM_AUROC, judge_need

FOUND, NOT_FOUND = {"answer": "evidence"}, {"answer": "no evidence"}


def judge(evaluated, evidence):
    (said,) = judge_need(evaluated, evidence, 0.05)
    return said


@pytest.mark.parametrize(
    ("sites", "code"),
    [
        (None, "NG141"),
        ("a", "NG141"),
        (["a", "b", "b", "a"] * 10, "NG142"),
        (["a", "b", "a", "a"] * 10, "NG142"),  # one site has both groups
        (["a", "a", "b", "b", "c", "c", "d", "d"] * 5, "NG143"),
    ],
)
def test_after_evidence_other_sites_or_a_confirmation_are_asked_for(
    evaluate_by_hand, sites, code
):
    # Folds hold rows 0 and 1, 2 and 3, 4 and 5, 6 and 7, and so on.
    labels = [0, 1] * 20
    scores = {"encoder": np.linspace(0, 1, 40)}
    one = evaluate_by_hand("classification", labels, scores, site=sites)
    assert judge(one, FOUND)["code"] == code


def test_no_site_is_left_out_where_every_site_has_one_group(evaluate_by_hand):
    scores = {"encoder": np.linspace(0, 1, 40)}
    one = evaluate_by_hand("classification", [0, 1] * 20, scores, site=["a", "b"] * 20)
    assert judge_need(one, FOUND, 0.05) == []


@pytest.mark.parametrize(("n", "code"), [(67, "NG144"), (68, "NG149")])
def test_without_evidence_groups_need_as_many_people_as_power_says(
    evaluate_by_hand, n, code
):
    # One group is larger: the smaller one counts.
    labels = [0] * n + [1] * 90
    scores = {"encoder": np.linspace(0, 1, len(labels))}
    said = judge(evaluate_by_hand("classification", labels, scores), NOT_FOUND)
    assert said["code"] == code
    assert f" {n} " in said["sentence"].replace("(", " ").replace(")", " ")
    assert "68" in said["sentence"]


@pytest.mark.parametrize(("n", "code"), [(84, "NG145"), (85, "NG146")])
def test_without_evidence_a_number_needs_as_many_people_as_power_says(
    evaluate_by_hand, n, code
):
    labels = np.arange(n)
    one = evaluate_by_hand("regression", labels, {"encoder": labels})
    assert judge(one, NOT_FOUND)["code"] == code


def test_where_nothing_can_be_said_nothing_is_asked_for(evaluate_by_hand):
    one = evaluate_by_hand("classification", [0, 1] * 8, {"encoder": [0.5] * 16})
    for answer in ("undecided", "refused", "not asked"):
        assert judge_need(one, {"answer": answer}, 0.05) == []


def test_a_medium_difference_has_the_area_of_two_normal_groups():
    rng = np.random.default_rng(0)
    healthy, ill = rng.standard_normal((2, 200_000))
    assert (ill + 0.5 > healthy).mean() == pytest.approx(MEDIUM_AUROC, abs=0.005)
