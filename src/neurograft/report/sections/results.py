"""Results of every task: methods beside each other, errors, curves, who was right."""

import re
from collections.abc import Iterator

import pandas as pd

from neurograft.config.method_table import DESCRIBED, LEARNERS, REMEDIES
from neurograft.files.sentences import LANGUAGE, read_words, translate
from neurograft.report.blocks import (
    Block,
    Folded,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Statement,
    Statements,
    Table,
)
from neurograft.report.choice_words import describe_choices
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.documents.verdicts import list_verdicts
from neurograft.report.sections.answers import name_anchor, read_text, say_verdict
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.result_figures import (
    draw_few_labels,
    draw_results,
    say_too_few,
)
from neurograft.report.sections.result_tables import (
    show_answers_of_people,
    show_bands,
    show_confusion,
    show_design,
    show_gaps,
    show_losses,
    show_more_metrics,
    show_recordings,
    show_result_table,
    show_subgroups,
    show_thresholds,
)
from neurograft.report.sections.tables import make_table
from neurograft.report.sections.task_tables import TaskTables


def show_results(study: StoredStudy, words: PageWords) -> PageSection:
    """Show the results of every task."""
    blocks: list[Block] = [Paragraph(words("results_lead"))]
    for number, task in enumerate(study.tasks.to_dict("records"), start=1):
        tables = TaskTables(study, task)
        mark = words("is_transductive") if task.get("transductive", False) else ""
        title = " ".join(filter(None, (tables.name, mark)))
        blocks.append(Heading(title, name_anchor(number)))
        blocks += _describe_task(tables, words)
    if "encoder" in study.methods and not study.has_rows(study.summary, "occlusion"):
        blocks.append(Paragraph(words("occlusion_off"), "small"))
    is_number = set(study.tasks["kind"]) == {"regression"}
    title = words("results_number" if is_number else "results")
    return PageSection("results", title, tuple(blocks))


def _describe_task(tables: TaskTables, words: PageWords) -> Iterator[Block]:
    yield from _warn(tables, words)
    if tables.task["kind"] == "contrast":
        yield Paragraph(words("contrast_note", n=tables.n_people))
    few = draw_few_labels(tables, words) if not _has_few(tables) else ()
    for name, svg, caption in (*draw_results(tables, words), *few):
        yield from draw(name, svg, caption)
    method = tables.shown_method
    told = {
        "task": tables.name,
        "method": method,
        "unit": tables.unit,
        "group": str(tables.task["classes"]).split(", ")[-1],
    }
    yield from _keep(
        show_result_table(
            tables.read("results"), tables.read("comparisons"), told, words
        ),
        show_confusion(tables.read("confusion"), told, words),
        show_thresholds(tables.read("operating"), told, words),
        show_gaps(tables.read("brain_age"), told, words),
        show_bands(tables.read("brain_age_bands"), told, words),
        show_design(tables.read("design"), told, words),
    )
    folded = (
        ("more_metrics", show_more_metrics(tables.read("results"), told, words)),
        ("losses", show_losses(tables.read("occlusion"), told, words)),
        ("for_whom", show_subgroups(tables.read("subgroups"), told, words)),
        (
            "recordings_alone",
            show_recordings(tables.read("recordings"), told, words),
        ),
        (
            "answers_of_people",
            show_answers_of_people(tables.read("answers"), told, words),
        ),
    )
    for key, table in folded:
        if table:
            yield Folded(words(key), (table,))
    yield from _describe_remarks(tables, words)


def _warn(tables: TaskTables, words: PageWords) -> Iterator[Block]:
    """Yield why no claim can be made, before values that look good for that reason."""
    refused = [
        Statement(say_verdict(one, words), "refused", one.code)
        for one in list_verdicts(tables.study)
        if (one.task, one.question, one.answer) == (tables.name, "evidence", "refused")
    ]
    if refused:
        yield Statements(tuple(refused))


def _has_few(tables: TaskTables) -> bool:
    """Return whether few labels are answered under "Did pretraining help?"."""
    verdicts = tables.read("verdicts")
    return "question" in verdicts and "few labels" in set(verdicts["question"])


def _keep(*tables: Table | None) -> Iterator[Table]:
    yield from (table for table in tables if table)


def _describe_remarks(tables: TaskTables, words: PageWords) -> Iterator[Block]:
    """Yield what must be known about how a task was run."""
    task = tables.task
    too_few = say_too_few(tables.read("calibration"), tables.shown_method, words)
    if too_few:
        yield Paragraph(too_few, "small")
    for sentence in describe_choices(tables.read("choices"), words):
        yield Paragraph(sentence, "small")
    openings = task.get("holdout_openings")
    if pd.notna(openings) and openings:
        yield Paragraph(words("openings", n=int(openings)), "small")
        if openings > 1:
            yield Paragraph(words("no_confirmation"), "caution")
    if bool(task.get("adapts_to_tested", False)):
        yield Paragraph(words("adapts"), "small")
    given = read_text(task, "knows_mean")
    if given:
        yield Paragraph(words("knows_mean", said=given), "small")
    missing = _say_not_run(read_text(task, "not_run"), words)
    if missing:
        yield Paragraph(words("not_run", said=missing), "small")


def _say_not_run(text: str, words: PageWords) -> str:
    """Say which methods were not run and why, in the language of the page."""
    parts = [one.partition(": ") for one in text.split("; ")]
    return "; ".join(
        f"{name}{mark}{translate(why, words.language)}" for name, mark, why in parts
    )


def tabulate_methods(study: StoredStudy, words: PageWords) -> Table | None:
    """Tabulate the methods that were run, and what each of their parts is."""
    names = study.methods
    parts = {part for name in names for part in re.split(r"[+:@]", name)}
    said = {name: method.sentence for name, method in DESCRIBED.items()}
    said |= {f"@{name}": text for name, text in REMEDIES.items()}
    said |= {f":{name}": text for name, text in LEARNERS.items()}
    if words.language != LANGUAGE:
        said |= read_words("methods", words.language)
    rows = [(name, text) for name, text in said.items() if name.lstrip("@:") in parts]
    columns = ("method", "what_it_is")
    return make_table("methods", columns, rows, words, caption=words("methods_caption"))
