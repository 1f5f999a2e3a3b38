"""A task has the tables of its kind."""

import numpy as np
import pytest

from neurograft.evaluation.details.tables import make_detail_tables

SETTINGS = {"n_bootstraps": 20, "seed": 0}
GROUPS = {"answers", "confusion", "roc", "operating", "calibration"}


def test_two_groups_have_all_and_net_benefit_with_a_prevalence(make_groups):
    one = make_groups()
    assert set(make_detail_tables(one, prevalence=None, **SETTINGS)) == GROUPS
    found = make_detail_tables(one, prevalence=0.1, **SETTINGS)
    assert set(found) == GROUPS | {"net_benefit"}
    for table in found.values():
        assert list(table)[:2] == ["task", "method"]
        assert set(table["method"]) == {"riemann", "dummy"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("multiclass", {"answers", "confusion"}), ("regression", {"answers"})],
)
def test_other_kinds_have_what_can_be_said_of_them(evaluate_by_hand, kind, expected):
    labels = np.arange(12) % 3
    said = np.eye(3)[labels][None] if kind == "multiclass" else labels
    one = evaluate_by_hand(kind, labels, {"a": said})
    assert set(make_detail_tables(one, prevalence=0.1, **SETTINGS)) == expected


@pytest.mark.parametrize("sizes", [(3, 2), (4, 1), (1, 1)])
def test_a_handful_of_people_has_every_table(make_groups, sizes):
    one = make_groups(sizes=sizes, n_folds=1)
    found = make_detail_tables(one, prevalence=0.1, **SETTINGS)
    assert set(found) == GROUPS | {"net_benefit"}
    counts = found["confusion"].groupby("method")["n"].sum()
    assert (counts == sum(sizes)).all()
    rates = found["operating"].query("measure in ['sensitivity', 'specificity']")
    assert np.isfinite(rates[["value", "ci_low", "ci_high"]]).all(axis=None)
    assert (rates["ci_low"] < rates["ci_high"]).all()
