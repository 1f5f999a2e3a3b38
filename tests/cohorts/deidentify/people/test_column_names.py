"""The words of a column's name decide, not parts of them."""

import pytest

from neurograft.cohorts.deidentify.people.column_names import (
    classify_column,
    split_column_name,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ethnicity", "code"), ("hospital", "code"), ("Klinik", "code"),
     ("patient_group", "code"), ("diagnosis_icd10", "code"), ("group_leader", "other"),
     ("city", "refused"), ("hospital_nr", "refused"), ("Patient-ID", "refused"),
     ("Vorname", "refused"), ("group_name", "refused"), ("filename", "other"),
     ("Geburtsjahr", "refused"), ("telefonnummer", "refused"), ("dob", "refused"),
     ("mailaddress", "refused"), ("source_id", "refused"), ("site_id", "code"),
     ("IDs", "refused"),
     ("acq_time", "dated"), ("Testdatum", "dated"), ("examDate", "dated"),
     ("sedated", "other"), ("candidate", "other"), ("Age", "age"), ("ageYears", "age"),
     ("scanage", "age"), ("ageatscan", "age"),
     ("Alter in Monaten", "age"), ("agent", "other"), ("stage", "code"),
     ("mother", "person"), ("partner_id", "person"), ("subject_nr", "person"),
     ("mother_name", "refused"), ("mother_age", "age"), ("siblings", "other"),
     ("relative_power", "other"), ("twin_19610317", "refused"),
     ("gender", "sex"), ("Händigkeit", "hand"), ("mmse", "other")],
)  # fmt: skip
def test_kinds_of_columns(name, kind):
    assert classify_column(name) == kind


@pytest.mark.parametrize(
    "name",
    ["Postleitzahl", "fallnr", "FallNr", "Fall", "patnr", "birthmonth", "birth_year",
     "yearofbirth", "yob", "jahrgang", "Jahrgang_Vater", "gebjahr", "PLZ_Wohnort",
     "Aktennr", "heimatplz", "Aktenzeichen", "pid", "Jg"],
)  # fmt: skip
def test_columns_of_short_numbers_that_name_or_place_people_are_refused(name):
    assert classify_column(name) == "refused"


@pytest.mark.parametrize("name", ["snr", "falls", "fall_risk", "psnr_db", "mmse_year"])
def test_columns_of_measures_are_not_refused(name):
    assert classify_column(name) == "other"


def test_words_are_split_at_capitals_marks_and_digits():
    assert split_column_name("examDate2_firstVisit") == [
        "exam",
        "date",
        "2",
        "first",
        "visit",
    ]


def test_columns_that_the_user_names_hold_codes():
    assert classify_column("Leader", {"leader"}) == "code"
    assert classify_column("last_name", {"last_name"}) == "refused"
