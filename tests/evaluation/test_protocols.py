import json

import numpy as np
import pandas as pd
import pytest

from neurograft.config_evaluation import EvaluationConfig
from neurograft.config_tasks import View
from neurograft.errors import ConfigError
from neurograft.evaluation.permuting import find_blocks, permute_labels
from neurograft.evaluation.protocols import (
    SEAL_FILE,
    log_opening,
    make_protocol_splits,
)
from neurograft.evaluation.tasks import Task


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
    assert len(np.unique(find_blocks(task, split(task, "repeated-cv")))) == 45


def test_a_seal_counts_different_analyses_and_says_when(tmp_path):
    assert log_opening(tmp_path, "one") == 1
    assert log_opening(tmp_path, "one") == 1
    assert log_opening(tmp_path, "two") == 2
    log = json.loads((tmp_path / SEAL_FILE).read_text())
    assert [entry["settings"] for entry in log] == ["one", "two"]
    assert log[0]["opened"].endswith("Z")
