"""Of a table of people, numbers, ages, dates and shared codes stay; nothing else."""

import pandas as pd
import pytest

from neurograft.cohorts.deidentify.people.known_people import (
    find_label_column,
    is_without_header,
    know_people,
    note_labels,
)
from neurograft.cohorts.deidentify.people.scrub_cells import shift_text
from neurograft.cohorts.deidentify.people.scrub_people import Scrubbing
from neurograft.cohorts.deidentify.people.sentences import OWN
from neurograft.cohorts.deidentify.scrubbing import Rules, Scrubber

SCRUBBER = Scrubber("secret")
HASHING = Scrubber("secret", hash_labels=True)
ALONE_ONCE = (
    "texts of 1 person that nobody else has: such a text can tell who that is "
    "(--keep-columns does not change this)"
)
NO_CODE = "that may be names, dates, years or long numbers, or have many words"
LABELS = ["sub-anna", "sub-bert", "sub-carl", "sub-dora"]


def scrub(columns, *, labels=LABELS, units=(), **options):
    """Scrub columns of four people; returns kept cells, and the sentences."""
    rules = Rules(options.pop("scrubber", SCRUBBER), **options)
    table = pd.DataFrame({"participant_id": labels, **columns}, dtype=object)
    table = table.mask(table == "n/a")
    people = know_people(labels, [(table, labels)])
    given = {"participant_id": rules.scrubber.relabel}
    kept, notes = Scrubbing(table, labels, rules, people, dict(units)).scrub(given)
    return kept.fillna("n/a").to_dict("list"), notes


@pytest.mark.parametrize(
    ("column", "cells", "kept"),
    [
        ("mmse", ["16", "22", "30", "29.5"], ["16", "22", "30", "29.5"]),
        ("score", ["1", "2", "1961", "4711234"], ["1", "2", "n/a", "n/a"]),
        ("beck", ["12,5", "17.031961", "3.25", "1e-05"],
         ["12,5", "n/a", "3.25", "1e-05"]),
        ("group", ["pain", "pain", "control", "control"],
         ["pain", "pain", "control", "control"]),
        ("diagnosis", ["F32.1", "F32.1", "Huber's", "control"],
         ["F32.1", "F32.1", "n/a", "control"]),
        ("diagnosis", ["pain", "pain", "a b c d e", "a b c d e"],
         ["pain", "pain", "n/a", "n/a"]),
        ("status", ["seen 17.03.1961"] * 2 + ["new"] * 2, ["n/a", "n/a", "new", "new"]),
        ("site", ["ward 47112"] * 2 + ["A"] * 2, ["n/a", "n/a", "A", "A"]),
        ("group", ["twin of anna"] * 2 + ["A"] * 2, ["n/a", "n/a", "A", "A"]),
        ("task", ["restanna"] * 2 + ["rest"] * 2, ["n/a", "n/a", "rest", "rest"]),
        ("ethnicity", ["latino"] * 4, ["latino"] * 4),
        ("hospital", ["A", "A", "B", "B"], ["A", "A", "B", "B"]),
        ("recording_group", ["2011", "2011", "2012", "2012"],
         ["2011", "2011", "2012", "2012"]),
        ("first_seizure", ["1998", "1998", "epilepsy", "epilepsy"],
         ["n/a", "n/a", "epilepsy", "epilepsy"]),
        ("treatment", ["1998", "drug", "drug", "17"], ["n/a", "drug", "drug", "17"]),
        ("alpha", ["3.1961", "4.5123", "7.0210", "2.2"],
         ["3.1961", "4.5123", "7.0210", "2.2"]),
        ("erkrankung", ["3.1991", "7.2003", "2", "2"], ["n/a", "n/a", "2", "2"]),
        ("sex", ["F", "weiblich", "Leak11F", "2"], ["F", "weiblich", "n/a", "2"]),
        ("Geschlecht", ["m", "Huber", "n/a", "w"], ["m", "n/a", "n/a", "w"]),
        ("handedness", ["R", "left", "-85", "Huber"], ["R", "left", "-85", "n/a"]),
        ("age", ["34", "17.03.1961", "1961", "Huber"], ["34", "n/a", "n/a", "n/a"]),
        ("Alter", ["34,5", "20-25", "89+", "17.031961"],
         ["34,5", "20-25", "89+", "n/a"]),
        ("age_range", ["7-12", "> 80", "12 years", "x"],
         ["7-12", "> 80", "12 years", "n/a"]),
    ],
)  # fmt: skip
def test_cells_that_stay(column, cells, kept):
    assert scrub({column: cells})[0][column] == kept


