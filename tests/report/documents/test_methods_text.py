"""The methods text says what was done, of what was done, and cites only that."""

import re
import string
from pathlib import Path

import pytest

from neurograft.files.sentences import read_words
from neurograft.report.documents import analysis_steps, preparation_steps
from neurograft.report.documents.analysis_steps import CITED, OBJECTIVES
from neurograft.report.documents.methods_text import STEPS, write_methods
from neurograft.report.documents.preparation_steps import count_reasons
from neurograft.report.documents.references import (
    MARK,
    list_publications,
    number_citations,
    write_bibtex,
)

ENTRY = re.compile(r"@(\w+)\{(\w+),\n((?:  \w+ = \{.*\},\n)+)\}\n")


def read_bibtex(text):
    entries = ENTRY.findall(text)
    assert "".join(ENTRY.sub("", text).split()) == ""
    return {key: dict(re.findall(r"  (\w+) = \{(.*)\},", body))
            for _, key, body in entries}  # fmt: skip


def list_placeholders(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_steps_stand_in_the_order_in_which_they_were_done(stored):
    text = write_methods(stored)
    assert [step.anchor for step in text.steps] == [f"done-{name}" for name in STEPS]
    assert all(
        sentence.endswith(".") for step in text.steps for sentence in step.sentences
    )


def test_every_number_of_what_was_cut_is_that_of_the_tables(stored):
    text = write_methods(stored).plain
    assert "70 recordings of 70 people were found" in text
    assert "Recordings kept: 68 (people: 68; after repairs: 2)." in text
    assert "Recordings dropped: 2." in text
    assert "the recording is shorter than 20 s (2)" in text
    assert "4 channels bad in 2 of 68 recordings" in text
    assert "0 s were clipped and 10 s were dropped" in text
    assert "compares 4 control, 5 patient; people left out: 1." in text


def test_every_citation_is_in_the_bibtex_and_none_is_unused(stored):
    text = write_methods(stored)
    cited = {int(n) for step in text.steps for sentence in step.sentences
             for group in re.findall(r"\[(\d[\d, ]*)\]", sentence)
             for n in group.split(", ")}  # fmt: skip
    assert cited == {reference.number for reference in text.references}
    assert list(read_bibtex(text.bibtex)) == [one.key for one in text.references]


def test_only_what_was_used_is_cited(stored):
    keys = {one.key for one in write_methods(stored).references}
    assert {"gramfort2013", "he2022", "barachant2012", "efron1987"} <= keys
    assert not {"piontonachini2019", "jas2017", "johnson2007", "assran2023"} & keys


def test_cleaning_and_remedies_are_cited_where_they_were_used(stored, change):
    methods = stored.results.replace({"riemann": "riemann@combat:svm"})
    study = change("summary", "results", methods)
    path = stored.cohorts["clinic"] / "settings.toml"
    path.write_text(path.read_text().replace("iclabel = false", "iclabel = true"))
    text = write_methods(study)
    assert {"johnson2007", "piontonachini2019"} <= {one.key for one in text.references}
    assert "weighted to balance" not in text.plain


@pytest.mark.parametrize(
    ("table", "code"), [("design", "benjamini1995"), ("comparisons", "nadeau2003")]
)
def test_a_test_without_a_table_was_not_made(stored, change, table, code):
    assert code in write_methods(stored).bibtex
    assert code not in write_methods(change("summary", table)).bibtex


def test_occlusion_is_told_and_cited_where_it_was_done(stored, change, losses_of):
    assert "zeiler2014" not in write_methods(stored).bibtex
    text = write_methods(change("summary", "occlusion", losses_of("disease")))
    assert "asked by occlusion [" in text.plain or "asked by occlusion (" in text.plain
    assert "zeiler2014" in text.bibtex


def test_text_of_a_table_is_no_citation(stored, change):
    tasks = stored.tasks.assign(leak_check="See [@nobody2020].")
    text = write_methods(change("evaluation", "tasks", tasks))
    assert "See (@nobody2020)." in text.plain


def test_a_study_without_results_says_only_what_was_done(stored, change):
    text = write_methods(change("summary", "results"))
    assert "done-statistics" not in {step.anchor for step in text.steps}


def test_both_languages_hold_the_same_sentences_and_placeholders():
    english, german = (read_words("steps", language) for language in ("en", "de"))
    assert set(english) == set(german)
    for code, one in english.items():
        other = german[code]["sentence"]
        assert list_placeholders(one["sentence"]) == list_placeholders(other), code
        assert MARK.findall(one["sentence"]) == MARK.findall(other), code


def test_german_numbers_have_a_comma(stored):
    assert "2,27 Stunden" in write_methods(stored, "de").plain


def test_every_sentence_is_used():
    sources = (Path(module.__file__) for module in (analysis_steps, preparation_steps))
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    codes = [c for c in read_words("steps") if not c.startswith(("title", "protocol"))]
    assert [code for code in codes if f'"{code}"' not in source] == []


def test_publications_are_complete_and_each_can_be_cited():
    sentences = " ".join(one["sentence"] for one in read_words("steps").values())
    used = {key.strip().removeprefix("@") for group in MARK.findall(sentences)
            for key in group.split(";")}  # fmt: skip
    used |= set(CITED.values()) | {key for keys in OBJECTIVES.values() for key in keys}
    assert used - {"{key}"} == set(list_publications())
    for key, entry in read_bibtex(write_bibtex(list_publications())).items():
        assert {"author", "title", "year"} <= set(entry), key
        assert entry["year"] in f"{key} {entry['year']}"
        assert re.fullmatch(r"10\.\d{4,}/\S+", entry.get("doi", "10.1000/x")), key


def test_numbers_of_citations_follow_their_first_use():
    texts, references = number_citations(
        ["B [@holm1979].", "A [@efron1987; @holm1979]."]
    )
    assert texts == ["B [1].", "A [2, 1]."]
    assert [one.number for one in references] == [1, 2]


def test_reasons_that_differ_in_numbers_only_are_one(stored):
    assert count_reasons(stored.recordings["reason"]).endswith("(2)")
