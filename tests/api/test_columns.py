"""Columns of every container are read by row, and what is missing stays missing."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from neurograft.api.columns import (
    read_ages,
    read_column,
    read_features,
    read_names,
    read_numbers,
    read_sexes,
)
from neurograft.errors import DataError
from neurograft.harmonising.windowed import Harmonised


def test_a_person_has_one_name_however_the_number_is_stored():
    given = [1, 1.0, "1", np.int64(1), np.float64(1), 1.5, None, np.nan, pd.NA]
    expected = ["1", "1", "1", "1", "1", "1.5", None, None, None]
    assert read_names(given, "groups", len(given)) == expected


def test_a_column_is_read_by_row_not_by_index():
    backwards = pd.Series(["a", "b", "c"], index=[2, 1, 0])
    assert read_column(backwards, "site", 3) == ["a", "b", "c"]
    assert read_column(pd.DataFrame({"site": ["a", "b"]}), "site", 2) == ["a", "b"]
    with pytest.raises(DataError, match="site has 2x2 values and y has 2"):
        read_column([["a", "b"], ["c", "d"]], "site", 2)


def test_rows_with_infinite_numbers_are_counted_once_and_gaps_are_let_through():
    X = np.zeros((3, 2))
    X[0] = np.nan
    assert np.isnan(read_features(X, "X")[0]).all()
    X[1] = [np.inf, -np.inf]
    with pytest.raises(DataError, match="X: 1 of 3 rows hold infinite"):
        read_features(X, "X")


def test_features_have_a_row_each_whatever_holds_them():
    X = np.arange(6.0).reshape(3, 2)
    for given in (X, X.tolist(), pd.DataFrame(X), csr_matrix(X)):
        np.testing.assert_array_equal(read_features(given, "X"), X)
    assert read_features(X[:, 0], "X").tolist() == [[0], [2], [4]]
    assert read_features(np.zeros((3, 2, 5)), "X").shape == (3, 2, 5)
    gaps = pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})
    np.testing.assert_array_equal(read_numbers(gaps, "X"), [[1.0], [np.nan]])


def test_recordings_stay_what_they_are_as_one_column():
    recordings = [Harmonised.__new__(Harmonised) for _ in range(3)]
    found = read_features(recordings, "X")
    assert found.shape == (3,)
    assert all(a is b for a, b in zip(found, recordings, strict=True))


def test_ages_and_sexes_are_read_from_the_usual_spellings():
    ages = read_ages(["30", 40.5, None], 3)
    assert ages[:2] == [30.0, 40.5]
    assert np.isnan(ages[2])
    assert read_sexes(["f", "Male", None, "FEMALE"], 4) == ["F", "M", None, "F"]
    with pytest.raises(DataError, match="sex holds 'x'"):
        read_sexes(["F", "x"], 2)
