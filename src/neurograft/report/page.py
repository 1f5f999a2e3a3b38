"""The report: one HTML page with everything inside, written from the tables alone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from neurograft.report.blocks import (
    Answer,
    Answers,
    Block,
    Figure,
    PageSection,
    PageWords,
    Statement,
    Statements,
    walk,
)
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.terms import find_terms, link_terms
from neurograft.report.parts import read_part
from neurograft.report.rendering import render_sections, render_template
from neurograft.report.sections.answers import show_answers
from neurograft.report.sections.done import (
    explain_words,
    show_author,
    show_card,
    show_checklists,
    show_done,
)
from neurograft.report.sections.eeg import show_eeg
from neurograft.report.sections.gain import show_gain
from neurograft.report.sections.people import show_people
from neurograft.report.sections.results import show_results
from neurograft.report.sections.shift import show_shift

# In the order of the questions: of the clinic, of reviewers, of journals.
SECTIONS = (
    show_answers,
    show_people,
    show_eeg,
    show_results,
    show_gain,
    show_shift,
    show_done,
    show_author,
    show_checklists,
    show_card,
)


class PageSources(NamedTuple):
    """A finished study, and what stands at the foot of its page.

    Attributes:
        study: The tables.
        foot: `date`, `version`, `seed`, `study_file`, `fingerprint`.
    """

    study: StoredStudy
    foot: Mapping[str, Any]


def build_page(sources: PageSources, figures: dict[str, str]) -> str:
    """Fill the page; the figures drawn on the way are added to `figures`."""
    study = sources.study
    words = PageWords(study.author.language)
    sections = [describe(study, words) for describe in SECTIONS]
    sections = [section for section in sections if section.blocks]
    for section in sections:
        for block in walk(section.blocks):
            if isinstance(block, Figure):
                figures[block.name] = str(block.svg)
    body = link_terms(str(render_sections(sections, words)), words.language)
    terms = [
        (one.anchor, one.name, (one.text,)) for one in find_terms(body, words.language)
    ]
    last = explain_words(terms, list_codes(sections), words)
    body += str(render_sections([last], words))
    return str(
        render_template(
            "page.html",
            words,
            title=study.title,
            lead=words("lead", cohorts=", ".join(study.tasks["cohort"].unique())),
            contents=[(section.anchor, section.title) for section in [*sections, last]],
            body=Markup(body),
            foot=words("foot", **sources.foot),
            style=read_part("style.css"),
            script=read_part("script.js"),
        )
    )


def list_codes(sections: list[PageSection]) -> list[str]:
    """List the codes of all statements."""
    blocks: list[Block] = [block for one in sections for block in walk(one.blocks)]
    stated: list[Statement | Answer] = []
    for block in blocks:
        if isinstance(block, Statements):
            stated += block.rows
        elif isinstance(block, Answers):
            stated += block.rows
            stated += [row for one in block.rows for row in (*one.others, *one.needed)]
    return [one.code for one in stated if one.code]
