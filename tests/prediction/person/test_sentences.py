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
