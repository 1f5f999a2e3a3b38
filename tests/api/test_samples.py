"""Rows become people: once each, in the order in which they come."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from neurograft.api.samples import gather_samples, list_known_factors, make_task
from neurograft.errors import DataError

L, R = {"l": LogisticRegression()}, {"r": Ridge()}


def gather(y, groups=None, *, estimators=L, **columns):
    X = np.arange(len(y), dtype=float)[:, None]
    given = dict.fromkeys(("age", "sex", "site", "domain")) | columns
    return gather_samples(estimators, X, y, groups, given)


def test_rows_of_a_person_are_found_in_any_order_and_gaps_are_filled():
    found = gather(
        ["x", "y", "x", "y", "x"], ["b", "a", "b", "a", "c"], age=[None, 30, 40, 30, 50]
    )
    assert found.people["participant_id"].tolist() == ["b", "a", "c"]
    assert found.row_of.tolist() == [0, 1, 0, 1, 2]
    assert found.people["age"].tolist() == [40, 30, 50]
    assert found.people["label"].tolist() == [0, 1, 0]


def test_groups_are_numbered_in_their_own_order_not_that_of_their_texts():
    found = gather([10, 2, 2, 10, 2])
    assert found.classes == ("2", "10")
    assert found.people["label"].tolist() == [1, 0, 0, 1, 0]
    assert found.people["group"].tolist() == ["10", "2", "2", "10", "2"]


def test_the_kind_follows_from_groups_and_people():
    assert gather(["a", "b"] * 3).kind == "classification"
    assert gather(["a", "b", "c"] * 2).kind == "multiclass"
    assert gather([1.0, 2.0, 1.0], estimators=R).kind == "regression"
    assert gather(["a", "b"] * 3, [0, 0, 1, 1, 2, 2]).kind == "contrast"
    with pytest.raises(DataError, match="0 has two values of 'y'"):
        gather(["a", "b", "a", "b"], [0, 0, 1, 2])


def test_a_contrast_has_two_rows_per_person_each_in_its_own_view():
    samples = gather(["open", "closed", "open", "closed"], [7, 7, 8, 8])
    task = make_task("eyes", samples)
    assert samples.row_of.tolist() == [0, 1, 2, 3]
    assert task.classes == ("closed", "open")
    names = [task.views[view].cohort for view in task.subjects["view"]]
    assert names == task.subjects["group"].tolist()
    assert task.clusters.tolist() == [0, 0, 1, 1]
    assert task.is_within


def test_a_person_has_one_age_and_may_lack_it_somewhere():
    y, who = ["a", "a", "b", "b"], [0, 0, 1, 1]
    assert gather(y, who, age=[30, np.nan, 40, 40]).people["age"].tolist() == [30, 40]
    with pytest.raises(DataError, match="1 has two values of 'age'"):
        gather(y, who, age=[30, 30, 40, 41])
    with pytest.raises(DataError, match="1 has two values of 'sample_domain'"):
        gather(y, who, domain=[1, 1, 1, -2], site=["h"] * 4)


def test_labels_that_are_all_the_same_are_shown_as_they_were_written():
    with pytest.raises(DataError, match=r"y holds one value, 3\.0; nothing"):
        gather([3.0, 3.0], estimators=R)


def test_a_domain_is_a_site_where_none_is_named():
    y = ["a", "b", "a", "b"]
    assert gather(y, domain=[1, 1, -2, -2]).people["site"].tolist() == [
        "domain 1",
        "domain 1",
        "domain -2",
        "domain -2",
    ]
    assert set(gather(y, domain=[1, 1, -2, -2], site=["h"] * 4).people["site"]) == {"h"}


ROUNDED = np.array([20.0, 31.0, 42.0, 53.0, 64.0])


@pytest.mark.parametrize(
    ("age", "target"),
    [
        (ROUNDED, "age"),
        (ROUNDED + np.array([1, -1, 0, 1, -1]), "age"),  # rounded to a year
        (ROUNDED * 12, "age"),  # in months
        (-ROUNDED, "age"),  # year of birth
        (ROUNDED[::-1] % 7, ""),
        (np.full(5, np.nan), ""),
    ],
)
def test_age_is_no_covariate_of_itself(age, target):
    samples = gather(ROUNDED, estimators=R, age=age)
    task = make_task("t", samples)
    assert task.target == target
    is_factor = "age" in list_known_factors(task, samples)
    assert is_factor == (not target and np.isfinite(age).all())


def test_sex_is_no_covariate_of_itself_in_whatever_words():
    y = ["female", "male", "female", "male"]
    assert make_task("t", gather(y, sex=["F", "M", None, "M"])).target == "sex"
    assert make_task("t", gather(y, sex=["F", "M", "M", "M"])).target == ""
    assert make_task("t", gather(y)).target == ""


def test_a_site_refuses_claims_and_an_age_does_not():
    y = ["a", "b", "a", "b"]
    samples = gather(y, site=["h", "h", "k", "k"], age=[1, 2, 3, 4])
    task = make_task("t", samples)
    factors = list_known_factors(task, samples)
    assert {name: one.refuses for name, one in factors.items()} == {
        "age": False,
        "site": True,
    }
    pd.testing.assert_series_equal(factors["site"].values, task.subjects["site"])
