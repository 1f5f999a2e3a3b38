"""Tables and sentences say what the numbers allow, and no more."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.evaluation.results.comparisons import tabulate_comparisons
from neurograft.evaluation.results.design_table import tabulate_design
from neurograft.evaluation.results.verdicts import draw_verdicts
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.task import Task

N = 60
LABELS = (np.arange(N) % 2).astype(float)


def make_task(labels=LABELS, kind="classification"):
    people = pd.DataFrame(
        {
            "participant_id": [f"sub-{i}" for i in range(N)],
            "label": labels,
            "is_reference": True,
            "cohort": "c",
            "view": 0,
            "site": None,
        }
    ).assign(cluster=lambda t: t["participant_id"])
    classes = ("control", "case") if kind == "classification" else ()
    return Task("t", kind, classes, (View("c"),), people, {})


def make_result(
    skill, seed=0, labels=LABELS, kind="classification", n_permutations=199
):
    """A method whose scores know the labels as well as `skill` says."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((4, N))
    folds = np.stack([rng.permutation(np.arange(N) % 5) for _ in range(4)])
    if kind == "classification":
        scores = 1 / (1 + np.exp(-(skill * (2 * labels - 1) + noise)))
        decisions = (scores > 0.5).astype(float)
    else:
        scores = decisions = labels + noise / max(skill, 1e-2)
    p = Predictions(labels, scores, decisions, folds)
    centre, spread = (0.5, 0.08) if kind == "classification" else (-3, 0.1)
    return MethodResult(kind, p, rng.normal(centre, spread, n_permutations), 0.25)


def make_evaluated(results, labels=LABELS, kind="classification", factors=None):
    task = make_task(labels, kind)
    folds = next(iter(results.values())).predictions.folds
    return EvaluatedTask(task, results, {}, folds, pd.DataFrame(), factors or {})


def tabulate(one):
    return tabulate_comparisons(one, n_bootstraps=300, equivalence_margin=0.05, seed=0)


def summarise(skills, kind="classification", labels=LABELS, n_permutations=199):
    results = {
        method: make_result(skill, seed, labels, kind, n_permutations)
        for seed, (method, skill) in enumerate(skills.items())
    }
    one = make_evaluated(results, labels, kind)
    values, comparisons = tabulate(one)
    verdicts = draw_verdicts(one, values, comparisons, pd.DataFrame())
    return values, comparisons, verdicts.set_index("question")


