"""Predictive values and net benefit are what counting people would give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.statistics.metrics.operating import (
    Rates,
    find_negative_value,
    find_net_benefit,
    find_positive_value,
    find_rates,
    move_probability,
)

share = st.floats(0.02, 0.98)


def of(sensitivity, specificity):
    return Rates(np.array([sensitivity]), np.array([specificity]))


def test_rates_are_shares_of_each_group():
    called = np.array([True, True, False, False, True])
    labels = np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    weights = np.array([[1.0] * 5, [1, 1, 2, 3, 0]])
    rates = find_rates(called, labels, weights)
    np.testing.assert_allclose(rates.sensitivity, [2 / 3, 1 / 2])
    np.testing.assert_allclose(rates.specificity, [1 / 2, 1])


def test_predictive_values_at_the_share_of_the_sample_are_those_counted():
    hits, rejected = 30, 90  # beside 10 misses and 20 alarms
    rates = of(hits / 40, rejected / 110)
    prevalence = 40 / 150
    assert find_positive_value(rates, prevalence)[0] == pytest.approx(30 / 50)
    assert find_negative_value(rates, prevalence)[0] == pytest.approx(90 / 100)


@given(share, share)
def test_a_coin_leaves_the_prevalence_as_it_is(prevalence, called):
    coin = of(called, 1 - called)
    assert find_positive_value(coin, prevalence)[0] == pytest.approx(prevalence)
    assert find_negative_value(coin, prevalence)[0] == pytest.approx(1 - prevalence)


def test_a_value_of_nobody_is_missing():
    assert np.isnan(find_positive_value(of(0.0, 1.0), 0.1))
    assert np.isnan(find_negative_value(of(1.0, 0.0), 0.1))


@given(st.floats(0.001, 0.999), share, share)
def test_moving_a_probability_keeps_the_likelihood_ratio(p, ours, theirs):
    moved = move_probability(np.array([p]), share=ours, prevalence=theirs)[0]

    def odds(value):
        return value / (1 - value)

    assert odds(moved) / odds(theirs) == pytest.approx(odds(p) / odds(ours), rel=1e-6)
    back = move_probability(np.array([moved]), share=theirs, prevalence=ours)[0]
    assert back == pytest.approx(p, rel=1e-6)


def test_certainty_is_never_moved():
    sure = np.array([0.0, 1.0])
    assert move_probability(sure, share=0.5, prevalence=0.01).tolist() == [0, 1]


def test_net_benefit_is_hits_less_alarms_by_the_odds():
    # 1 000 people, 20 of them ill; 16 hits and 98 alarms, one hit is worth four alarms.
    found = find_net_benefit(of(16 / 20, 1 - 98 / 980), 0.02, 0.2)
    assert found[0] == pytest.approx(16 / 1000 - 98 / 1000 / 4)


@given(share, st.floats(0.01, 0.99))
def test_net_benefit_of_nobody_is_nothing_and_of_everybody_the_prevalence(pi, t):
    assert find_net_benefit(of(0.0, 1.0), pi, t)[0] == 0
    everybody = find_net_benefit(of(1.0, 0.0), pi, t)[0]
    assert everybody == pytest.approx((pi - t) / (1 - t), abs=1e-9)
    assert find_net_benefit(of(1.0, 0.0), pi, 1e-12)[0] == pytest.approx(pi)
