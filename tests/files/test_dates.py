"""Dates and times of day are read as people write them; other cells are none."""

import pandas as pd
import pytest

from neurograft.files.dates import find_dates, parse_dates, parse_hours


@pytest.mark.parametrize(
    ("cell", "is_date"),
    [
        ("17.03.1961", True), ("17/3/61", True), ("1961-03-17", True),
        ("2020-01-02T09:30:00", True), (" 1.2.03", True), ("17.03.1961, seen", True),
        ("3.5", False), ("20-25", False), ("1.2.345", False), ("v1.2.3.4", False),
        ("04-Jan-2021", True), ("4. März 2021", True), ("January 04, 2021", True),
        ("04. 01. 2021", True), ("1st Sept 2021", True), ("Mar 2021", False),
        ("12 mg 2020", False), ("4 weeks 20", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_what_begins_with_a_date_is_found(cell, is_date):
    assert find_dates(pd.Series(["x", cell])).tolist() == [False, is_date]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["17.03.2021", "18.03.2021"], ["2021-03-17", "2021-03-18"]),
        (["03/17/2021", "03/04/2021"], ["2021-03-17", "2021-03-04"]),
        (["17/03/2021", "03/04/2021", "1/13/21"], ["2021-03-17", "2021-04-03", None]),
        (["4-Jan-69", "May 5, 2021"], ["1969-01-04", "2021-05-05"]),
        (["2021-02-30", "0000-01-01", "x", None], [None] * 4),
    ],
)
def test_the_column_tells_whether_days_stand_before_months(cells, wanted):
    found = parse_dates(pd.Series(cells, dtype=object))
    assert [None if pd.isna(one) else str(one.date()) for one in found] == wanted


def test_a_time_behind_a_date_is_kept_and_a_time_alone_is_an_hour():
    (found,) = parse_dates(pd.Series(["01.03.2021 2:45 pm"]))
    assert (found.hour, found.minute) == (14, 45)
    cells = pd.Series(["08:30", "12:00 AM", "24:10", "8", "at 9:00", None])
    assert parse_hours(cells).fillna(-1).tolist() == [8.5, 0, -1, -1, -1, -1]