@pytest.mark.parametrize(
    ("column", "cells", "why"),
    [
        ("surgeon", ["Huber"] * 4, "their names say"),
        (
            "Patient",
            ["Huber", "Maier", "Wu", "Ito"],
            "their names do not say that these are codes",
        ),
        ("operator", ["A"] * 4, "their names say"),
        ("source_id", ["12", "13", "14", "15"], "their names say"),
        ("born", ["1", "2", "3", "4"], "their names say"),
        ("day", ["2019-03-04"] * 4, "their names do not say that these are codes"),
        ("hosp_no", ["4711"] * 4, "their names say"),
        ("Fallnummer", ["1", "2", "3", "4"], "their names say"),
        ("PatientID", ["1", "2", "3", "4"], "their names say"),
        ("Lastname", ["x"] * 4, "their names say"),
        ("city", ["1"] * 4, "their names say"),
        ("insured", ["4711234567"] * 4, "numbers may be dates"),
        ("Postleitzahl", ["8010"] * 4, "their names say"),
        ("jahrgang", ["61", "62", "63", "64"], "their names say"),
        (
            "erstmanifestation",
            ["10.1991", "12.1993", "3.1999", "4.2001"],
            "may be dates",
        ),
        ("diagnosis", ["Huber", "Maier", "Wu", "Ito"], "--keep-columns does not"),
        ("empty", ["n/a"] * 4, "they are empty"),
    ],
)
def test_columns_that_are_left_out_with_their_reason(column, cells, why):
    kept, (note,) = scrub({column: cells})
    assert list(kept) == ["participant_id"]
    assert note.startswith(f"columns left out: {column}: ")
    assert why in note


def test_a_column_that_the_user_names_keeps_shared_codes_and_never_names():
    columns = {
        "scl_type": ["low", "low", "Huber", "x"],
        "last_name": ["Huber", "Huber", "x", "x"],
    }
    kept, notes = scrub(columns, keep_columns=frozenset({"SCL_type", "last_name"}))
    assert kept["scl_type"] == ["low", "low", "n/a", "n/a"]
    assert "last_name" not in kept
    assert notes[1:] == [
        f"left out of scl_type: {ALONE_ONCE}",
        f"left out of scl_type: 1 cell {NO_CODE}",
        "texts that stay in scl_type, look at them: low",
        "names of columns that stay, look at them: scl_type",
    ]


def test_labels_of_other_people_are_hidden_as_their_own_are():
    columns = {
        "partner_id": ["sub-bert", "sub-anna", "n/a", "n/a"],
        "twin_19610317": ["sub-bert", "sub-anna", "n/a", "n/a"],
        "matched": ["sub-bert", "SUB-anna", "n/a", "Huber"],
        "group": ["carl", "pain", "pain", "pain"],
    }
    hidden = {label: HASHING.relabel(label) for label in LABELS}
    kept, _ = scrub(columns, scrubber=HASHING)
    assert list(kept) == ["participant_id", "partner_id", "matched", "group"]
    assert kept["partner_id"][0] == hidden["sub-bert"]
    assert kept["participant_id"] == list(hidden.values())
    assert kept["matched"] == [hidden["sub-bert"], hidden["sub-anna"], "n/a", "n/a"]
    assert kept["group"][0] == hidden["sub-carl"].removeprefix("sub-")
    assert scrub(columns)[0]["matched"][0] == "sub-bert"


@pytest.mark.parametrize(
    "labels", [["1", "2", "3", "4"], ["sub-01", "sub-02", "a", "b"]]
)
def test_short_labels_are_not_sought_among_numbers_and_codes(labels):
    columns = {"score": ["1", "2", "1", "01"], "site": ["a", "a", "b", "b"]}
    kept, notes = scrub(columns, labels=labels, scrubber=HASHING)
    assert kept["score"] == columns["score"]
    assert kept["site"] == columns["site"]
    assert notes == ["texts that stay in site, look at them: a, b"]


