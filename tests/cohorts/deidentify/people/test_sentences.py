"""Sentences on a table say what was left out, and show no name."""

import pytest

from neurograft.cohorts.deidentify.people import sentences
from neurograft.cohorts.deidentify.people.sentences import (
    say_cells_left,
    say_texts_alone,
    say_what_to_look_at,
    show_column,
)


def test_nothing_is_said_of_nothing():
    assert say_cells_left("sex", 0, "sex") == []
    assert say_texts_alone("group", 0) == []
    assert say_what_to_look_at("texts", []) == []


@pytest.mark.parametrize(("number", "end"), [(10, "8, 9"), (11, "8, 9 and 1 more")])
def test_ten_texts_are_listed_and_others_counted(number, end):
    texts = [*map(str, range(number)), "0"]
    (sentence,) = say_what_to_look_at("texts", texts)
    assert sentence.startswith("texts, look at them: 0, 1, 2")
    assert sentence.endswith(end)


def test_a_column_is_shown_by_its_place_where_its_name_is_hidden():
    columns = ["participant_id", "Dr_Huber"]
    assert show_column(columns, "Dr_Huber", is_hidden=True) == "column 2"
    assert show_column(columns, "Dr_Huber", is_hidden=False) == "Dr_Huber"


def test_every_kind_of_column_has_words_for_its_cells():
    for kind in sentences.LEFT:
        assert len(say_cells_left("x", 2, kind)) == 1
