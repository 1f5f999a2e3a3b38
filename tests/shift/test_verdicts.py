"""Verdicts on two cohorts: three families of tests, corrected together."""

import numpy as np
import pandas as pd
import pytest

from neurograft.shift.verdicts import find_shift


def make_factors(*p_values):
    names = ["age", "sex", "device"][: len(p_values)]
    return pd.DataFrame(
        {
            "factor": names,
            "p_bh": p_values,
            "size": 0.5,
            "in_source": "30 (5.0)",
            "in_target": "70 (5.0)",
        }
    )


def make_measures(p_domain, p_discrepancy):
    return pd.DataFrame(
        {
            "representation": "embedding",
            "measure": ["domain accuracy", "MMD2"],
            "value": [0.9, 0.1],
            "ci_low": [0.8, np.nan],
            "ci_high": [1.0, np.nan],
            "p": [p_domain, p_discrepancy],
        }
    )


@pytest.mark.parametrize(
    ("factors", "measures", "p"),
    [
        (make_factors(0.01, 0.5), make_measures(0.5, 0.5), 0.03),
        (make_factors(0.5), make_measures(0.001, 0.5), 0.003),
        (make_factors(0.5), make_measures(np.nan, np.nan), 1.0),
        (make_factors(0.04), make_measures(0.5, 0.5), 0.12),
    ],
)
def test_the_smallest_of_three_families_is_multiplied_by_three(factors, measures, p):
    assert find_shift(factors, measures)[0] == pytest.approx(p)


def test_the_first_factor_that_differs_is_named():
    measures = make_measures(0.5, 0.5)
    assert find_shift(make_factors(0.2, 0.01, 0.001), measures)[1] == "sex"
    assert find_shift(make_factors(0.2, 0.3), measures)[1] == ""
