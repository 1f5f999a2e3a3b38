"""The page of a person: warnings first, then the answer, everything explained."""

import math
import re

import pytest

from neurograft.prediction.page.person_page import build_patient_page
from neurograft.prediction.page.sections import (
    show_answer,
    show_predictor,
    show_signals,
)
from neurograft.prediction.person.prediction import Quality
from neurograft.prediction.person.told import Told
from neurograft.report.blocks import Heading, PageWords, Statements

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


P3 = {"healthy": 0.2, "back": 0.5, "joint": 0.3}


@pytest.mark.parametrize(
    ("kind", "p", "number", "named"),
    [
        ("multiclass", P3, 1, "back"),
        ("multiclass", P3 | {"healthy": 0.6}, 0, "healthy"),
        ("ordinal", P3, 1, "joint"),
        ("ordinal", P3 | {"healthy": 0.6}, 0, "back, joint"),
        ("ordinal", P3 | {"joint": 0.6}, 1, "joint"),
    ],
)
def test_of_several_groups_the_bars_are_named_by_the_score_they_belong_to(
    made, kind, p, number, named
):
    groups = made.card().answers["control"]
    card = made.card(
        kind=kind,
        classes=tuple(P3),
        answers=dict.fromkeys(P3, groups),
        coverage=dict.fromkeys(P3, 0.9),
        people=made.card().people.model_copy(update={"groups": dict.fromkeys(P3, 20)}),
    )
    assert card.find_moved(tuple(p.values())) == (number, tuple(named.split(", ")))
    page = build_patient_page(
        made.prediction(card, probabilities=p, raw=p, value=p["joint"], set=("back",))
    )
    assert f"log odds of {named}<" in page
    assert f"The odds of {named} are the probability of that" in page


DROPPED = {
    "name": "p1", "status": "dropped", "reason": "5.0 s long, at least 20 s are needed",
}  # fmt: skip


def test_every_recording_is_told_of_also_one_that_was_left_out(made):
    rows = tuple(DROPPED | {"name": name} for name in ("p1_run-1", "p1_run-2"))
    section = show_signals(made.prediction(recordings=rows), PageWords("en"))
    assert [b.text for b in section.blocks if isinstance(b, Heading)] == [
        "p1_run-1",
        "p1_run-2",
    ]
    assert (
        sum("was dropped: 5.0 s" in getattr(b, "text", "") for b in section.blocks) == 2
    )


REFUSAL = Told("NG701", {"name": "p1", "sentence": DROPPED["reason"]})


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_of_a_refusal_is_stated_with_its_code_and_explained(
    made, language
):
    one = made.prediction(value=None, refusals=(REFUSAL,), recordings=(DROPPED,))
    page = build_patient_page(one, language=language)
    assert {"code-NG730", "code-NG701"} <= set(re.findall(r'id="([\w-]+)"', page))
    assert page.count(REFUSAL.say(language).replace('"', "&#34;")) == 1


@pytest.mark.parametrize(
    ("quality", "said"),
    [
        (Quality(5.0, 0, 0, 1, 0), "5 s in 1 recording. None of it can be used, and"),
        (Quality(41.0, 40, 0, 2, 0), "41 s in 2 recordings. Of these, 40 s are usable, "
         "but there is no answer."),
        (Quality(math.nan, 0, 0, 1, 0), "1 recording of unknown length. None of it"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_was_recorded_and_that_there_is_no_answer(
    made, quality, said
):
    one = made.prediction(value=None, refusals=(REFUSAL,), quality=quality)
    page = " ".join(build_patient_page(one).split())
    assert said in page
    assert "the answer is made from" not in page


def test_an_answer_says_what_it_is_made_from_and_the_age_has_a_unit(made):
    page = build_patient_page(made.prediction(age=52.0))
    assert "Age: 52 years." in page
    assert "100 s in 1 recording. Of these, 90 s are usable" in page
    assert "the answer is made from 60 s" in page
    assert "Alter: 52 Jahre." in build_patient_page(
        made.prediction(age=52.0), language="de"
    )


def test_a_prevalence_is_written_with_the_decimals_that_it_needs(made):
    for prevalence, said in ((0.1, "where 10 % of"), (0.005, "where 0.5 % of")):
        page = build_patient_page(made.prediction(prevalence=prevalence))
        assert said.replace(" %", "%") in page
    german = build_patient_page(made.prediction(prevalence=0.1), language="de")
    assert "wo 10\u00a0% der Personen" in german


def test_certain_looking_probabilities_are_never_nothing_or_all(made):
    sure = {"control": 1e-9, "patient": 1 - 1e-9}
    for language in ("en", "de"):
        page = build_patient_page(
            made.prediction(probabilities=sure), language=language
        )
        text = re.sub("<style.*?</style>|<[^>]*>", "", page, flags=re.DOTALL)
        assert not re.search(r"\b(0|100|100[.,]0)\s?%", text)
        assert text.count("&gt;99") == 2  # in the sentence and in the chart


def test_log_odds_are_explained_where_they_are_drawn(made):
    assert "2.7 times as large" in build_patient_page(made.prediction())
    assert "2.7 times as large" not in build_patient_page(made.number())


def test_text_of_the_user_is_escaped(made):
    page = build_patient_page(made.prediction(participant_id="<b>x</b>"))
    assert "<b>x</b>" not in page


def test_what_like_no_other_channel_means_is_explained(made):
    why = (
        "9 of 19 channels are bad (at most 25% are repaired): Cz like no other "
        "channel, correlation 0.32"
    )
    row = DROPPED | {"reason": why}
    for language in ("en", "de"):
        page = build_patient_page(made.prediction(recordings=(row,)), language=language)
        assert 'id="term-unlike-channel"' in page
