import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.config.evaluation import EvaluationConfig
from neurograft.config.methods import parse_method
from neurograft.config.tasks import View
from neurograft.errors import ConfigError, DesignError
from neurograft.evaluation.cross_validation import evaluate_fold
from neurograft.evaluation.method_result import gather_method
from neurograft.evaluation.methods.problem import Question
from neurograft.tasks.label_shuffles import find_blocks, permute_labels
from neurograft.tasks.protocols import SEAL_FILE, log_opening, make_protocol_splits
from neurograft.tasks.task import Task


def make_task(n=90, seed=0, kind="classification", **columns):
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(float)
    age = rng.uniform(20, 80, n) + 15 * labels
    people = pd.DataFrame(
        {
            "label": labels, "cluster": [f"p{i}" for i in range(n)], "view": 0,
            "site": rng.choice(["a", "b"], n), "cohort": rng.choice(["x", "y"], n),
            "sex": rng.choice(["F", "M"], n), "age": age, "confound": age,
            "is_reference": True,
        }
    ).assign(**columns)  # fmt: skip
    return Task("t", kind, ("control", "case"), (View("c"),), people, {})


def split(task, protocol, **settings):
    config = EvaluationConfig(protocol=protocol, n_repeats=2, **settings)
    return make_protocol_splits(task, config, seed=0)


@pytest.mark.parametrize(
    ("protocol", "n"),
    [
        ("repeated-cv", 10),
        ("leave-one-site-out", 2),
        ("leave-one-cohort-out", 2),
        ("hold-out", 1),
        ("confound-isolating", 10),
    ],
)
def test_no_protocol_tests_whom_it_learned_from(protocol, n):
    splits = split(make_task(), protocol)
    assert len(splits) == n
    for one in splits:
        assert not set(one.train) & set(one.test)
        assert len(one.test)


def make_matchable(n_each=80):
    """Cases who are older, and more often women."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0.0, 1.0], n_each)
    age = rng.uniform(30, 70, 2 * n_each) + 5 * labels
    sex = np.where(rng.random(2 * n_each) < 0.4 + 0.2 * labels, "F", "M")
    return make_task(2 * n_each, label=labels, age=age, sex=sex, site="a")


def test_matched_draws_are_balanced_and_keep_pairs_on_one_side():
    task = make_matchable()
    splits = split(task, "matched-draws", n_splits=4)
    assert len(splits) == 8
    age, sex = (task.subjects[c].to_numpy() for c in ("age", "sex"))
    used = []
    for repeat in (0, 1):
        own = [one for one in splits if one.repeat == repeat]
        tested = np.concatenate([one.test for one in own])
        assert len(set(tested)) == len(tested)
        used.append(set(tested))
        assert abs(task.labels[tested].mean() - 0.5) < 1e-12
        cases, others = (tested[task.labels[tested] == label] for label in (1, 0))
        assert (sex[cases] == "F").sum() == (sex[others] == "F").sum()
        assert abs(age[cases].mean() - age[others].mean()) < 1
        for one in own:
            assert sorted([*one.train, *one.test]) == sorted(tested)
            # Whole pairs: as many cases as others on either side, of the same sex.
            for rows in (one.train, one.test):
                is_case = task.labels[rows] == 1
                assert (sex[rows][is_case] == "F").sum() == (
                    sex[rows][~is_case] == "F"
                ).sum()
    assert used[0] != used[1]


def test_matched_draws_are_evaluated_like_any_folds():
    task = make_matchable()
    splits = split(task, "matched-draws", n_splits=4)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((160, 5)) + 2 * task.labels[:, None]
    permuted = permute_labels(task, splits, n_permutations=19, seed=0)
    question = Question("classification", 2, task.clusters, 3)
    method = parse_method("encoder")
    outputs = [
        evaluate_fold((method,), {"encoder": X}, task.labels, permuted, one, question)
        for one in splits
    ]
    own = [output.predicted["encoder"] for output in outputs]
    result = gather_method(task.labels, permuted, splits, own, question)
    assert result.observed > 0.9
    assert result.permuted.max() < result.observed
    assert result.fold_scores.shape == (8,)
    is_tested = result.predictions.folds >= 0
    assert not is_tested.all()
    np.testing.assert_array_equal(is_tested, np.isfinite(result.predictions.scores))
    assert result.test_share == pytest.approx(1 / 3, abs=0.01)  # others are in no fold


def gather_ages(is_reference, protocol, **settings):
    """The dummy's result on ages of which only those of reference people count."""
    task = make_task(
        len(is_reference), kind="regression", is_reference=is_reference,
        label=np.linspace(20, 80, len(is_reference)),
    )  # fmt: skip
    splits = split(task, protocol, **settings)
    outputs = [np.full((1, len(one.test), 1), 50.0) for one in splits]
    question = Question("regression", 0, task.clusters, 3)
    nothing = np.empty((0, len(is_reference)))
    return gather_method(task.labels, nothing, splits, outputs, question, is_reference)


