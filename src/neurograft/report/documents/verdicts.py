"""Verdicts as they are stored: a code and its values, to be said in any language."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from neurograft.report.documents.stored_study import StoredStudy


class StoredVerdict(NamedTuple):
    """A row of `verdicts.tsv`.

    Attributes:
        task: What was asked about.
        question: For example `evidence`.
        answer: In a word.
        code: Of the sentence.
        values: What the sentence holds.
    """

    task: str
    question: str
    answer: str
    code: str
    values: Mapping[str, Any]


def list_verdicts(study: StoredStudy) -> list[StoredVerdict]:
    """List the verdicts of the summary, with their codes and values."""
    table = study.read(study.summary, "verdicts")
    return [
        StoredVerdict(
            str(row["task"]),
            str(row["question"]),
            str(row["answer"]),
            str(row["code"]),
            json.loads(str(row["values"])),
        )
        for row in table.to_dict("records")
        if isinstance(row.get("values"), str)
    ]