def test_columns_of_people_are_relabelled_also_where_labels_are_numbers():
    labels = ["sub-4711", "sub-101", "sub-ab", "sub-21"]
    new = {one: HASHING.relabel(one).removeprefix("sub-") for one in labels}
    columns = {
        "mother": ["n/a", "4711", "101.0", "1952"],
        "twin": ["1", "2", "ab", "yes"],
        "family": ["9001", "9001", "9002", "3"],
        "matched_subject": ["AB", "Huber", "SUB-21", "n/a"],
        "sessions": ["4711", "101", "21", "3"],
    }
    kept, _ = scrub(columns, labels=labels, scrubber=HASHING)
    assert kept["mother"] == ["n/a", new["sub-4711"], new["sub-101"], "n/a"]
    assert kept["twin"] == ["1", "2", new["sub-ab"], "yes"]
    assert kept["family"][0] == kept["family"][1] != kept["family"][2]
    assert not {"9001", "9002"} & {*kept["family"]}
    assert kept["family"][3] == "3"
    assert kept["matched_subject"] == [
        new["sub-ab"],
        "n/a",
        f"sub-{new['sub-21']}",
        "n/a",
    ]
    plain, _ = scrub(columns, labels=labels)
    assert plain["mother"] == ["n/a", "4711", "101", "n/a"]
    assert plain["family"] == columns["family"]


def test_numbers_of_measures_stay_beside_labels_that_are_the_same():
    labels = ["sub-21", "sub-101", "sub-4711", "sub-012"]
    new = HASHING.relabel("4711")
    columns = {
        "bdi": ["21", "12", "3", "101"],
        "height": ["101", "101", "101", "101"],
        "rt": ["4711", "512", "333", "101"],
        "site": ["4711", "4711", "101", "A"],
        "item": ["012", "12", "3", "4"],
    }
    kept, _ = scrub(columns, labels=labels, scrubber=HASHING)
    assert kept["bdi"] == columns["bdi"]
    assert kept["height"] == columns["height"]
    assert kept["rt"] == columns["rt"]
    assert kept["site"] == [new, new, "101", "n/a"]
    assert kept["item"] == [HASHING.relabel("012"), "12", "3", "4"]
    assert scrub(columns, labels=labels)[0]["item"] == columns["item"]


def test_a_column_that_holds_labels_by_its_numbers_is_left_out_unless_it_is_named():
    labels = ["sub-4711", "sub-4712", "sub-4713", "sub-4714"]
    columns = {
        "case": ["4711", "4712", "4713", "4714"],
        "rank": ["4711", "5", "6", "7"],
    }
    kept, notes = scrub(columns, labels=labels, scrubber=HASHING)
    assert "case" not in kept
    assert "labels of people" in notes[0]
    named = frozenset({"case"})
    kept, _ = scrub(columns, labels=labels, scrubber=HASHING, keep_columns=named)
    assert kept["case"] == columns["case"]


@pytest.mark.parametrize(
    ("labels", "cells", "is_kept"),
    [
        (["sub-01", "sub-02", "sub-03", "sub-04"], ["1", "2", "3", "9"], False),
        (["sub-01", "sub-02", "sub-03", "sub-04"], ["1", "2", "9", "9"], True),
        (["sub-01", "sub-02", "sub-03", "sub-04"], ["2", "3", "4", "1"], True),
        (["sub-1", "sub-1", "sub-1", "sub-1"], ["1", "1", "1", "1"], True),
    ],
)
def test_a_column_of_the_labels_of_its_own_rows_is_left_out(labels, cells, is_kept):
    for column, why in (("order", "are labels of people, too"), ("subject", OWN)):
        kept, notes = scrub({column: cells}, labels=labels, scrubber=HASHING)
        assert (column in kept) == is_kept
        assert any(why in note for note in notes) != is_kept
        assert column in scrub({column: cells}, labels=labels)[0]


