"""Sentences come from one file; every code is used and every placeholder is filled."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograft
from neurograft.files.sentences import (
    code_verdict,
    fill,
    list_sentences,
    say,
    say_p,
)

SOURCE = Path(neurograft.__file__).parent


def list_used_codes():
    files = SOURCE.rglob("*.py")
    return {c for p in files for c in re.findall(r'"(NG\d{3})"', p.read_text())}


def test_every_code_has_a_sentence_and_every_sentence_is_used():
    assert list_used_codes() == set(list_sentences())


def list_placeholders(sentence):
    parts = string.Formatter().parse(sentence)
    return sorted((name, form) for _, name, form, _ in parts if name)


def test_both_languages_hold_the_same_codes_with_the_same_placeholders():
    english, german = list_sentences(), list_sentences("de")
    assert list(english) == list(german)
    for code, sentence in english.items():
        told, other = map(set, map(list_placeholders, (sentence, german[code])))
        assert told == other, code
        assert sentence != german[code] or code in ("NG391",), code


def test_german_numbers_and_nested_codes_are_german():
    gain = {"code": "NG292", "method": "encoder",
            "twin": "the same encoder untrained", "difference": 0.05,
            "unit": "", "ci_low": -0.01, "ci_high": 0.1, "n": 9,
            "p_corrected": 0.0001}  # fmt: skip
    said = say("NG204", {"gain": gain}, language="de")
    assert said.endswith(
        "Differenz +0,050 [-0,010; +0,100], n = 9, korrigiert p < 0,001."
    )


def test_names_that_people_gave_are_not_translated():
    fact = {"factor": "age", "measure": "AUROC", "value": 0.7}
    assert say("NG303", {"what": "group"} | fact, language="de").startswith(
        "Alter geht mit der Gruppe einher (AUROC 0,70)"
    )
    said = say("NG103", {"task": "age", "best": "b", "caution": ""}, language="de")
    assert "dass sich age aus dem EEG" in said


def test_sentences_have_named_placeholders_only():
    for code, sentence in list_sentences().items():
        for _, name, _, _ in string.Formatter().parse(sentence):
            assert name is None or name.isidentifier(), code


def test_a_code_inside_a_code_is_written_out_and_lists_are_joined():
    factors = [
        {"code": "NG391", "factor": name, "measure": "AUROC", "value": 0.7, "p": 0.01}
        for name in ("age", "day")
    ]
    assert say("NG310", {"factors": factors, "what": "group"}) == (
        "Goes with the group too: age (AUROC 0.70, p = 0.010), day of recording "
        "(AUROC 0.70, p = 0.010). Each may be the reason for what a method finds, "
        "unless it follows from the group itself. See the design table."
    )


def test_a_verdict_can_be_said_again_from_its_row():
    row = code_verdict(
        "shift", "no shift shown", "NG403", source="a", target="b", p=0.2
    )
    assert say(row["code"], json.loads(row["values"])) == row["sentence"]
    assert row["sentence"].startswith("a and b: no difference shown (p = 0.200)")


def test_a_missing_value_is_no_silent_gap():
    with pytest.raises(KeyError, match="target"):
        say("NG403", {"source": "a", "p": 0.5})


def test_p_values_are_never_zero():
    assert say_p(0.0) == "p < 0.001"
    assert say_p(0.0005) == "p = 0.001"
    assert say_p(0.04) == "p = 0.040"


@given(st.floats(0, 1))
def test_a_share_is_called_all_or_none_only_if_it_is(share):
    said = fill("{share:whole}", {"share": share})
    assert (said == "0%") == (share == 0)
    assert (said == "100%") == (share == 1)


@given(st.floats(-1, 1), st.sampled_from([".0f", ".2f", "+.3f", ".0%", "+.1f"]))
def test_nothing_has_no_minus_sign(value, spec):
    said = fill("{value:" + spec + "}", {"value": value})
    assert not re.fullmatch(r"-0(\.0+)?%?", said)
