"""Terms are explained in two sentences, and linked once in every section."""

import re

import pytest

from neurograft.files.sentences import read_words
from neurograft.report.documents.terms import (
    find_terms,
    link_terms,
    list_terms,
)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_term_has_two_plain_sentences(language):
    for term in list_terms(language):
        assert term.text.endswith("."), term.name
        assert len(re.findall(r"\.(?= [A-ZÄÖÜ0-9]|$)", term.text)) == 2, term.name


def test_both_languages_explain_the_same_terms():
    english, german = read_words("terms"), read_words("terms", "de")
    assert list(english) == list(german)
    assert all(english[key]["text"] != german[key]["text"] for key in english)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_form_belongs_to_one_term(language):
    forms = [form.lower() for term in list_terms(language) for form in term.forms]
    assert len(forms) == len(set(forms))


def test_only_the_first_use_in_a_section_is_linked():
    linked = link_terms("<h2>A</h2><p>AUROC, AUROC</p><h2>B</h2><p>AUROC</p>")
    assert linked.count('href="#term-auroc"') == 2
    assert "AUROC</a>, AUROC</p>" in linked


@pytest.mark.parametrize(
    "html",
    [
        "<h2>AUROC</h2>",
        '<a href="#x">AUROC</a>',
        "<svg><text>AUROC</text></svg>",
        "<code>AUROC <b>AUROC</b></code>",
        '<p title="AUROC">ok</p>',
        "<!-- AUROC -->",
        "<p>subAUROC, AUROC-like</p>",
    ],
)
def test_headings_links_figures_and_parts_of_words_are_left_alone(html):
    assert link_terms(html) == html


def test_the_power_of_a_rhythm_is_not_that_of_a_test():
    assert link_terms("<p>The logarithm of power.</p>").count("term-power") == 0
    assert "term-power" in link_terms("<p>Seen with 80 % power.</p>")


def test_text_after_what_is_left_alone_is_linked():
    assert "term-auroc" in link_terms("<h3>AUROC</h3><p>AUROC</p>")
    assert "term-auroc" in link_terms("<svg><a/><text>x</text></svg><p>AUROC</p>")


def test_the_longest_form_wins_and_case_is_kept():
    linked = link_terms("<p>Calibration slope of 1, calibration by eye.</p>")
    assert (
        '<a class="term" href="#term-calibration-slope">Calibration slope</a>' in linked
    )
    assert '<a class="term" href="#term-calibration">calibration</a>' in linked


def test_every_link_has_its_explanation():
    text = link_terms("<p>Prävalenz und Sensitivität</p>", "de")
    terms = find_terms(text, "de")
    assert [term.anchor for term in terms] == ["term-prevalence", "term-sensitivity"]
    listed = "<dl><dt>Prävalenz</dt><dd>Sensitivität</dd></dl>"
    assert link_terms(listed, "de") == listed
