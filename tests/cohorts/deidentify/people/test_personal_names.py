"""Names of people are found behind titles, in columns of names and in headers."""

import pandas as pd
import pytest

from neurograft.cohorts.deidentify.people.column_names import KNOWN_WORDS
from neurograft.cohorts.deidentify.people.known_people import know_people
from neurograft.cohorts.deidentify.people.personal_names import (
    holds_title,
    is_of_names,
    is_personal_header,
    list_name_words,
    names_somebody,
)

PEOPLE = know_people(["sub-huber", "sub-ito", "sub-4711", "sub-21", "sub-test"], [])
NO_NAMES: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "text",
    ["Dr Meier", "Dr. med. Meier", "prof_meier", "DrMeier", "Herrn Wu", "Mr.Wu",
     "score_Ms_Wu", "Fr. Wu", "Hr.Wu", "Gemeinschaftspraxis Wu"],
)  # fmt: skip
def test_a_title_in_front_of_a_word_is_found(text):
    assert holds_title(text)
    assert names_somebody(text, PEOPLE, NO_NAMES)
    assert is_personal_header(text, PEOPLE)


@pytest.mark.parametrize(
    "text", ["MS type", "Fr 12", "mr contrast", "Frau", "dr2", "Herrings", "apraxis 1"]
)
def test_words_that_begin_as_titles_are_none(text):
    assert not holds_title(text)


@pytest.mark.parametrize(
    ("header", "is_personal"),
    [("huber", True), ("ito_rating", True), ("hubers", True), ("seenByHuber", True),
     ("x_4711", True), ("item_21", False), ("itoku", False), ("test_2", False),
     ("rating", False), ("born_1961_03_17", True), ("n_1_2_10", False),
     ("Wu_rating", True)],
)  # fmt: skip
def test_headers_that_name_somebody(header, is_personal):
    assert is_personal_header(header, PEOPLE, {"wu"}) == is_personal


def test_known_words_of_columns_name_nobody():
    assert not [word for word in KNOWN_WORDS if is_personal_header(word, PEOPLE)]
    assert not [word for word in KNOWN_WORDS if word != word.lower()]


def test_columns_of_names_give_words_and_columns_of_groups_do_not():
    names = ("Vorname", "last_name", "patientName", "name", "surgeon", "EEG-Technician")
    assert all(map(is_of_names, names))
    assert not any(map(is_of_names, ("group_name", "filename", "naming", "site")))
    table = pd.DataFrame({"name": ["Dr. Erika Wu", None, "B", "unknown"]})
    assert list_name_words(table, ["sub-1"] * 4) == {"erika"}
    labels = ["sub-Ito Ken", "sub-pain a", "sub-pain b", "sub-pain c", "sub-Berg 12"]
    assert list_name_words(pd.DataFrame(), labels) == {"ito", "ken"}
