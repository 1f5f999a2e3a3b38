"""In one minute: a card per task with its answer and what may stand behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from neurograft.files.sentences import say, translate
from neurograft.report.blocks import (
    Answer,
    Answers,
    PageSection,
    PageWords,
    Paragraph,
    State,
    Statement,
)
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.verdicts import StoredVerdict, list_verdicts

STATES: Mapping[str, State] = {
    "evidence": "found",
    "no evidence": "nothing",
    "undecided": "undecided",
    "not asked": "undecided",
    "refused": "refused",
}
# Questions whose answers are other explanations of what was found.
OTHERS = ("design", "confound")


def show_answers(study: StoredStudy, words: PageWords) -> PageSection:
    """Answer every task: whether there is something, what else it may be, what then."""
    verdicts = list_verdicts(study)
    cards = tuple(
        _answer(task, number, verdicts, words)
        for number, task in enumerate(study.tasks.to_dict("records"), start=1)
    )
    lead = Paragraph(words("answers_lead", n=len(cards)))
    return PageSection("answers", words("answers"), (lead, Answers(cards)))


def name_anchor(number: int) -> str:
    """Return the anchor of the results of a task by its place, from 1."""
    return f"task-{number}"


def _answer(
    task: Mapping[Any, Any],
    number: int,
    verdicts: Sequence[StoredVerdict],
    words: PageWords,
) -> Answer:
    name = str(task["task"])
    own = [one for one in verdicts if one.task == name]
    evidence = [one for one in own if one.question == "evidence"]
    first = evidence[0] if evidence else None
    return Answer(
        name,
        name_anchor(number),
        STATES[first.answer] if first else "undecided",
        say_verdict(first, words) if first else words("not_asked"),
        first.code if first else "",
        tuple(_list_others(task, own, words)),
        tuple(
            Statement(say_verdict(one, words), "told", one.code)
            for one in own
            if one.question == "needed"
        ),
    )


def say_verdict(verdict: StoredVerdict, words: PageWords) -> str:
    """Write a verdict in the language of the page."""
    return say(verdict.code, verdict.values, language=words.language)


def _list_others(
    task: Mapping[Any, Any], verdicts: Sequence[StoredVerdict], words: PageWords
) -> list[Statement]:
    """List what else could explain_words an answer."""
    found = []
    if bool(task.get("transductive", False)):
        found.append(Statement(words("transductive"), "caution"))
    caution = read_text(task, "leak_caution")
    if caution:
        said = translate(caution, words.language)
        found.append(Statement(said, "caution"))
    return found + [
        Statement(say_verdict(one, words), "caution", one.code)
        for one in verdicts
        if one.question in OTHERS
    ]


def read_text(row: Mapping[Any, Any], column: str) -> str:
    """Read a text of a table; empty where it is missing."""
    text = row.get(column)
    return text if isinstance(text, str) else ""
