"""The sentence of an answer follows from its set, interval or refusal."""

import pytest

from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.sentences import say_answer
from neurograft.prediction.person.told import Told


@pytest.mark.parametrize(
    ("kept", "code"),
    [(("patient",), "NG731"), (("control", "patient"), "NG732"), ((), "NG733")],
)
def test_a_set_decides_the_sentence(made, kept, code):
    told = say_answer(made.prediction(set=kept))
    assert told.code == code
    assert "control 30%, patient 70%" in told.say()
    assert "control zu 30 %, patient zu 70 %" in told.say("de")


def test_a_number_is_said_with_its_interval_and_unit(made):
    said = say_answer(made.number()).say()
    assert "predicted age is 55.0 years" in said
    assert "45.0 to 65.0 years" in said
    assert "92%" in said
    endless = say_answer(made.number(interval=(float("-inf"), float("inf"))))
    assert endless.code == "NG736"


def test_a_refusal_names_all_reasons(made):
    reasons = (
        Told("NG701", {"name": "a", "sentence": "it is flat"}),
        Told("NG705", {"name": "b", "sentence": "it is a nap"}),
    )
    one = made.prediction(refusals=reasons, value=None)
    assert isinstance(one, Prediction)
    said = say_answer(one).say()
    assert said.startswith("There is no answer.")
    assert "it is flat" in said
    assert "it is a nap" in said


def test_a_prediction_prints_its_answer_and_every_caution(made):
    warnings = (Told("NG711", {"age": 9.0, "low": 20.0, "high": 70.0}),)
    lines = str(made.prediction(warnings=warnings)).splitlines()
    assert lines[0].startswith("p1: The EEG fits one group only: patient.")
    assert lines[1].startswith("  Caution: The age of 9 years")


def test_ages_in_months_are_said_without_needless_digits(made):
    warnings = (Told("NG711", {"age": 20 / 12, "low": 31 / 12, "high": 83 / 12}),)
    caution = str(made.prediction(warnings=warnings)).splitlines()[1]
    assert "The age of 1.67 years" in caution
    assert "(2.58 to 6.92 years)" in caution


def test_with_a_prevalence_it_is_said_that_the_set_does_not_follow_it(made):
    one = made.prediction(
        prevalence=0.02, probabilities={"control": 0.65, "patient": 0.35}
    )
    said = say_answer(one).say()
    assert (
        "one group only: patient. This follows from how the EEG of each group" in said
    )
    assert "not from the prevalence" in said
    assert "at a prevalence of 2%." in said
    assert "bei einer Prävalenz von 2 %" in say_answer(one).say("de")
    assert "prevalence" not in say_answer(made.prediction()).say()


def test_a_probability_near_the_ends_is_not_said_to_be_there(made):
    one = made.prediction(probabilities={"control": 1e-9, "patient": 1 - 1e-9})
    assert "control <1%, patient >99%" in say_answer(one).say()
    assert "control zu <1 %, patient zu >99 %" in say_answer(one).say("de")


def test_reasons_of_a_refusal_are_sentences_one_after_the_other(made):
    reasons = tuple(Told("NG701", {"name": n, "sentence": "it is flat"}) for n in "ab")
    said = say_answer(made.prediction(refusals=reasons, value=None)).say()
    assert "flat. The recording “b”" in said
