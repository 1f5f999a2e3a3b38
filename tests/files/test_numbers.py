"""Numbers as people write them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.files.numbers import (
    find_codes,
    find_unclear,
    has_decimal_commas,
    parse_numbers,
)

NUMBERS = st.lists(
    st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=1, max_size=8
)


def parse(*cells):
    return parse_numbers(pd.Series(cells, dtype=object)).tolist()


@given(NUMBERS)
def test_every_way_to_write_numbers_gives_the_numbers(numbers):
    plain = [f"{x:.2f}" for x in numbers]
    german = [f"{x:,.2f}".translate(str.maketrans(",.", ".,")) for x in numbers]
    for cells in (
        plain,
        [f"{x:,.2f}" for x in numbers],
        german,
        [text.replace(".", ",") for text in plain],
        [f"{x:,.2f}".replace(",", "'") for x in numbers],
        [f"{x:,.2f}".replace(",", "\u00a0") for x in numbers],
        [f" {text} " for text in plain],
    ):
        assert parse(*cells) == numbers, cells


@pytest.mark.parametrize(
    "cell",
    ["inf", "-inf", "1e400", "nan", "x", "", None, "1,2,3", "01.05.1980", "1980-05-01",
     "12,34,567", "0x10", "1_000", "5 mg", "--3"],
)  # fmt: skip
def test_what_is_no_finite_number_is_none(cell):
    assert np.isnan(parse(cell)).all()


def test_marks_are_learned_from_the_column():
    assert parse("12.5", "1,234") == [12.5, 1234.0]
    assert parse("12,5", "1.234") == [12.5, 1234.0]
    assert parse("12,5", "1,234") == [12.5, 1.234]
    assert parse("1,234,567", "1,234") == [1234567.0, 1234.0]
    assert parse("\u22125", "1e3") == [-5.0, 1000.0]


@pytest.mark.parametrize(
    ("cells", "unclear"),
    [
        (["1,234", "900"], ["1,234", "900"]),
        (["1.234", "1100", "900"], ["1.234", "1100"]),
        (["1,234", "90"], []),
        (["1,234", "900", "12,5"], []),
        (["1,234", "900", "12.5"], []),
        (["0,234", "900"], []),
        (["1,234", "2,345"], []),
    ],
)
def test_thousands_beside_hundreds_are_unclear(cells, unclear):
    assert find_unclear(pd.Series(cells)) == unclear


def test_codes_for_missing_numbers_are_far_from_all_others():
    def find(*numbers):
        return np.flatnonzero(find_codes(pd.Series(numbers, dtype=float))).tolist()

    assert find(3, 12, 999, -9, np.nan) == [2, 3]
    assert find(-20, -9, 3) == []
    assert find(50, 99, 30) == []
    assert find(3, 8, 99) == [2]
    assert find(999, 999) == []
    assert find(400, 999) == []


def test_decimal_commas_are_recognised():
    assert has_decimal_commas(pd.Series(["1,5", None]))
    assert not has_decimal_commas(pd.Series(["1.5", None]))