@pytest.mark.parametrize("kind", ["classification", "contrast"])
def test_people_are_counted_whether_a_cluster_is_a_pair_or_two_recordings(kind):
    one = make_evaluated({"dummy": make_result(0.0)})
    people = one.task.subjects.assign(cluster=np.arange(N) // 2)
    if kind == "contrast":
        people["participant_id"] = [f"sub-{row // 2}" for row in range(N)]
    values, _ = tabulate(
        replace(one, task=replace(one.task, kind=kind, subjects=people))
    )
    assert set(values["n_subjects"]) == {N if kind == "classification" else N // 2}


def test_every_method_has_every_metric_with_an_interval_around_it():
    values, _, _ = summarise({"dummy": 0.0, "band-power": 1.0, "encoder": 1.5})
    assert len(values) == 27
    values = values[values["value"].notna()]
    assert (values["ci_low"] <= values["value"]).all()
    assert (values["value"] <= values["ci_high"]).all()
    primary = values[values["metric"] == "AUROC"].set_index("method")
    assert primary.loc["encoder", "p_permutation"] == pytest.approx(1 / 200)
    assert primary.loc["encoder", "p_holm"] == pytest.approx(2 / 200)
    assert np.isnan(primary.loc["dummy", "p_holm"])


def test_too_few_permutations_are_no_evidence_against():
    skills = {"band-power": 2.0, "tokens": 2.0, "encoder": 2.0}
    values, _, verdicts = summarise(skills, n_permutations=19)
    primary = values[values["metric"] == "AUROC"]
    assert primary["p_permutation"].tolist() == [0.05] * 3
    assert verdicts.loc["evidence", "answer"] == "undecided"
    assert "set evaluation.n_permutations to 60" in verdicts.loc["evidence", "sentence"]
    _, _, enough = summarise(skills, n_permutations=60)
    assert enough.loc["evidence", "answer"] == "evidence"
    _, _, nothing = summarise(dict.fromkeys(skills, 0.0), n_permutations=19)
    assert nothing.loc["evidence", "answer"] == "no evidence"


def test_each_method_is_compared_with_the_best_baseline():
    _, comparisons, _ = summarise(
        {"dummy": 0.0, "band-power": 1.5, "tokens": 0.5, "encoder": 1.0}
    )
    asked = comparisons[comparisons["question"] == "best baseline"]
    assert set(asked["reference"]) == {"band-power"}
    assert set(asked["method"]) == {"dummy", "tokens", "encoder"}
    assert (asked["difference"] < 0).all()


@pytest.mark.parametrize(
    ("trained", "untrained", "answer"),
    [(5.0, 0.0, "helped"), (0.0, 5.0, "harmed"), (1.0, 1.0, "no evidence")],
)
def test_pretraining_helped_only_if_the_interval_says_so(trained, untrained, answer):
    _, comparisons, verdicts = summarise(
        {"random-encoder": untrained, "encoder": trained}
    )
    row = comparisons[comparisons["question"] == "pretraining"].iloc[0]
    assert verdicts.loc["pretraining", "answer"] == answer
    assert f"{row['difference']:+.3f}" in verdicts.loc["pretraining", "sentence"]
    excluded = row["ci_low"] > 0 or row["ci_high"] < 0
    assert excluded == (answer != "no evidence")


def test_a_smaller_error_counts_as_help():
    ages = np.linspace(20, 80, N)
    _, comparisons, verdicts = summarise(
        {"dummy": 0.01, "random-encoder": 0.05, "encoder": 1.0}, "regression", ages
    )
    gain = comparisons[comparisons["question"] == "pretraining"].iloc[0]
    assert gain["metric"] == "mean absolute error"
    assert gain["difference"] > 0
    assert verdicts.loc["pretraining", "answer"] == "helped"


def test_the_fewer_are_learned_from_the_less_a_difference_of_folds_says():
    results = {"encoder": make_result(1.0), "random-encoder": make_result(0.0, 1)}
    p = []
    for share in (0.1, 0.25, 1.0):
        own = {n: replace(r, test_share=share) for n, r in results.items()}
        compared = tabulate(make_evaluated(own))[1]
        p.append(compared.set_index("question").loc["pretraining", "p_corrected"])
    assert p == sorted(p)
    assert p[0] < p[-1]


def test_the_margin_is_a_share_of_the_error_among_those_who_are_judged():
    """Ages of people in no fold, however far off, change no probability."""
    found = []
    for age_of_others in (60.0, 500.0):
        ages = np.linspace(20, 80, N)
        results = {
            "encoder": make_result(1.0, 0, ages, "regression"),
            "random-encoder": make_result(0.9, 1, ages, "regression"),
        }
        ages = np.where(np.arange(N) < 40, ages, age_of_others)
        for result in results.values():
            result.predictions.folds[:, 40:] = -1
        compared = tabulate(make_evaluated(results, ages, "regression"))[1]
        found.append(compared["p_equivalence"].iloc[-1])
    assert found[0] == found[1]


def test_the_studys_seed_decides_the_interval_within_levels():
    people = Factor(pd.Series(np.where(LABELS + (np.arange(N) % 5 == 0) > 0, "a", "b")),
                    refuses=False)  # fmt: skip
    evaluated = make_evaluated({"encoder": make_result(0.5)}, factors={"site": people})
    one, again, other = (
        tabulate_design(evaluated, seed=seed).iloc[0] for seed in (0, 0, 1)
    )
    assert one["within"] == other["within"]
    assert (one["within_low"], one["within_high"]) == (
        again["within_low"], again["within_high"],
    )  # fmt: skip
    assert (one["within_low"], one["within_high"]) != (
        other["within_low"], other["within_high"],
    )  # fmt: skip


def test_without_an_effect_there_is_no_evidence():
    _, _, verdicts = summarise(
        {"band-power": 0.0, "random-encoder": 0.0, "encoder": 0.0}
    )
    assert verdicts.loc["evidence", "answer"] == "no evidence"
    assert verdicts.loc["evidence", "sentence"].startswith(
        f"No evidence that control ({N // 2}) and case ({N // 2}) can be told apart"
    )


def test_who_is_given_the_mean_is_no_evidence():
    ages = np.linspace(20, 80, N)
    values, _, verdicts = summarise(
        {"dummy": 0, "encoder@known-mean": 3}, kind="regression", labels=ages
    )
    given = values[values["method"] == "encoder@known-mean"].iloc[0]
    assert np.isfinite(given["p_permutation"])
    assert np.isnan(given["p_holm"])
    assert verdicts.loc["evidence", "answer"] == "not asked"


def test_with_an_effect_there_is_evidence_and_blind_methods_are_a_caution():
    _, _, verdicts = summarise({"duration": 2.0, "encoder": 2.0})
    assert verdicts.loc["evidence", "answer"] == "evidence"
    assert "encoder: AUROC" in verdicts.loc["evidence", "sentence"]
    assert (
        "duration alone, which knows nothing of the brain"
        in verdicts.loc["confound", "sentence"]
    )


def test_methods_without_eeg_are_no_evidence():
    _, _, verdicts = summarise({"dummy": 0.0, "duration": 2.0})
    assert verdicts.loc["evidence", "answer"] == "not asked"
