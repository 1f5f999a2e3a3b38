"""The proof of predictors draws people apart, counts them, and goes on later."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"

pytestmark = [pytest.mark.study, pytest.mark.slow]


@pytest.fixture(scope="module")
def proof():
    """The benchmark, which imports its neighbour as scripts do."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location("proof", FOLDER / "prediction.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(FOLDER))
    sys.modules.pop("prediction_pool")


def make_pool(n, rng, shift=0.0, refused=()):
    """Make people whose features follow group and age."""
    is_patient = np.arange(n) % 2.0
    age = rng.uniform(25, 80, n)
    signal = np.stack([is_patient - 0.5, (age - 52) / 16], axis=1)
    X = signal @ rng.normal(size=(2, 30)) + rng.normal(size=(n, 30)) + shift
    why = np.array([""] * n, dtype="<U20")
    why[list(refused)] = "NG703"
    facts = rng.normal(size=(n, 11))
    facts[:, -2:] = [9.0, 4.0]
    return {
        "encoder": X, "band-power": X + rng.normal(size=X.shape), "facts": facts,
        "age": age, "is_patient": is_patient, "is_female": (np.arange(n) // 2) % 2.0,
        "refused": why,
    }  # fmt: skip


@pytest.fixture(scope="module")
def judged(proof):
    rng = np.random.default_rng(0)
    rng_home = np.random.default_rng(1)
    home = make_pool(300, rng_home)
    far = make_pool(20, rng, shift=9.0, refused=(0, 1))
    return proof.judge_cohort({"clinic": home, "gain_10": far}, 3, n_repeats=1)


def test_nobody_new_was_learned_from(proof):
    home = make_pool(300, np.random.default_rng(1), refused=range(0, 300, 10))
    learned, new = proof.draw_cohort(home, 0)
    assert len(learned) == 80
    assert len(new) == 190  # all others, for 30 were refused
    assert not set(learned) & set(new)
    assert home["is_patient"][learned].sum() == 40
    assert (home["refused"][np.r_[learned, new]] == "").all()
    other, _ = proof.draw_cohort(home, 1)
    assert set(learned) != set(other)


def test_a_cohort_is_judged_by_task_and_method(judged):
    assert [(row["task"], row["method"]) for row in judged] == [
        ("disease", "encoder"), ("disease", "band-power"),
        ("age", "encoder"), ("age", "band-power"),
    ]  # fmt: skip
    disease, age = judged[0], judged[2]
    assert disease["auroc"] > 0.75
    assert 0.8 < disease["coverage"] <= 1
    assert 0.8 < age["coverage"] <= 1
    assert age["width"] > age["mean_absolute_error"]
    assert disease["distance:clinic"] < 0.2


def test_who_is_refused_or_far_is_noticed(judged):
    encoder, power = judged[:2]
    assert encoder["refused:gain_10"] == 0  # only band power needs its electrodes
    assert power["refused:gain_10"] == pytest.approx(0.1)
    assert encoder["distance:gain_10"] > 0.9
    assert power["noticed:gain_10"] >= power["refused:gain_10"]
    assert encoder["any:clinic"] >= encoder["noticed:clinic"]


def test_lines_are_appended_under_the_same_columns(proof, judged, tmp_path):
    proof.append(tmp_path, judged)
    proof.append(tmp_path, [row | {"cohort": 4} for row in judged])
    table = pd.read_csv(tmp_path / proof.FILE, sep="\t")
    assert table["cohort"].tolist() == [3] * 4 + [4] * 4
    np.testing.assert_allclose(
        table["coverage"][4:], [row["coverage"] for row in judged]
    )
    lines = list(proof.list_tables(table))
    assert lines[0] == "2 cohorts"
    slopes = [line for line in lines if line.startswith("| slope")]
    assert [line.count("|") for line in slopes] == [6, 6]
    assert any(line.startswith("| gain_10 | gain x 10 | 0.0% |") for line in lines)


def test_people_of_a_pool_are_described_and_those_without_a_region_refused(proof):
    pool = sys.modules["prediction_pool"]
    for name, code in (("clinic", ""), ("cap_8", "NG704")):
        one = replace(pool.POOLS[name], seed=5)
        found = pool.describe_shard(one, pool.list_people(one, 2))
        assert set(found["refused"]) == {code}
        assert found["encoder"].shape == (2, 3073)
        assert found["facts"].shape == (2, 11)
        assert np.isfinite(found["facts"]).all()
        assert set(found["is_patient"]) == {0.0, 1.0}
