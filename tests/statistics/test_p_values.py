"""Adjusted p-values are those of the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neurograft.statistics.p_values import holm


def test_holm_equals_its_definition():
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.2, 7)
    order = np.argsort(p)
    expected = np.empty(7)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, p[index] * (7 - rank)))
        expected[index] = running
    np.testing.assert_allclose(holm(p), expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_values_keep_their_order_and_never_fall(p_values):
    p = np.array(p_values)
    adjusted = holm(p)
    assert ((adjusted >= p) & (adjusted <= 1)).all()
    order = np.argsort(p)
    assert (np.diff(adjusted[order]) >= 0).all()
    assert adjusted[order[0]] == min(1, p.min() * len(p))
