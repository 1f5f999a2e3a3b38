"""What is told with an answer is told whole in every language, reasons too."""

import pytest

from neurograft.files.keys import RecordingKey
from neurograft.prediction.person.new_people import explain_condition
from neurograft.prediction.person.sentences import say_answer
from neurograft.prediction.person.told import Told

SHORT = "5.0 s long, at least 20 s are needed"


@pytest.mark.parametrize("code", ["NG701", "NG705"])
def test_a_reason_is_said_in_the_language_of_the_page(code):
    told = Told(code, {"name": "p1", "sentence": SHORT})
    assert "5,0 s lang, mindestens 20 s sind nötig" in told.say("de")
    assert SHORT in told.say("en")


def test_reasons_inside_an_answer_are_said_too(made):
    refusals = (Told("NG701", {"name": "p1", "sentence": SHORT}),)
    said = say_answer(made.prediction(refusals=refusals, value=None)).say("de")
    assert "5,0 s lang" in said
    assert "are needed" not in said


def test_a_reason_that_nobody_knows_is_quoted_and_ends_once():
    said = Told("NG701", {"name": "p1", "sentence": "It is odd."}).say("de")
    assert said.endswith(': "It is odd".')


def test_the_condition_that_was_not_learned_is_named_in_german(made):
    key = RecordingKey("", "p1", task="oddball")
    reason = explain_condition(key, made.card().taken)
    said = Told("NG705", {"name": "p1", "sentence": reason}).say("de")
    assert "ist von der Bedingung „oddball“; dieser Prädiktor hat von" in said
