"""Show what was done to the data, words of the author, checklists, card and terms."""

from collections.abc import Mapping, Sequence

import pandas as pd

from neurograft.files.sentences import read_words
from neurograft.report.blocks import (
    Block,
    Folded,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Table,
    Terms,
)
from neurograft.report.documents.checklist import (
    count_statuses,
    list_author_words,
    tabulate_checklists,
)
from neurograft.report.documents.methods_text import write_methods
from neurograft.report.documents.model_card import write_model_card
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.sections.results import tabulate_methods
from neurograft.report.sections.tables import make_table


def show_done(study: StoredStudy, words: PageWords) -> PageSection:
    """Show the methods text, with its references, and the methods that were run."""
    text = write_methods(study, words.language)
    blocks: list[Block | None] = [Paragraph(words("done_lead"))]
    for step in text.steps:
        blocks.append(Heading(step.title, step.anchor))
        blocks.append(Paragraph(" ".join(step.sentences)))
    blocks.append(tabulate_methods(study, words))
    if text.references:
        blocks.append(Heading(text.references_title))
        blocks += [Paragraph(f"{r.number}. {r.text}", "small") for r in text.references]
    return PageSection("done", words("done"), tuple(b for b in blocks if b))


def show_author(study: StoredStudy, words: PageWords) -> PageSection:
    """Show what only the author knows, in the author's words."""
    blocks: list[Block] = []
    for said in list_author_words(study, words.language):
        blocks += [Heading(said.title, said.anchor), Paragraph(said.words)]
    lead = Paragraph(words("author_lead" if blocks else "author_nothing"))
    return PageSection("author", words("author"), (lead, *blocks))


def show_checklists(study: StoredStudy, words: PageWords) -> PageSection:
    """Show the checklists with the status of every row and links to its places."""
    table = tabulate_checklists(study, words.language)
    known: Mapping[str, str] = read_words("rows", words.language)
    counts = count_statuses(table)
    rows = [
        (known[f"title-{name}"], *map(str, own.to_list()))
        for name, own in counts.iterrows()
    ]
    columns = ("checklist", *(f"status_{name}".replace(" ", "_") for name in counts))
    blocks: list[Block | None] = [
        Paragraph(words("checklists_lead")),
        make_table("checklists", columns, rows, words),
    ]
    for name, own in table.groupby("checklist", sort=False):
        shown = tabulate_rows(own, str(name), known, words)
        note = Paragraph(known[f"source-{name}"], "small")
        blocks.append(Folded(known[f"title-{name}"], (note, shown)))
    return PageSection("checklists", words("checklists"), tuple(b for b in blocks if b))


def tabulate_rows(
    rows: pd.DataFrame, name: str, known: Mapping[str, str], words: PageWords
) -> Table:
    """Tabulate a checklist; places are anchors, which the page makes links.

    Args:
        rows: Of the checklist.
        name: Of the checklist.
        known: Words of its rows.
        words: Of the page.
    """
    cells = [
        (
            row["item"],
            row["text"],
            known[f"status-{row['status']}"],
            " ".join(f"#{place}" for place in str(row["place"]).split()),
            row["remark"],
        )
        for row in rows.to_dict("records")
    ]
    columns = words.columns("item", "asked", "status", "place", "remark")
    shown = tuple(tuple(map(str, row)) for row in cells)
    return Table(name, columns, shown, has_places=True)


def show_card(study: StoredStudy, words: PageWords) -> PageSection:
    """Show the model card."""
    blocks: list[Block] = []
    for part in write_model_card(study, words.language):
        blocks.append(Heading(part.title))
        blocks += [Paragraph(sentence) for sentence in part.sentences]
    return PageSection("model-card", words("model_card"), tuple(blocks))


def explain_words(
    terms: Sequence[tuple[str, str, tuple[str, ...]]],
    codes: Sequence[str],
    words: PageWords,
) -> PageSection:
    """Explain the terms and codes that a page uses.

    Args:
        terms: Anchor, name and explanations of every term.
        codes: Codes of the statements of the page.
        words: Of the page.
    """
    known: Mapping[str, Mapping[str, str]] = read_words("codes", words.language)
    rows = tuple(
        (
            f"code-{code}",
            code,
            tuple(
                words(f"code_{part}", said=known[code][part])
                for part in ("means", "pitfall", "cure")
            ),
        )
        for code in sorted(set(codes))
        if code in known
    )
    blocks: list[Block] = [Terms(tuple(terms))]
    if rows:
        blocks += [Heading(words("codes")), Paragraph(words("codes_lead")), Terms(rows)]
    return PageSection("terms", words("terms"), tuple(blocks))
