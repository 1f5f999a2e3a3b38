"""Curves hold the AUROC of the results, with a band that is honest."""

import numpy as np
import pytest

from neurograft.evaluation.details.once import resample_tested
from neurograft.evaluation.details.roc import tabulate_roc
from neurograft.evaluation.results.comparisons import tabulate_comparisons

SETTINGS = {"n_bootstraps": 200, "seed": 1}


def tabulate(one):
    return tabulate_roc(one, resample_tested(one, **SETTINGS))


def test_the_area_is_the_auroc_of_the_results(make_groups):
    one = make_groups()
    values, _ = tabulate_comparisons(one, equivalence_margin=0.05, **SETTINGS)
    values = values[values["metric"] == "AUROC"].set_index("method")
    roc = tabulate(one)
    assert len(roc) == 2 * 101
    for method, curve in roc.groupby("method"):
        rate = curve["false_positive_rate"]
        for column, aim in (("sensitivity", "value"), ("ci_low", "ci_low")):
            area = np.trapezoid(curve[column], rate)
            # A band point by point is wider than the interval of the area.
            slack = 0.006 if aim == "value" else 0.2
            assert area == pytest.approx(values.loc[method, aim], abs=slack)
        assert (curve["ci_low"] <= curve["sensitivity"] + 1e-5).all()
        assert (curve["sensitivity"] <= curve["ci_high"] + 1e-5).all()


def test_who_says_the_same_of_all_is_on_the_diagonal(make_groups):
    roc = tabulate(make_groups())
    dummy = roc[roc["method"] == "dummy"]
    np.testing.assert_allclose(dummy["sensitivity"], dummy["false_positive_rate"])


def test_a_perfect_curve_is_not_certain(evaluate_by_hand):
    labels = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    one = evaluate_by_hand(
        "classification",
        labels,
        {"a": labels, "b": 1 - labels},
        in_fold=np.arange(20) % 2,
    )
    roc = tabulate(one)
    perfect, wrong = (roc[roc["method"] == method] for method in "ab")
    assert (perfect["sensitivity"] == 1).all()
    assert perfect["ci_low"].iloc[:-1].between(0.69, 0.70).all()  # 10 of 10 cases
    assert perfect["ci_low"].iloc[-1] == 1
    assert wrong["ci_high"].iloc[:-1].between(0.30, 0.31).all()
    assert roc[["n_positive", "n_negative"]].drop_duplicates().values.tolist() == [
        [10, 10]
    ]


def test_who_was_not_tested_is_not_counted(make_groups):
    one = make_groups()
    p = one.full["riemann"].predictions
    p.scores[:, :5] = np.nan
    roc = tabulate(one)
    own = roc[roc["method"] == "riemann"].iloc[0]
    assert own["n_positive"] + own["n_negative"] == len(p.labels) - 5


@pytest.mark.parametrize("sizes", [(3, 2), (1, 1)])
def test_few_people_have_a_curve_with_a_wide_band(make_groups, sizes):
    roc = tabulate(make_groups(sizes=sizes, n_folds=1))
    own = roc[roc["method"] == "riemann"]
    assert own["ci_high"].sub(own["ci_low"]).max() > 0.5
    assert np.isfinite(own[["sensitivity", "ci_low", "ci_high"]]).all(axis=None)


def test_without_a_fold_of_both_groups_there_is_no_row(evaluate_by_hand):
    one = evaluate_by_hand("classification", [0, 0, 1, 1], {"a": [0.1, 0.2, 0.3, 0.4]})
    assert tabulate(one).empty
