"""Text of other programs: encodings, blanks, JSON, files that are not here."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograft.errors import DataError
from neurograft.files.text import (
    decode_text,
    fold,
    fold_all,
    name_ending,
    read_content,
    read_json,
    say_text,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


@given(WORDS)
def test_folding_twice_is_folding_once_and_knows_no_composition(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(f"\u00a0 {text}\u2009") == folded
    assert fold_all([text]) == [folded]


def test_texts_that_look_alike_are_one_and_case_stays():
    assert fold("Épilepsie\u00a0\u2009gauche") == fold("E\u0301pilepsie gauche")
    assert fold("non\u2011responder\u200b") == "non-responder"
    assert fold("AD") != fold("ad")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_is_decoded_however_it_is_marked(encoding):
    assert decode_text("Größe\tn".encode(encoding))[0] == "Größe\tn"


def test_other_bytes_are_latin_1_or_that_of_windows():
    assert decode_text("Größe".encode("latin-1")) == ("Größe", "latin-1")
    assert decode_text("20\u201325".encode("cp1252"))[0] == "20\u201325"
    assert decode_text(b"") == ("", "utf-8")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{broken", "is not JSON"),
        (b"", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}", "nested too deeply"),
        (b"[1]", "does not hold a JSON object"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"/annex/objects/MD5E-s1--a.json", "placeholder of git-annex"),
    ],
)
def test_what_is_no_json_object_is_one_sentence(tmp_path, content, problem):
    path = tmp_path / "sub-1_eeg.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_json(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_json_is_read_in_any_encoding(tmp_path, encoding):
    path = tmp_path / "a.json"
    text = json.dumps({"InstitutionName": "Universität"}, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    assert read_json(path) == {"InstitutionName": "Universität"}


def test_half_a_character_in_json_becomes_a_question_mark(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"EEGReference": "\\ud800", "x": ["\\uD83D\\uDE00", "\\udcff"]}')
    assert read_json(path) == {"EEGReference": "?", "x": ["\U0001f600", "?"]}


def test_a_file_that_is_not_here_says_why(tmp_path):
    path = tmp_path / "sub-1_events.tsv"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_content(path, called="it")
    path.symlink_to(".git/annex/objects/gone")
    with pytest.raises(DataError, match="it is a git-annex link .* `datalad get`"):
        read_content(path, called="it")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_content(tmp_path, called="it")


def test_names_of_files_are_shown_without_people(tmp_path):
    assert name_ending(tmp_path / "sub-Erika_task-rest_events.tsv") == "events.tsv"
    assert name_ending(tmp_path / "people_2020.csv") == "people_2020.csv"


@pytest.mark.parametrize(
    "value", [None, 3, True, {"a": 1}, [1], "n/a", " ", float("nan")]
)
def test_only_text_is_said(value):
    assert say_text(value) == ""
