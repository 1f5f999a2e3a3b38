"""The page of a person: warnings first, then the answer, everything explained."""

import re

import pytest

from neurograft.prediction.page.person_page import build_patient_page
from neurograft.prediction.page.sections import (
    show_answer,
    show_predictor,
    show_signals,
)
from neurograft.prediction.person.told import Told
from neurograft.report.blocks import PageWords, Statements

WARNING = Told("NG711", {"age": 9.0, "low": 20.0, "high": 70.0})


def test_warnings_come_before_the_answer(made):
    section = show_answer(made.prediction(warnings=(WARNING,)), PageWords("en"))
    said = [b.rows for b in section.blocks if isinstance(b, Statements)]
    assert [rows[0].code for rows in said] == ["NG711", "NG731"]
    assert said[0][0].state == "caution"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["prediction", "number"])
def test_every_code_on_the_page_is_explained_on_it(made, kind, language):
    page = build_patient_page(
        getattr(made, kind)(warnings=(WARNING,)), language=language
    )
    linked = set(re.findall(r'href="#(code-NG\d+|term-[\w-]+)"', page))
    assert "code-NG711" in linked
    assert linked <= set(re.findall(r'id="([\w-]+)"', page))


def test_a_blank_owner_is_shown_as_blank(made):
    section = show_predictor(made.prediction(), PageWords("en"))
    rows = dict(section.blocks[0].rows)
    assert rows["Owner"] == "not stated"
    assert rows["Ages"] == "20 to 70 years"
    assert rows["Learned from"] == "40: control 20, patient 20"


def test_the_gap_of_a_predicted_age_is_told_with_its_sign(made):
    page = build_patient_page(made.number())
    assert "differs by +3.0 years" in page
    assert "+3,0 Jahre" in build_patient_page(made.number(), language="de")


def test_a_recording_that_was_left_out_is_told_with_its_reason(made):
    row = {"name": "p1_task-nap", "status": "dropped", "reason": "it is a nap"}
    one = made.prediction(recordings=(row,))
    text = " ".join(b.text for b in show_signals(one, PageWords("en")).blocks)
    assert "it is a nap" in text


def test_text_of_the_user_is_escaped(made):
    page = build_patient_page(made.prediction(participant_id="<b>x</b>"))
    assert "<b>x</b>" not in page
