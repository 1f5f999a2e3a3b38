"""A design that cannot answer is refused; one that limps is pointed out."""

import numpy as np
import pandas as pd
import pytest

from neurograft.tasks.design_audit import (
    Factor,
    audit_design,
)


def make_design(rng, n=50):
    y = np.repeat([0.0, 1.0], n)
    day = np.where(y == 1, "day 1", "day 2").astype(object)
    day[:2], day[-3:] = "day 1", "day 2"
    return y, {
        "recording day": Factor(pd.Series(day), True),
        "eyes order": Factor(pd.Series(np.where(rng.random(2 * n) < 0.3 + 0.4 * y,
                                                "open", "closed")), False),
        "length": Factor(pd.Series(rng.normal(size=2 * n) + 0.9 * y), False),
        "age": Factor(pd.Series(rng.normal(size=2 * n)), False),
        "site": Factor(pd.Series(["here"] * (2 * n)), True),
    }  # fmt: skip


def test_complete_separation_is_refused_and_partial_warned_of():
    y, factors = make_design(np.random.default_rng(0))
    table = audit_design(y, factors).set_index("factor")
    assert table.index[0] == "recording day"
    assert table.loc["recording day", "severity"] == "refused"
    assert "under the same conditions" in table.loc["recording day", "sentence"]
    assert table.loc["eyes order", "severity"] == "warning"
    assert table.loc["length", "severity"] == "warning"
    assert 0.65 < table.loc["length", "value"] < 0.85
    assert "AUROC" in table.loc["length", "sentence"]
    assert table.loc["age", "severity"] == "none"
    assert "site" not in table.index  # it does not vary


def test_who_people_are_is_never_refused():
    y, _ = make_design(np.random.default_rng(1))
    same = pd.Series(np.where(y == 1, "F", "M"))
    assert (
        audit_design(y, {"sex": Factor(same, False)})["severity"].iloc[0] == "warning"
    )
    assert (
        audit_design(y, {"site": Factor(same, True)})["severity"].iloc[0] == "refused"
    )


@pytest.mark.slow
def test_a_random_design_rarely_alarms():
    rng = np.random.default_rng(2)
    y = np.repeat([0.0, 1.0], 40)
    alarms = 0
    for _ in range(200):
        factors = {
            "site": Factor(pd.Series(rng.choice(list("ab"), 80)), True),
            "age": Factor(pd.Series(rng.normal(size=80)), False),
            "order": Factor(pd.Series(rng.choice(list("xyz"), 80)), False),
        }
        alarms += (
            audit_design(y, factors)["severity"].isin(["warning", "refused"]).any()
        )
    assert alarms / 200 <= 0.08


def test_a_factor_that_fails_only_the_correction_is_noted():
    rng = np.random.default_rng(7)
    y = np.repeat([0.0, 1.0], 40)
    factors = {str(i): Factor(pd.Series(rng.normal(size=80)), False) for i in range(30)}
    women = np.r_[np.arange(14), 40 + np.arange(24)]
    sex = pd.Series(np.where(np.isin(np.arange(80), women), "F", "M"))
    factors["sex"] = Factor(sex, False)
    table = audit_design(y, factors).set_index("factor")
    assert table.loc["sex", "p"] < 0.05 < table.loc["sex", "p_bh"]
    assert table.loc["sex", "severity"] == "note"
    assert "not after correction" in table.loc["sex", "sentence"]


def test_a_column_with_a_value_of_its_own_for_everybody_says_nothing():
    y, _ = make_design(np.random.default_rng(3))
    labels = pd.Series([f"file-{i}" for i in range(len(y))])
    assert audit_design(y, {"file": Factor(labels, True)}).empty


def test_several_groups_show_the_worst_pair():
    rng = np.random.default_rng(4)
    y = np.repeat([0.0, 1.0, 2.0], 30)
    values = rng.normal(size=90) + 3 * (y == 2)
    row = audit_design(y, {"length": Factor(pd.Series(values), False)}).iloc[0]
    assert row["value"] > 0.95
    assert row["n"] == 90
