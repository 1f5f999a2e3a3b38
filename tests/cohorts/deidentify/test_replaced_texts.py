"""Texts that became `note` are counted, and shown only if they name nobody."""

import pytest

from neurograft.cohorts.deidentify.people.known_people import know_people
from neurograft.cohorts.deidentify.replaced_texts import say_replaced
from neurograft.cohorts.deidentify.scrubbing import Rules, Scrubber

PEOPLE = know_people(["sub-huber", "sub-4711", "sub-ab"], [])


def say(*texts, **options):
    """Scrub texts of one file each; return what is said of them."""
    rules = Rules(Scrubber("secret", **options))
    for number, text in enumerate(texts):
        rules.for_file(f"{number}.edf").scrubber.scrub(text)
    return [one.note for one in say_replaced(rules.scrubber, PEOPLE)]


def test_nothing_is_said_where_no_text_was_replaced():
    assert say("eyes closed", "S 1", "") == []
    assert say("oddball", "oddball", keep=frozenset({"oddball"})) == []


def test_files_and_different_texts_are_counted():
    (note,) = say("oddball", "Comment/oddball", "standard", "12")
    assert note.startswith("2 different texts of events or titles became `note` in 3")
    assert note.endswith(
        "--keep TEXT keeps one that names nobody (the most frequent: oddball, standard)"
    )


def test_five_texts_are_shown_the_most_frequent_first():
    texts = [f"odd {letter}" for letter in "abcdefg"]
    (note,) = say(*texts, "odd g")
    assert note.endswith("(the most frequent: odd g, odd a, odd b, odd c, odd d)")


@pytest.mark.parametrize(
    "text",
    ["Dr. Wu", "huber moves", "seen by HUBER", "hubers turn", "born 17.03.1961",
     "no. 471123", "x" * 31, "4711 coughs", "AB"],
)  # fmt: skip
def test_texts_that_may_name_or_date_somebody_are_not_shown(text):
    (note,) = say(text)
    assert note == (
        "1 different text of events or titles became `note` in 1 file: --keep TEXT "
        "keeps one that names nobody"
    )
