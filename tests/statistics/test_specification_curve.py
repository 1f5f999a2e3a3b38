import numpy as np
import pandas as pd
import pytest

from neurograft.statistics.specification_curve import (
    judge_specifications,
    sort_specifications,
)


def test_dependent_specifications_are_not_counted_as_evidence_each():
    rng = np.random.default_rng(0)
    significant = 0
    for _ in range(300):
        shared = rng.normal(size=(200, 1))
        everything = shared + 0.1 * rng.normal(size=(200, 12))
        found = judge_specifications(everything[0], everything[1:])
        significant += found.p_median <= 0.05
        assert 0 <= found.share_significant <= 1
    assert significant / 300 == pytest.approx(0.05, abs=0.03)


def test_an_effect_in_all_specifications_is_found():
    rng = np.random.default_rng(1)
    found = judge_specifications(np.full(8, 3.0), rng.normal(size=(199, 8)))
    assert found.share_significant == 1.0
    assert found.p_median == found.p_share == 1 / 200
    assert found.median == 3.0


def test_an_effect_in_one_specification_only_is_not():
    rng = np.random.default_rng(2)
    observed = np.concatenate([[4.0], np.zeros(11)])
    found = judge_specifications(observed, rng.normal(size=(199, 12)))
    assert found.p_median > 0.2
    assert found.share_significant == pytest.approx(1 / 12)


def test_rows_are_sorted_by_value():
    table = pd.DataFrame({"value": [0.7, 0.5, 0.6], "ci_low": 0.0, "ci_high": 1.0})
    assert sort_specifications(table)["value"].tolist() == [0.5, 0.6, 0.7]
