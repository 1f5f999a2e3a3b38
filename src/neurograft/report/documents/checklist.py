"""Checklists as a table and as Markdown: status, place and remark of every row."""

from typing import Any, NamedTuple

import pandas as pd

from neurograft.files.sentences import read_words
from neurograft.report.documents.checklist_rows import CHECKLISTS
from neurograft.report.documents.rules import Rule, Status
from neurograft.report.documents.stored_study import StoredStudy

COLUMNS = ("checklist", "item", "text", "status", "place", "remark")
# In the order in which they are counted and shown.
STATUSES: tuple[Status, ...] = (
    "reported", "partly", "author", "not done", "not applicable",
)  # fmt: skip
SETTINGS = ("language", "prevalence")


class AuthorWords(NamedTuple):
    """Words of the author about one thing.

    Attributes:
        anchor: Of the place in the page.
        title: Heading.
        words: Of the author.
    """

    anchor: str
    title: str
    words: str


def tabulate_checklists(
    study: StoredStudy, language: str | None = None
) -> pd.DataFrame:
    """Tabulate the rows of all checklists with their status.

    A row is reported because a stored table or the author answers it, never because a
    setting exists.

    Args:
        study: A finished study.
        language: Of the texts; by default the one that the author chose.

    Returns:
        `checklist`, `item`, `text`, `status`, `place` (anchors of the page, with blanks
        between) and `remark` (words of the author, or why not).
    """
    words = read_words("rows", language or study.author.language)
    rows = [
        {
            "checklist": name,
            "item": rule.item,
            "text": words[f"{name}-{rule.item}"],
            **_judge(rule, study, words),
        }
        for name, rules in CHECKLISTS.items()
        for rule in rules
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def count_statuses(table: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of every checklist by status."""
    counts = pd.crosstab(table["checklist"], table["status"])
    wanted = counts.reindex(columns=list(STATUSES), fill_value=0)
    return wanted.reindex(table["checklist"].unique())


def list_author_words(
    study: StoredStudy, language: str | None = None
) -> list[AuthorWords]:
    """List what the author said, in the order of the study file."""
    words = read_words("rows", language or study.author.language)
    told = study.author.model_dump(exclude=set(SETTINGS))
    return [
        AuthorWords(f"author-{field}", words[f"field-{field}"], said)
        for field, said in told.items()
        if said
    ]


def render_markdown(table: pd.DataFrame, language: str = "en") -> str:
    """Render a table of checklists as Markdown.

    Args:
        table: From `tabulate_checklists`.
        language: Of the headings.
    """
    words = read_words("rows", language)
    columns = COLUMNS[1:]
    header = " | ".join(words[f"column-{column}"] for column in columns)
    parts = []
    for name, own in table.groupby("checklist", sort=False):
        lines = [f"## {words[f'title-{name}']}", "", words[f"source-{name}"], ""]
        lines += [f"| {header} |", f"|{'---|' * len(columns)}"]
        for row in own.to_dict("records"):
            row["status"] = words[f"status-{row['status']}"]
            cells = [_escape(str(row[column])) for column in columns]
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _judge(rule: Rule, study: StoredStudy, words: dict[str, Any]) -> dict[str, str]:
    told = {field: str(getattr(study.author, field)) for field in rule.fields}
    said = [field for field, text in told.items() if text]
    status = rule.judge(study)
    if rule.fields and len(said) == len(rule.fields):
        status = "reported"
    elif said and status == "author":
        status = "partly"
    remark = " ".join(told[field] for field in said)
    if not remark and rule.remark and status != "reported":
        remark = words[f"remark-{rule.remark}"]
    return {
        "status": status,
        "place": _find_place(rule, status, said),
        "remark": remark,
    }


def _find_place(rule: Rule, status: Status, said: list[str]) -> str:
    if said:
        return " ".join(f"author-{field}" for field in said)
    is_answered = status in ("reported", "partly") or not rule.fields
    is_there = status not in ("not done", "not applicable")
    return " ".join(rule.places) if is_answered and is_there else ""


def _escape(cell: str) -> str:
    """Return a cell that cannot end a row of a Markdown table, or become markup."""
    plain = " ".join(cell.split()).replace("\\", "\\\\").replace("|", "\\|")
    return plain.replace("<", "&lt;")
