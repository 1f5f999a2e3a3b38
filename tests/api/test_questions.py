"""Estimators say whether a number or groups are asked for; labels where they do not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from neurograft.adaptation.alignment import AlignDomains
from neurograft.api.questions import (
    MAX_GROUPS,
    asks_number,
    check_estimators,
    get_estimator,
)
from neurograft.errors import ConfigError, DataError


class Silent(BaseEstimator):
    """An estimator that is neither regressor nor classifier."""

    def fit(self, X, y):
        return self


SCORES = pd.Series(np.arange(MAX_GROUPS) % 3)
AGES = pd.Series(np.arange(MAX_GROUPS + 1.0))


def test_the_estimator_decides_before_the_labels_do():
    assert asks_number({"r": Ridge()}, SCORES)
    assert asks_number({"r": make_pipeline(StandardScaler(), Ridge())}, SCORES)
    assert not asks_number({"c": LogisticRegression()}, SCORES)
    assert asks_number({"r": Ridge(), "s": Silent()}, SCORES)


def test_the_second_of_a_pair_decides():
    pair = (AlignDomains(), Ridge())
    assert get_estimator(pair) is pair[1]
    assert asks_number({"pair": pair}, SCORES)


def test_more_than_ten_numbers_are_a_number_where_no_estimator_says():
    ten = AGES[:MAX_GROUPS]
    assert ten.nunique() == 10
    assert not asks_number({"s": Silent()}, ten)
    assert asks_number({"s": Silent()}, AGES)
    with pytest.raises(DataError, match="y holds 11 groups"):
        asks_number({"s": Silent()}, AGES.astype(str))
    with pytest.raises(DataError, match="y holds 11 groups"):
        asks_number({"c": LogisticRegression()}, AGES)


def test_yes_and_no_are_groups_for_all_that_they_are_numbers_to_a_computer():
    answers = pd.Series([True, False] * 5)
    assert not asks_number({"s": Silent()}, answers)
    with pytest.raises(ConfigError, match="'r' predicts a number, and y holds True;"):
        asks_number({"r": Ridge()}, answers)


@pytest.mark.parametrize("name", ["dummy", "a@b", "a+b", "a:b", 3])
def test_names_that_mean_something_else_are_refused(name):
    check_estimators({"ridge": Ridge()})
    with pytest.raises(ConfigError, match="cannot be called"):
        check_estimators({name: Ridge()})


def test_three_of_a_kind_are_no_pair():
    with pytest.raises(ConfigError, match="or a pair"):
        check_estimators({"r": (AlignDomains(), AlignDomains(), Ridge())})
