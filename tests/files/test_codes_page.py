"""Every code has an entry in the docs: what it means, its pitfall and the cure."""

import re
from pathlib import Path

from neurograft.files.sentences import list_sentences, read_words

PAGE = (Path(__file__).parents[2] / "docs" / "codes.md").read_text(encoding="utf-8")
PARTS = ("Means", "Pitfall", "Cure")


def read_entries():
    found = re.split(r"^### (NG\d{3})$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_no_code_is_without_an_entry_and_no_entry_without_a_code():
    entries = read_entries()
    assert set(entries) == set(list_sentences())
    assert len(entries) == PAGE.count("### NG")


def test_every_entry_says_meaning_pitfall_and_cure():
    for code, text in read_entries().items():
        own = text.split("\n## ")[0]
        said = re.findall(r"^- \*\*(\w+):\*\* (.+\.)$", own, re.MULTILINE)
        assert [name for name, _ in said] == list(PARTS), code


def test_entries_refer_to_codes_that_are_there():
    assert set(re.findall(r"NG\d{3}", PAGE)) == set(list_sentences())


def test_the_page_and_the_report_explain_a_code_in_the_same_words():
    known = read_words("codes")
    assert set(known) == set(list_sentences())
    for code, text in read_entries().items():
        for name in PARTS:
            assert f"- **{name}:** {known[code][name.lower()]}\n" in text, code
