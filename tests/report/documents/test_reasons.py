"""Reasons of tables are said in the language of the page, or marked as English."""

import string

import pandas as pd
import pytest

from neurograft.files.sentences import fill, read_words
from neurograft.report.blocks import Foreign, PageSection, PageWords, Table
from neurograft.report.documents.reasons import (
    generalise,
    list_reasons,
    say_reason,
)
from neurograft.report.rendering import render_sections
from neurograft.report.sections.people import show_people
from neurograft.tasks.task import OTHER_MISSING, PARTNER_MISSING

BAD = (
    "9 of 19 channels are bad (at most 25% are repaired): Fp2 noise above 50 Hz, "
    "z 14.3, C4 like no other channel, correlation 0.32"
)
REASONS = read_words("reasons")


def list_names(sentence):
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name]


@pytest.mark.parametrize("key", REASONS)
def test_every_reason_is_found_again_and_said_in_german(key):
    german = read_words("reasons", "de")[key]
    names = list_names(REASONS[key]["sentence"])
    values = {name: "7" if name != "list" else "Cz flat" for name in names}
    values |= {name: "1" for name in names if name in ("bad", "n") and "list" in names}
    english = fill(REASONS[key]["sentence"], values)
    said = say_reason(english, "de")
    assert not isinstance(said, Foreign)
    wanted = fill(german["sentence"], values, language="de")
    assert said == wanted or "flach" in said
    assert said != english
    assert set(list_names(german["general"])) <= set(names)
    assert "..." not in generalise(english, "en")


@pytest.mark.parametrize(
    "text",
    [
        "5.0 s long, at least 20 s are needed", BAD, OTHER_MISSING, PARTNER_MISSING,
        "12.5 s are usable, at least 20 s are needed: 40 s were dropped",
        "the signals are those of sub-03_task-rest, sample by sample",
        "group is of neither group", "no usable recording", "age cannot be (213)",
    ],
)  # fmt: skip
def test_what_the_stages_write_is_known(text):
    assert not isinstance(say_reason(text, "de"), Foreign)
    assert say_reason(text, "en").removesuffix(", and 7 more") == text


def test_channels_and_what_is_bad_about_them_are_said():
    said = say_reason(BAD, "de")
    assert said.startswith("9 von 19 Kan\u00e4len sind schlecht (h\u00f6chstens 25 %")
    assert "Fp2 Rauschen" in said
    assert "14,3" in said
    assert "like no other" not in said
    assert said.endswith(", und 7 weitere")
    assert say_reason(BAD, "en").endswith(", and 7 more")


def test_reasons_of_many_are_whole_sentences_without_gaps():
    reasons = pd.Series([BAD, BAD.replace("9 of 19", "5 of 14"), None])
    assert list_reasons(reasons) == [("more than 25% of the channels are bad", 2)]
    assert list_reasons(pd.Series(["odd 3: x"])) == [("odd ...", 1)]


def test_channels_that_are_not_named_are_counted():
    text = (
        "None of the 9 channels (a, b, c, d, e) has a position: the file holds none "
        "and the names are not of the 10-05 system"
    )
    assert "(a, b, c, d, e, and 4 more)" in say_reason(text, "en")
    assert "(a, b, c, d, e, und 4 weitere)" in say_reason(text, "de")


def test_a_number_for_the_settings_keeps_its_point():
    said = say_reason(
        "off by about 1000? All channels agree: set unit_factor = 0.001 to repair it, "
        'or declare units = "arbitrary"',
        "de",
    )
    assert "unit_factor = 0.001," in said


def test_english_that_is_not_known_is_quoted_and_marked():
    said = say_reason("no age; something <odd>", "de")
    assert isinstance(said, Foreign)
    table = Table("t", ("a",), ((said,), ("plain",)))
    html = render_sections([PageSection("s", "S", (table,))], PageWords("de"))
    assert '<q lang="en">no age; something &lt;odd&gt;</q>' in html
    assert html.count("<q") == 1


def test_a_german_page_says_why_somebody_was_left_out(tell):
    study = tell(language="de")
    section = show_people(study, PageWords("de"))
    html = str(render_sections([section], PageWords("de")))
    assert "keine verwertbare Aufzeichnung" in html
    assert "5,0 s lang, mindestens 20 s sind n\u00f6tig" in html
    assert "die Aufzeichnung ist k\u00fcrzer als 20 s" in " ".join(html.split())
    assert "are needed" not in html


def test_the_same_signals_of_several_people_are_said_in_german():
    said = say_reason("the same signals were given for person-01, person-02", "de")
    assert said == "dieselben Signale wurden für person-01, person-02 angegeben"
