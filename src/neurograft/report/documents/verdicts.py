"""Verdicts as they are stored: a code and its values, to be said in any language."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

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
    return read_verdicts(study.read(study.summary, "verdicts"))


def read_verdicts(table: pd.DataFrame) -> list[StoredVerdict]:
    """Read the rows of a table of verdicts; rows without values are left out."""
    return [
        StoredVerdict(
            str(row.get("task", "")),
            str(row["question"]),
            str(row["answer"]),
            str(row["code"]),
            json.loads(str(row["values"])),
        )
        for row in table.to_dict("records")
        if isinstance(row.get("values"), str)
    ]
