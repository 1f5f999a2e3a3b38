"""Printed, six answers take one page, and no table is wider than the paper."""

import re

import pytest
from markupsafe import Markup

from neurograft.errors import ConfigError
from neurograft.files.browser import find_browser, print_page
from neurograft.report.blocks import (
    Answer,
    Answers,
    PageSection,
    PageWords,
    Paragraph,
    Statement,
    Table,
)
from neurograft.report.parts import read_part
from neurograft.report.rendering import render_sections, render_template

SENTENCE = (
    "Evidence that C (29) and A (36) can be told apart (random-encoder, the best of 6 "
    "methods: AUROC 0.89 [0.75, 0.96; corrected for the choice], n = 65, permutation "
    "p = 0.002, after Holm p = 0.012; but mmse alone does as well, AUROC 1.00, and may "
    "be what is told apart)."
)
CAUTION = (
    "Goes with the group too: mmse (AUROC 1.00, p < 0.001), order of the people's "
    "labels (Cramer's V 0.88, p = 0.001), sex (Cramer's V 0.26, p = 0.026). Each may "
    "be the reason for what a method finds, unless it follows from the group itself. "
    "See the comparison within its levels in the design table."
)
BLIND = (
    "Caution: demographics alone, which knows nothing of the brain, reaches AUROC 0.67 "
    "[0.53, 0.80] (n = 65, permutation p = 0.028)."
)
NEEDED = (
    "Everybody was recorded at one site, as far as is known, so whether this holds "
    "elsewhere is not known. Test people of another site, on another device."
)


@pytest.fixture
def count_pages(tmp_path):
    """Print sections as the page does, and count the pages."""
    try:
        find_browser()
    except ConfigError:
        pytest.skip("no browser is installed")

    def count(*sections):
        words = PageWords("en")
        page = render_template(
            "page.html", words, title="Dementia", contents=[], foot="",
            lead=words("lead", cohorts="ds004504_dementia"),
            body=Markup(render_sections(sections, words)),
            style=read_part("style.css"), script=read_part("script.js"),
        )  # fmt: skip
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8")
        return len(re.findall(rb"/Type\s*/Page\b", print_page(path).read_bytes()))

    return count


def make_answers(n):
    cards = tuple(
        Answer(
            f"task_{number}", "task", "found", SENTENCE, "NG101",
            (Statement(CAUTION, "caution", "NG310"),
             Statement(BLIND, "caution", "NG320")),
            (Statement(NEEDED, "told", "NG141"),),
        )
        for number in range(n)
    )  # fmt: skip
    lead = Paragraph(PageWords("en")("answers_lead", n=n))
    return PageSection("answers", "In one minute", (lead, Answers(cards)))


PEOPLE = PageSection("people", "The people", (Paragraph("They begin a page."),))


def test_every_page_is_as_wide_as_the_first():
    """A browser cuts off what it laid out for a wider first page."""
    rules = re.findall(r"@page :first \{([^}]*)\}", str(read_part("style.css")))
    assert rules
    for rule in rules:
        assert not re.search(r"margin(?!-top|-bottom)", rule)


@pytest.mark.parametrize(("n", "pages"), [(6, 1), (8, 2)])
def test_six_cards_with_two_cautions_take_one_page_and_more_flow_on(
    count_pages, n, pages
):
    assert count_pages(make_answers(n), PEOPLE) == pages + 1


def test_a_wide_table_does_not_shrink_the_other_pages(count_pages):
    """A browser shrinks all pages where one thing is wider than the paper."""
    text = Paragraph("This sentence is written many times. " * 400)
    narrow = PageSection("done", "What was done", (text,) * 4)
    columns = tuple(f"Name {place}" for place in range(12))
    table = Table("wide", columns, (("guinea_bissau_epilepsy_recordings",) * 12,))
    wide = PageSection("wide", "A wide table", (table,))
    assert count_pages(narrow, wide) >= count_pages(narrow) > 2
