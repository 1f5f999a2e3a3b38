"""Rendering: text is escaped, figures stand side by side, places become links."""

import re

from markupsafe import Markup

from neurograft.report.blocks import (
    Figure,
    Folded,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Statement,
    Statements,
    Table,
    Terms,
    walk,
)
from neurograft.report.rendering import arrange, link_places, render_sections

WORDS = PageWords("en")
DRAWN = Figure("f", Markup("<svg></svg>"), "A caption.")


def render(*blocks):
    return str(render_sections([PageSection("a", "Title", blocks)], WORDS))


def test_every_text_is_escaped():
    bad = "<u>&"
    blocks = (
        Paragraph(bad), Heading(bad), Statements((Statement(bad, about=bad),)),
        Table("t", (bad,), ((bad,),), bad), Folded(bad, (Paragraph(bad),)),
        Terms((("x", bad, (bad,)),)), Figure("f", Markup("<svg></svg>"), bad),
    )  # fmt: skip
    text = render(*blocks)
    assert "<u>&" not in text
    assert text.count("&lt;u&gt;&amp;") == 12


def test_figures_that_follow_each_other_stand_side_by_side():
    rows = arrange([Paragraph("a"), DRAWN, DRAWN, Paragraph("b"), DRAWN])
    assert [len(row) for row in rows] == [1, 2, 1, 1]
    assert arrange([]) == []
    assert render(DRAWN, DRAWN).count('class="figures"') == 1
    assert 'class="figures"' not in render(DRAWN)


def test_places_and_pages_of_people_become_links_and_nothing_else_does():
    assert link_places("#people #done-models").count("<a ") == 2
    linked = str(link_places("[sub 1](subjects/clinic/sub 1.html)"))
    assert linked == '<a href="subjects/clinic/sub%201.html">sub 1</a>'
    for text in ("no. #1 of", "a#b", "[x](https://elsewhere/y.html)", "3 # 4"):
        assert "<a " not in str(link_places(text)) or text == "no. #1 of"


def test_words_of_people_s_tables_become_no_links():
    cells = (("#1", "at #people", "[a](subjects/b/c.html)"),)
    assert "<a " not in render(Table("t", ("a", "b", "c"), cells))
    assert render(Table("t", ("a", "b", "c"), cells, has_places=True)).count("<a ") == 3


def test_a_statement_is_marked_by_shape_and_leads_to_its_code():
    text = render(Statements((Statement("It is so.", "found", "NG101"),
                              Statement("It is not.", "nothing"))))  # fmt: skip
    marks = re.findall(r"<svg class=\"mark[^>]*>(.*?)</svg>", text, re.DOTALL)
    assert len(set(marks)) == 2
    assert text.count("#code-NG101") == 1


def test_folded_blocks_are_found_too():
    inner = Paragraph("b")
    assert walk([Folded("a", (inner,)), DRAWN])[1] is inner


def test_a_row_with_a_missing_value_has_no_words():
    assert WORDS.write("value", {"value": float("nan")}) == ""
    assert WORDS.write("value", {}) == ""
    assert WORDS.write("value", {"value": 0.125}) == "0.12"
    assert PageWords("de").write("value", {"value": 0.5}) == "0,50"