def test_who_is_not_learned_from_does_not_count_as_learned_from():
    """60 controls, 40 patients, 5 folds: 12 judged per 48 learned from."""
    result = gather_ages(np.arange(100) < 60, "repeated-cv")
    assert result.test_share == pytest.approx(12 / 48)
    assert result.first(1).test_share == result.test_share
    everybody = gather_ages(np.ones(60, dtype=bool), "repeated-cv")
    assert result.test_share == pytest.approx(everybody.test_share)
    held_out = gather_ages(np.arange(100) < 60, "hold-out", holdout_share=0.3)
    assert held_out.test_share == pytest.approx(18 / 42)


def test_matched_draws_that_cannot_be_say_why():
    with pytest.raises(DesignError, match="No matched sample is balanced"):
        split(make_task(age=np.linspace(20, 80, 90) + 40 * (np.arange(90) % 2 == 1),
                        label=(np.arange(90) % 2).astype(float)), "matched-draws",
              match_years=0.001)  # fmt: skip
    with pytest.raises(ConfigError, match="matched pairs cannot fill 60 folds"):
        split(make_matchable(), "matched-draws", n_splits=60)
    with pytest.raises(ConfigError, match="needs ages"):
        split(make_task(age=np.nan), "matched-draws")
    with pytest.raises(ConfigError, match="pairs people of two groups"):
        split(make_task(kind="regression"), "matched-draws")


def test_confounds_are_isolated_among_the_tested_only():
    task = make_task(n=300)
    plain, isolated = (split(task, p) for p in ("repeated-cv", "confound-isolating"))
    for one, other in zip(plain, isolated, strict=True):
        assert np.array_equal(one.train, other.train)
        assert set(other.test) < set(one.test)
        labels, age = task.labels[other.test], task.subjects["age"].iloc[other.test]
        assert abs(np.corrcoef(labels, age)[0, 1]) <= 0.05


def test_confounds_must_be_named_and_vary():
    with pytest.raises(ConfigError, match="needs `confound`"):
        split(make_task(confound=np.nan), "confound-isolating")
    pairs = make_task(cluster=[f"p{i // 2}" for i in range(90)])
    with pytest.raises(ConfigError, match="no confound of"):
        split(pairs, "confound-isolating")


def test_patients_teach_no_brain_age():
    healthy = np.arange(90) % 3 > 0
    task = make_task(is_reference=healthy)
    for one in split(task, "repeated-cv"):
        assert healthy[one.train].all()
        assert not healthy[one.test].all()


def test_labels_are_shuffled_inside_folds_and_sites():
    task = make_task()
    splits = split(task, "repeated-cv")
    permuted = permute_labels(task, splits, n_permutations=50, seed=0)
    for fold in splits[:5]:
        for site in "ab":
            rows = fold.test[(task.subjects["site"].iloc[fold.test] == site).to_numpy()]
            expected = task.labels[rows].sum()
            assert (permuted[:, rows].sum(1) == expected).all()
    assert not (permuted == task.labels).all(1).any()


def test_labels_of_pairs_are_swapped_inside_the_pair():
    labels = np.tile([1.0, 0.0], 45)
    task = make_task(label=labels, cluster=[f"p{i // 2}" for i in range(90)])
    permuted = permute_labels(
        task, split(task, "repeated-cv"), n_permutations=200, seed=0
    )
    assert (permuted.reshape(200, 45, 2).sum(-1) == 1).all()
    np.testing.assert_allclose(permuted[:, 0].mean(), 0.5, atol=0.12)
    assert len(np.unique(find_blocks(task, np.zeros(90, dtype=int)))) == 45


def test_a_seal_counts_different_analyses_and_says_when(tmp_path):
    assert log_opening(tmp_path, "one") == 1
    assert log_opening(tmp_path, "one") == 1
    assert log_opening(tmp_path, "two") == 2
    log = json.loads((tmp_path / SEAL_FILE).read_text())
    assert [entry["settings"] for entry in log] == ["one", "two"]
    assert log[0]["opened"].endswith("Z")


def make_three(**columns):
    n = 36
    people = {"label": np.arange(n) % 3.0, "site": "a", "cohort": "x"} | columns
    task = make_task(n, kind="multiclass", **people)
    return replace(task, classes=("a", "b", "c"))


def test_groups_that_never_meet_in_a_fold_are_named():
    label = np.repeat([0.0, 1.0, 1.0, 2.0, 0.0, 1.0, 1.0, 2.0], 5)[:36]
    site = np.repeat(["A", "B", "C", "D"], 10)[:36]
    with pytest.raises(ConfigError, match="'a' and 'c' would never be tested in one"):
        split(make_three(label=label, site=site), "leave-one-site-out")
    assert split(make_three(site=site), "leave-one-site-out")


def test_two_groups_that_share_no_site_are_not_compared_over_sites():
    site = np.array(["A", "B", "C", "D"])[np.arange(90) % 4]
    label = (np.arange(90) % 2).astype(float)
    with pytest.raises(ConfigError, match="'control' and 'case' would never"):
        split(make_task(label=label, site=site), "leave-one-site-out")


def test_a_confound_is_not_isolated_from_groups_without_an_order():
    with pytest.raises(ConfigError, match="needs two groups, or groups in an order"):
        split(make_three(), "confound-isolating")
    ordered = replace(make_three(), kind="ordinal")
    assert split(ordered, "confound-isolating")
