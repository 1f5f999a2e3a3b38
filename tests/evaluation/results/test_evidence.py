"""What is said of the EEG names whom it was asked of, and what does as well."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.evidence import find_unit
from neurograft.evaluation.results.summary import summarise_task
from neurograft.tasks.design_audit import ORDER

N = 48
LABELS = np.tile([0.0, 1.0], N // 2)


def judge(evaluated, n_permutations=199):
    """The verdicts, with shuffles that never do as well."""
    rng = np.random.default_rng(0)
    for name, one in evaluated.full.items():
        centre = 0.5 if one.is_classification else -np.abs(evaluated.task.labels).mean()
        null = rng.normal(centre, 0.05, n_permutations)
        evaluated.full[name] = MethodResult(one.kind, one.predictions, null, 1 / 3)
    tables = summarise_task(
        evaluated, n_bootstraps=200, equivalence_margin=0.05, seed=0
    )
    return tables["verdicts"][0].set_index("question"), tables["results"][0]


def test_evidence_names_groups_people_methods_and_the_interval_of_the_choice(
    evaluate_by_hand,
):
    rng = np.random.default_rng(1)
    scores = {
        name: np.clip(0.3 + 0.4 * LABELS + rng.normal(0, 0.15, N), 0, 1)
        for name in ("riemann", "band-power", "encoder")
    }
    verdicts, results = judge(evaluate_by_hand("classification", LABELS, scores))
    said = verdicts.loc["evidence", "sentence"]
    assert said.startswith("Evidence that control (24) and case (24) can be told apart")
    assert "the best of 3 methods" in said
    assert "n = 48" in said
    primary = results[results["metric"] == "AUROC"]
    assert (primary["family_low"] < primary["ci_low"]).all()


def test_a_perfect_area_has_a_lower_limit_below_one(evaluate_by_hand):
    verdicts, results = judge(
        evaluate_by_hand("classification", LABELS, {"riemann": LABELS * 0.8 + 0.1})
    )
    row = results[results["metric"] == "AUROC"].iloc[0]
    assert row["value"] == row["ci_high"] == 1
    assert 0.8 < row["ci_low"] < 1
    assert "1.00 [0.9" in verdicts.loc["evidence", "sentence"]


def test_what_does_as_well_alone_stands_in_the_sentence(evaluate_by_hand):
    evaluated = evaluate_by_hand(
        "classification",
        LABELS,
        {"riemann": LABELS * 0.8 + 0.1},
        factors={"ward": np.where(LABELS > 0, "a", "b"), "room": ["x", "x", "y"] * 16},
    )
    verdicts, _ = judge(evaluated)
    said = verdicts.loc["evidence", "sentence"]
    assert "but ward alone does as well, AUROC 1.00" in said
    assert "room" not in said
    assert "ward (Cramer's V 1.00" in verdicts.loc["design", "sentence"]


def test_of_whom_something_is_known_and_who_is_numbered_how_have_own_sentences(
    evaluate_by_hand,
):
    factors = {
        "ward": np.where(LABELS > 0, "a", "b"),
        "device": np.where(LABELS > 0, "x", None),
        ORDER: np.arange(N) + 100.0 * LABELS,
    }
    verdicts, _ = judge(
        evaluate_by_hand(
            "classification", LABELS, {"riemann": LABELS * 0.8 + 0.1}, factors=factors
        )
    )
    design = verdicts.loc[["design"]].set_index("code")
    assert design["answer"].to_dict() == {
        "NG310": "warning", "NG306": "warning", "NG307": "note",
    }  # fmt: skip
    assert "ward (Cramer's V 1.00" in design.loc["NG310", "sentence"]
    assert "known" not in design.loc["NG310", "sentence"]
    assert (
        "known at all goes with the group: device known (Cramer's V 1.00)"
        in (design.loc["NG306", "sentence"])
    )
    assert "acquisition times in scans.tsv" in design.loc["NG307", "sentence"]


def test_who_had_no_signal_is_nothing_that_a_method_could_find(evaluate_by_hand):
    scores = np.where(np.arange(N) % 5 == 0, 0.9 - LABELS * 0.8, LABELS * 0.8 + 0.1)
    evaluated = evaluate_by_hand("classification", LABELS, {"riemann": scores})
    lost = pd.DataFrame(
        {"cohort": "c", "participant_id": [f"lost-{i}" for i in range(900)],
         "label": 1.0, "group": "patient"}
    )  # fmt: skip
    task = replace(evaluated.task, excluded=lost)
    verdicts, _ = judge(replace(evaluated, task=task))
    assert "does as well" not in verdicts.loc["evidence", "sentence"]
    assert verdicts.loc["evidence", "answer"] == "evidence"
    assert "enough signal" in verdicts.loc["design", "sentence"]


def test_errors_have_units(evaluate_by_hand):
    ages = np.linspace(20.0, 80.0, N)
    evaluated = evaluate_by_hand("regression", ages, {"riemann": ages + 1})
    assert find_unit(evaluated.task) == " points"
    assert "1.00 points" in judge(evaluated)[0].loc["evidence", "sentence"]
    object.__setattr__(evaluated.task, "target", "age")
    assert "1.00 years" in judge(evaluated)[0].loc["evidence", "sentence"]


def judge_shuffled(evaluate_by_hand, nulls):
    """The verdict on the EEG of methods with shuffles of their own."""
    scores = dict.fromkeys(nulls, LABELS * 0.8 + 0.1)
    evaluated = evaluate_by_hand("classification", LABELS, scores)
    for name, null in nulls.items():
        one = evaluated.full[name]
        evaluated.full[name] = MethodResult(one.kind, one.predictions, null, 1 / 3)
    tables = summarise_task(
        evaluated, n_bootstraps=200, equivalence_margin=0.05, seed=0
    )
    return tables["verdicts"][0].set_index("question").loc["evidence"]


def shuffle(n_permutations, n_as_good):
    return np.where(np.arange(n_permutations) < n_as_good, 1.0, 0.5)


def test_a_method_with_few_shuffles_is_held_against_its_own(evaluate_by_hand):
    """Nineteen shuffles of svm were worse: p = .05, which three methods make .15."""
    nulls = {
        "riemann:svm": shuffle(19, 0),
        "riemann": shuffle(199, 100),
        "band-power": shuffle(199, 100),
    }
    verdict = judge_shuffled(evaluate_by_hand, nulls)
    assert verdict["answer"] == "undecided"
    assert "the 19 permutations of riemann:svm" in verdict["sentence"]
    assert "evaluation.slow_permutations to 60" in verdict["sentence"]


def test_a_method_that_stopped_early_makes_no_other_undecided(evaluate_by_hand):
    """Twenty shuffles of svm were enough to know that it finds nothing."""
    nulls = {"riemann:svm": shuffle(20, 20), "riemann": shuffle(199, 6)}
    assert judge_shuffled(evaluate_by_hand, nulls)["answer"] == "no evidence"


@pytest.mark.parametrize("site", [np.where(LABELS > 0, "A", "B"), np.arange(N)])
def test_labels_that_cannot_be_exchanged_leave_it_undecided(evaluate_by_hand, site):
    evaluated = evaluate_by_hand(
        "classification",
        LABELS,
        {"riemann": LABELS * 0.8 + 0.1},
        site=site.astype(str),
    )
    result = evaluated.full["riemann"]
    same = MethodResult(result.kind, result.predictions, np.ones(199), 1 / 3)
    evaluated.full["riemann"] = same
    tables = summarise_task(
        evaluated, n_bootstraps=200, equivalence_margin=0.05, seed=0
    )
    verdict = tables["verdicts"][0].set_index("question").loc["evidence"]
    assert verdict["answer"] == "undecided"
    assert "Record both groups at every site" in verdict["sentence"]


def test_few_people_leave_it_undecided_and_are_told_to_be_few(evaluate_by_hand):
    labels = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    evaluated = evaluate_by_hand("classification", labels, {"riemann": labels})
    verdicts, _ = judge(evaluated)
    assert verdicts.loc["evidence", "answer"] == "undecided"
    said = verdicts.loc["evidence", "sentence"]
    assert "labels can be shuffled in 2 ways only (n = 6)" in said


def test_the_site_itself_can_be_found_and_is_a_caution(evaluate_by_hand):
    evaluated = evaluate_by_hand(
        "classification",
        LABELS,
        {"riemann": LABELS * 0.8 + 0.1},
        site=np.where(LABELS > 0, "A", "B"),
    )
    object.__setattr__(evaluated.task, "target", "site")
    verdicts, _ = judge(evaluated)
    assert verdicts.loc["evidence", "answer"] == "evidence"
    assert verdicts.loc["confound", "answer"] == "site"


def test_blind_methods_are_a_caution_only_where_they_beat_the_dummy(evaluate_by_hand):
    rng = np.random.default_rng(2)
    noise = rng.uniform(size=N)
    scores = {"dummy": np.full(N, 0.5), "duration": noise, "riemann": noise}
    verdicts, _ = judge(evaluate_by_hand("classification", LABELS, scores))
    assert "confound" not in verdicts.index
    told = LABELS * 0.5 + 0.25 + 0.2 * (noise - 0.5)
    verdicts, _ = judge(
        evaluate_by_hand("classification", LABELS, scores | {"duration": told})
    )
    assert isinstance(verdicts.loc["confound"], pd.Series)
    assert "n = 48" in verdicts.loc["confound", "sentence"]


def test_a_metric_that_cannot_be_computed_is_not_blamed_on_missing_shuffles(
    evaluate_by_hand,
):
    """Every person is tested alone: no model has seen two people to compare."""
    evaluated = evaluate_by_hand("classification", LABELS, {"riemann": LABELS * 0.8})
    for name, one in evaluated.full.items():
        p = one.predictions
        alone = np.broadcast_to(np.arange(N), p.folds.shape).copy()
        evaluated.full[name] = replace(one, predictions=replace(p, folds=alone))
    verdicts, _ = judge(evaluated)
    assert verdicts.loc["evidence", "code"] == "NG105"
    assert "AUROC could not be computed" in verdicts.loc["evidence", "sentence"]