def test_dates_are_shifted_and_what_is_none_is_removed():
    cells = ["2021-05-04T11:30:00", "04.05.2021", "0001-01-01", "Huber"]
    kept, notes = scrub({"acq_time": cells, "update": ["1", "2", "3", "4"]})
    assert kept["acq_time"] == [
        shift_text(cells[0], "sub-anna", SCRUBBER), "n/a", "n/a", "n/a",
    ]  # fmt: skip
    assert kept["acq_time"][0].endswith("T11:30:00")
    assert kept["update"] == ["1", "2", "3", "4"]
    assert notes == [
        "left out of acq_time: 3 cells without a date such as 2021-05-04",
        "names of columns that stay, look at them: update",
    ]


@pytest.mark.parametrize(
    ("column", "cells", "capped"),
    [
        ("age", ["34", "95", "90-94", "121", "89"], ["34", "89", "89", "89", "89"]),
        ("age", ["91 J.", "91 years", "91 Jahre", "91 Jahre alt"], ["89"] * 4),
        ("age", ["> 89", "90+", "89+", "88+"], ["89", "89", "89", "88+"]),
        ("age_years", ["34", "95"], ["34", "89"]),
        ("Lebensalter", ["34", "97 years"], ["34", "89"]),
        ("Age (months)", ["408", "1140", "1500"], ["408", "1068", "1068"]),
        ("agent", ["34", "95"], ["34", "95"]),
    ],
)
def test_high_ages_are_capped_in_the_unit_of_their_column(column, cells, capped):
    people = [f"sub-{number}" for number in range(len(cells))]
    for cap_age, expected in ((True, capped), (False, cells)):
        kept, _ = scrub({column: cells}, labels=people, cap_age=cap_age)
        assert kept[column] == expected


def test_ages_are_capped_in_the_unit_that_a_sidecar_says():
    cells = ["408", "1140", "n/a", "1200"]
    kept, _ = scrub({"age": cells}, units={"age": "months"}, cap_age=True)
    assert kept["age"] == ["408", "1068", "n/a", "1068"]


@pytest.mark.parametrize("name", ["sub-anna", "ANNA", "sub-9", "eeg/Huber.edf"])
def test_a_table_whose_first_line_is_data_is_seen(name):
    people = know_people(LABELS, [])
    assert is_without_header(pd.DataFrame(columns=[name, "x"]), people)
    assert not is_without_header(pd.DataFrame(columns=["participant_id", "x"]), people)


def test_labels_are_found_and_those_like_names_are_said():
    table = pd.DataFrame(columns=["Subject", "Patient"])
    assert find_label_column(table) == "Subject"
    assert find_label_column(table, "patient") == "Patient"
    assert find_label_column(table, "person") is None
    nobody = know_people([], [])
    (note,) = note_labels(["Huber Erika", "P 01"], SCRUBBER, nobody)
    assert note.startswith("1 label with several words")
    assert note_labels(["Huber, Erika"], SCRUBBER, nobody) == [note]
    assert note_labels(["Huber Erika"], HASHING, nobody) == []
    assert note_labels(["P01"], SCRUBBER, nobody) == []


@pytest.mark.parametrize(
    "header",
    ["visit_1961-03-17", "bmi_17_03_1961", "x47112", "seen_by_dora", "Dr_Huber_rating",
     "score_meier", "scoreMeier", "annarating", "Praxis Wu", "Score_P-77b"],
)  # fmt: skip
def test_a_column_whose_name_names_somebody_is_left_out_and_not_named(header):
    labels = ["sub-anna", "sub-dora", "sub-carl", "sub-p77b"]
    labels[-1] = "sub-P-77b"
    columns = {"surgeon": ["Meier", "Wu", "n/a", "n/a"], header: ["1", "2", "3", "4"]}
    kept, notes = scrub(columns, labels=labels)
    assert list(kept) == ["participant_id"]
    assert notes[1].startswith(
        "columns left out: column 3: the column's own name holds the name or label"
    )
    assert not [note for note in notes if header in note]


