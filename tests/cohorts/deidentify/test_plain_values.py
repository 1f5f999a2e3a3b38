"""A number stays if it is short and no date; a date is seen however it is written."""

import pytest

from neurograft.cohorts.deidentify.plain_values import (
    has_few_digits,
    holds_date,
    holds_long_number,
    is_plain_number,
    is_year,
)


@pytest.mark.parametrize(
    ("text", "stays"),
    [("15.4883", True), ("1000.5", True), ("99999", True), ("100000", False),
     ("0.123456", True), ("0.1234567", False), ("-3,5", True), ("1e-05", True),
     ("17.031961", False), ("17,031961", False), ("03.1961", False),
     ("10.1991", False), ("12,1993", False), ("13.1991", True), ("3.1991", True),
     ("1903.04", True), ("12.5", True), ("4711234", False), ("", False), (".", False),
     ("nan", False), ("inf", False), ("1961-03-17", False), ("17.03.61", False)],
)  # fmt: skip
def test_short_numbers_stay(text, stays):
    assert is_plain_number(text) == stays


def test_times_may_be_longer_and_look_like_dates():
    assert has_few_digits("604800.123456789", whole=7, decimals=20)
    assert has_few_digits("17.031961", whole=7, decimals=20)
    assert not has_few_digits("4711234567", whole=7, decimals=20)


@pytest.mark.parametrize(
    "text",
    ["17.03.1961", "17.3.61", "17/03/1961", "17-03-1961", "1961-03-17", "1961/3/17",
     "seen on 17. 03. 1961", "2019-03", "03/1961", "17.031961"],
)  # fmt: skip
def test_dates_are_seen(text):
    assert holds_date(text)


@pytest.mark.parametrize("text", ["3.5", "10-20", "F32.1", "1.5-45", "v2.1", "20-25"])
def test_other_numbers_are_no_dates(text):
    assert not holds_date(text)


def test_long_numbers_and_years_are_seen():
    assert holds_long_number("no 47112")
    assert not holds_long_number("4711 2345")
    assert [is_year(one) for one in ("1961", "1961.0", "2035", "1899", "61", "1961.5")
            ] == [True, True, True, False, False, False]  # fmt: skip
