"""Cells that begin with a date are found, and numbers and bins of ages are not."""

import pandas as pd
import pytest

from neurograft.files.dates import find_dates


@pytest.mark.parametrize(
    ("cell", "is_date"),
    [
        ("17.03.1961", True), ("17/3/61", True), ("1961-03-17", True),
        ("2020-01-02T09:30:00", True), (" 1.2.03", True), ("17.03.1961, seen", True),
        ("3.5", False), ("20-25", False), ("1.2.345", False), ("v1.2.3.4", False),
        ("", False), (None, False),
    ],
)  # fmt: skip
def test_what_begins_with_a_date_is_found(cell, is_date):
    assert find_dates(pd.Series(["x", cell])).tolist() == [False, is_date]