def test_known_words_in_names_of_columns_stay_beside_people_who_are_called_so():
    labels = ["sub-test", "sub-pain", "sub-hand", "sub-huber"]
    columns = {one: ["1", "2", "3", "4"] for one in ("test_score", "pain_t0", "drs_dr")}
    kept, notes = scrub(columns, labels=labels)
    assert list(kept) == ["participant_id", *columns]
    assert notes == ["names of columns that stay, look at them: drs_dr"]


def test_names_of_columns_and_texts_that_stay_are_said():
    labels = [f"sub-{number}" for number in range(24)]
    columns = {
        "site": [f"town {number // 2}" for number in range(24)],
        "group": ["control", "patient", "yes", "1998"] * 6,
        "huberin": ["1"] * 24,
        "mmse": ["30"] * 24,
    }
    _, notes = scrub(columns, labels=labels)
    towns = ", ".join(f"town {number}" for number in range(10))
    assert notes == [
        f"texts that stay in site, look at them: {towns} and 2 more",
        "names of columns that stay, look at them: huberin",
    ]


@pytest.mark.parametrize(
    "text",
    ["Dr. Meier", "dr meier", "Prof. Dr. Ito", "Praxis Wu", "Hausarztpraxis Wu",
     "Frau Huber", "Herr Huber", "Mrs Smith", "Ms. Smith", "Mr Smith", "Hr. Huber",
     "Huber", "seen by huber", "Maier-Wu"],
)  # fmt: skip
def test_names_that_two_people_share_in_a_column_of_codes_go(text):
    columns = {
        "site": [text, text, "A", "A"],
        "last_name": ["Huber", "Ito", "A", "n/a"],
        "operator": ["Maier", "n/a", "n/a", "n/a"],
    }
    kept, notes = scrub(columns)
    assert kept["site"] == ["n/a", "n/a", "A", "A"]
    assert "left out of site: 2 cells that may be names, dates" in notes[1]
    assert not [note for note in notes if text in note]


def test_a_name_of_a_label_in_a_column_of_codes_goes_and_a_group_stays():
    labels = ["Huber, Erika", "Ito Ken", "pain 1", "pain 2"]
    columns = {"site": ["Huber", "Huber", "Graz", "Graz"], "group": ["pain"] * 4}
    kept, _ = scrub(columns, labels=labels)
    assert kept["site"] == ["n/a", "n/a", "Graz", "Graz"]
    assert kept["group"] == ["pain"] * 4


@pytest.mark.parametrize(
    "text", ["MS relapsing", "praxis 2", "MR", "control", "Drug A"]
)
def test_codes_that_begin_as_titles_do_stay(text):
    assert scrub({"diagnosis": [text] * 4})[0]["diagnosis"] == [text] * 4


@pytest.mark.parametrize(
    "names",
    [("birth_day", "birth_month", "birth_year"), ("dob_d", "dob_m", "dob_y"),
     ("geb_tag", "geb_monat", "geb_jahr"), ("day", "month", "year"),
     ("Tag", "Monat", "Jahr"), ("examDay", "examMonth", "examYear"),
     ("visit_dd", "visit_mm", "visit_yyyy"), ("bday", "bmonth", "byear")],
)  # fmt: skip
def test_a_date_in_three_columns_is_left_out(names):
    columns = {one: ["17", "3", "12", "1"] for one in (*names, "test_day", "m_score")}
    kept, notes = scrub(columns)
    assert list(kept) == ["participant_id", "test_day", "m_score"]
    assert ", ".join(names) in notes[0]


def test_the_only_person_of_a_group_is_said():
    columns = {"group": ["rare", "pain", "pain", "Dr. Huber"]}
    for named in (frozenset(), frozenset({"group"})):
        kept, notes = scrub(columns, keep_columns=named)
        assert kept["group"] == ["n/a", "pain", "pain", "n/a"]
        assert notes[:2] == [
            f"left out of group: {ALONE_ONCE}",
            f"left out of group: 1 cell {NO_CODE}",
        ]


def test_two_rows_of_one_person_are_one_person():
    labels = ["sub-anna", "sub-anna", "sub-bert", "sub-carl"]
    kept, _ = scrub({"group": ["rare", "rare", "pain", "pain"]}, labels=labels)
    assert kept["group"] == ["n/a", "n/a", "pain", "pain"]
