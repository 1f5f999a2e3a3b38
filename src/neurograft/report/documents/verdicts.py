"""Verdicts as they are stored: a code and its values, to be said in any language."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from neurograft.report.blocks import PageWords
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
    """List the verdicts of the summary, with their codes and values.

    People who are compared with their match are counted in pairs, and called so.
    """
    words = PageWords(study.author.language)
    paired = {
        str(row["task"]) for row in study.tasks.to_dict("records") if is_paired(row)
    }
    stored = read_verdicts(study.read(study.summary, "verdicts"))
    return [
        one._replace(values=_count_pairs(one.values, words))
        if one.task in paired and one.question != "needed"
        else one
        for one in stored
    ]


def is_paired(task: Mapping[Any, Any]) -> bool:
    """Return whether everybody is compared with a match.

    Args:
        task: Row of `tasks.tsv`; one that an earlier version wrote does not say it.
    """
    return bool(task.get("is_paired", False))


def _count_pairs(values: Mapping[str, Any], words: PageWords) -> dict[str, Any]:
    """Call every n a number of pairs, also in the parts of a sentence."""
    counted = {
        key: _count_pairs(value, words) if isinstance(value, Mapping) else value
        for key, value in values.items()
    }
    if isinstance(values.get("n"), int | float):
        counted["n"] = words("pairs", n=int(values["n"]))
    return counted


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
