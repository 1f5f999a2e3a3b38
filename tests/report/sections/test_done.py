"""Methods text, words of the author, checklists with links, terms and codes."""

from neurograft.files.sentences import read_words
from neurograft.report.blocks import Folded, Heading, PageWords, Table, Terms
from neurograft.report.sections.done import (
    explain_words,
    show_author,
    show_card,
    show_checklists,
    show_done,
)

WORDS = PageWords("en")


def test_steps_have_the_anchors_that_checklists_name(stored):
    headings = [
        one.anchor for one in show_done(stored, WORDS).blocks
        if isinstance(one, Heading)
    ]  # fmt: skip
    assert {"done-recordings", "done-harmonising", "done-models"} <= set(headings)


def test_methods_that_were_run_are_explained_and_no_others(stored):
    (table,) = [
        one for one in show_done(stored, WORDS).blocks if isinstance(one, Table)
    ]
    assert [row[0] for row in table.rows] == [
        "dummy", "demographics", "riemann", "random-encoder", "encoder",
    ]  # fmt: skip


def test_silent_authors_are_told_where_to_speak(stored, tell):
    (lead,) = show_author(stored, WORDS).blocks
    assert "[report]" in lead.text
    said = show_author(tell(ethics="Approved."), WORDS).blocks
    assert said[1].anchor == "author-ethics"
    assert said[2].text == "Approved."


def test_rows_of_checklists_lead_to_their_places(stored):
    section = show_checklists(stored, WORDS)
    counts = next(one for one in section.blocks if isinstance(one, Table))
    known = read_words("rows")
    assert [row[0] for row in counts.rows] == [
        known[f"title-{name}"] for name in ("tripod", "cobidas", "probast")
    ]
    folded = [one for one in section.blocks if isinstance(one, Folded)]
    rows = {row[0]: row for row in folded[0].blocks[1].rows}
    assert len(rows) == 52
    assert rows["20a"][2:4] == (known["status-reported"], "#people")
    # What is counted is what is listed.
    reported = sum(row[2] == known["status-reported"] for row in rows.values())
    assert counts.rows[0][1] == str(reported)


def test_a_model_card_has_nine_headings(stored):
    blocks = show_card(stored, WORDS).blocks
    assert sum(isinstance(one, Heading) for one in blocks) == 9


def test_each_code_is_explained_once():
    section = explain_words(
        [("term-x", "X", ("It is x.",))], ["NG101", "NG111", "NG101"], WORDS
    )
    terms, codes = (one for one in section.blocks if isinstance(one, Terms))
    assert terms.rows[0][0] == "term-x"
    assert [row[0] for row in codes.rows] == ["code-NG101", "code-NG111"]
    assert all(len(row[2]) == 3 for row in codes.rows)
    assert len(explain_words([], [], WORDS).blocks) == 1
