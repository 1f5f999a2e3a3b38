"""Ages in any unit and spelling are years, or nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from neurograft.cohorts.ages import (
    find_damaged_units,
    note_ages,
    parse_ages,
    read_age_unit,
)


def parse(*cells, unit="years"):
    table = pd.DataFrame({"age": pd.Series(cells, dtype=object)})
    return parse_ages(table, "age", unit).tolist()


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("41", 41), ("41.5", 41.5), ("41,5", 41.5), ("41 years", 41), ("41y", 41),
        ("41 Jahre alt", 41), ("18 months", 1.5), ("730.5 days", 2), ("20-25", 22.5),
        ("20\u201325", 22.5), ("20 to 25 years", 22.5), ("[20, 30)", 25), ("89+", 89),
        ("> 89", 89), (">=65", 65), ("89 or older", 89), ("12-18 months", 1.25),
        ("91 J.", 91), ("91 J", 91), ("41 yrs.", 41), ("85-91 J.", 88),
    ],
)  # fmt: skip
def test_every_spelling_of_an_age_is_years(cell, years):
    assert parse(cell) == [pytest.approx(years)]


@pytest.mark.parametrize(
    "cell",
    ["999", "-9", "0", "130", "1980", "1980-05-01", "01.05.1980", "5/1980", "adult",
     "inf", "-5", "30 m", "12 x 3", "17.3.", "J.", None, ""],
)  # fmt: skip
def test_what_no_person_can_be_is_no_age(cell):
    assert np.isnan(parse(cell)).all()


@pytest.mark.parametrize(
    ("unit", "per_year"),
    [("years", 1), ("months", 12), ("weeks", 52.18), ("days", 365.25)],
)
def test_numbers_are_in_the_unit_of_their_column(unit, per_year):
    years = np.array([2.0, 7.5, 40.0])
    cells = [f"{x:.6f}" for x in years * per_year]
    np.testing.assert_allclose(parse(*cells, unit=unit), years, rtol=1e-3)
    assert parse("3 years", unit=unit) == [3.0]
    assert parse("3 J.", unit=unit) == [3.0]


@pytest.mark.parametrize(
    ("entry", "column", "unit"),
    [
        ({"Units": "months"}, "age", "months"),
        ({"Units": "Month"}, "Age", "months"),
        ({"Units": "year"}, "age_months", "years"),
        ({"Units": "n/a"}, "age", "years"),
        ({"Units": "decades"}, "age", "decades"),
        ({"Units": 5}, "age", "years"),
        ("months", "age", "months"),
        ("age at the recording", "age", "years"),
        ({"units": "months"}, "age", "months"),
        ({"Unit": "month"}, "age", "months"),
        ({"LongName": "Age in months"}, "age", "months"),
        ({}, "ageInMonths", "months"),
        ({}, "AgeDays", "days"),
        ({}, "age_months", "months"),
        ({}, "age in days", "days"),
        ({}, "age_on_recording_day", "years"),
        ({}, "Age (test day)", "years"),
        ({"Units": "day"}, "age", "days"),
        ({"Description": "age in months at recording"}, "age", "months"),
        ({"Description": "Alter in Monaten"}, "age", "months"),
        ({"Description": "age of a participant on the day of testing"}, "age", "years"),
        ({"Description": "age in weeks, 2 days at most off"}, "age", "weeks"),
        ({"Description": "age in months", "Units": "years"}, "age", "years"),
        ({"Description": "months, or years"}, "age_days", "days"),
    ],
)
def test_the_unit_stands_beside_the_table_or_in_the_name(tmp_path, entry, column, unit):
    path = tmp_path / "participants.tsv"
    path.with_suffix(".json").write_text(json.dumps({column: entry}))
    table = pd.DataFrame({column: ["20"]})
    assert read_age_unit(path, table, column.lower()) == unit


@pytest.mark.parametrize("content", [b"{broken", b"[" * 99_999, b"[]", b"\xff"])
def test_a_broken_description_of_the_table_costs_nothing(tmp_path, content):
    (tmp_path / "participants.json").write_bytes(content)
    table = pd.DataFrame({"age": ["20"]})
    assert read_age_unit(tmp_path / "participants.tsv", table, "age") == "years"
    assert read_age_unit(tmp_path / "other.tsv", table, "alter") == "years"
    assert find_damaged_units(tmp_path / "other.tsv") == []


def test_a_broken_description_of_the_table_is_said(tmp_path):
    (tmp_path / "participants.json").write_text("{broken")
    (sentence,) = find_damaged_units(tmp_path / "participants.tsv")
    assert sentence.startswith("participants.json is not JSON")
    (tmp_path / "participants.json").write_text("{}")
    assert find_damaged_units(tmp_path / "participants.tsv") == []


def test_a_code_for_what_is_missing_is_no_age_where_nobody_is_nearly_as_old():
    young = pd.DataFrame({"age": ["21", "25", "99", "999"]})
    assert parse_ages(young, "age").dropna().tolist() == [21, 25]
    assert "2 ages cannot be" in note_ages(young, "age")[0]
    old = pd.DataFrame({"age": ["21", "45", "99"]})
    assert parse_ages(old, "age").tolist() == [21, 45, 99]
    months = pd.DataFrame({"age": ["20", "30", "99"]})
    assert parse_ages(months, "age", "months").notna().all()


def test_what_was_read_otherwise_than_written_is_said():
    table = pd.DataFrame({"age": ["20", "89+", "40-60"]})
    assert note_ages(table, "age", "months") == [
        "ages are in months: they are converted to years",
        "1 age is read from a bin: its middle is taken",
        "1 age is read from a limit such as 89+: the limit is taken",
    ]
    assert "ages are in decades: they are taken as years" in note_ages(
        table, "age", "decades"
    )
