"""A specification curve is made of what was tested, and says when nothing was."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.study import StudyConfig
from neurograft.errors import ConfigError, DataError
from neurograft.files.tables import read_table
from neurograft.study.specify import (
    Found,
    Specification,
    list_specifications,
    write_specifications,
)

SETTINGS = StudyConfig.model_validate(
    {
        "name": "s",
        "cohorts": {"c": {"folder": "c"}},
        "pretraining": {"shipped": "tiny"},
        "tasks": {"t": {"kind": "regression", "cohort": "c", "column": "age"}},
    }
)


def find(p_values, n_permutations=19, task="t"):
    """Results of one combination: a method for each p-value."""
    rng = np.random.default_rng(0)
    methods = [f"method-{number}" for number in range(len(p_values))]
    results = pd.DataFrame(
        {
            "task": task, "method": methods, "metric": "AUROC",
            "value": [np.nan if p != p else 0.7 for p in p_values],
            "ci_low": 0.6, "ci_high": 0.8, "p_permutation": p_values, "n_subjects": 20,
        }
    )  # fmt: skip
    permuted = {
        f"{task}:{method}": np.array([np.nan if p != p else 0.7, *rng.random(19)])
        for method, p in zip(methods, p_values, strict=True)
    }
    return Found(results, permuted if n_permutations else {}, {task: ("c/1", "c/2")})


def write(folder, *found):
    specifications = [
        Specification({"harmonise.l_freq": number}, SETTINGS)
        for number in range(len(found))
    ]
    write_specifications(folder, specifications, found)
    return read_table(folder / "tests.tsv").set_index("task")


def test_a_method_that_could_not_be_scored_spoils_no_median(tmp_path):
    tests = write(tmp_path, find([0.05, np.nan]), find([0.05, 0.05]))
    assert tests.loc["t", "n_specifications"] == 3
    assert tests.loc["t", "median"] == pytest.approx(0.7)
    assert np.isfinite(tests.loc["t", "p_median"])


def test_nothing_that_was_permuted_is_one_sentence(tmp_path):
    for found in (find([np.nan, np.nan]), find([np.nan], n_permutations=0)):
        with pytest.raises(DataError, match=r"no method .* permuted labels.*\.$"):
            write(tmp_path, found, found)


def test_p_values_without_their_permutations_are_not_judged_together(tmp_path):
    found = find([0.05, 0.05], n_permutations=0)
    tests = write(tmp_path, found, found)
    assert tests.loc["t", "n_specifications"] == 0
    assert np.isnan(tests.loc["t", ["median", "p_median"]].astype(float)).all()


@pytest.mark.parametrize("holdout", [{}, {"set": ["b"]}])
def test_a_hold_out_is_not_opened_once_for_every_combination(holdout):
    whole = SETTINGS.model_dump()
    whole["specification"]["choices"] = {"harmonise.l_freq": [0.5, 1.0]}
    assert len(list_specifications(StudyConfig.model_validate(whole))) == 2
    whole["evaluation"] |= {"protocol": "hold-out", "holdout": holdout}
    with pytest.raises(ConfigError, match="would open the hold-out as often"):
        list_specifications(StudyConfig.model_validate(whole))
