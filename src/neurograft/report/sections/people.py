"""The people: who was found, who was kept, how they were recorded, who was asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from neurograft.report.blocks import (
    Block,
    Folded,
    Heading,
    PageSection,
    PageWords,
    Paragraph,
    Table,
)
from neurograft.report.documents.preparation_steps import DROPPED
from neurograft.report.documents.reasons import say_reason
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.sections.drawn import draw
from neurograft.report.sections.people_figures import (
    draw_quality,
    draw_task_ages,
    draw_way,
)
from neurograft.report.sections.tables import (
    list_values,
    make_table,
    say_factor,
    write_ages,
    write_p,
    write_share,
)

# Factors of a design whose balance stands in the table of the groups.
BALANCE = ("age", "sex")
PERSON = ("cohort", "participant_id")
# A bad channel with its reason.
REASONED = re.compile(r"[^,()]+\([^()]*\)")


def show_people(study: StoredStudy, words: PageWords) -> PageSection:
    """Show who was found, kept and asked, and how they were recorded."""
    blocks: list[Block | None] = []
    for drawn in draw_way(study, words):
        blocks += draw(*drawn)
    blocks.append(tabulate_cohorts(study, words))
    blocks += _describe_reasons(study, words)
    for task in study.tasks.to_dict("records"):
        blocks.append(Heading(words("people_of_task", task=task["task"])))
        blocks.append(tabulate_groups(study, task, words))
        blocks += draw(*draw_task_ages(study, task, words))
    blocks.append(Heading(words("quality")))
    for drawn in draw_quality(study, words):
        blocks += draw(*drawn)
    blocks += _list_people(study, words)
    return PageSection("people", words("people"), tuple(b for b in blocks if b))


def tabulate_cohorts(study: StoredStudy, words: PageWords) -> Table | None:
    """Tabulate people, age, sex and acquisition of every cohort."""
    rows = []
    for cohort, table in study.recordings.groupby("cohort", sort=False):
        kept = table[table["status"] != DROPPED]
        people = kept.drop_duplicates("participant_id")
        roles = [one for one in study.roles.get(str(cohort), "").split(", ") if one]
        rows.append(
            (
                str(cohort),
                ", ".join(words(f"role_{role}") for role in roles),
                str(len(people)),
                str(len(kept)),
                words("hours", value=float(kept["duration_s"].sum()) / 3600),
                write_ages(people["age"], words),
                write_share(people["sex"], "F", words),
                list_values(kept["n_channels"], words),
                list_values(kept["sfreq_hz"], words),
                list_values(kept["reference"], words),
                list_values(kept["line_freq_hz"], words),
            )
        )
    columns = (
        "cohort", "used_for", "people", "recordings", "hours", "age", "female",
        "channels", "sfreq", "reference", "mains",
    )  # fmt: skip
    return make_table("cohorts", columns, rows, words, caption=words("cohorts_caption"))


def _describe_reasons(study: StoredStudy, words: PageWords) -> Iterator[Block]:
    """Tabulate why recordings were dropped or repaired."""
    table = study.recordings
    reasons = table["reason"].astype(object)
    counted = table.assign(reason=reasons.where(reasons.notna(), ""))
    keys = ["cohort", "status", "reason"]
    sizes = counted.groupby(keys, sort=False).size().reset_index(name="n")
    rows = [
        (
            str(cohort),
            words(f"status_{status}"),
            str(n),
            say_reason(str(reason), words.language),
        )
        for cohort, status, reason, n in sizes.itertuples(index=False, name=None)
    ]
    shown = make_table(
        "flow", ("cohort", "status", "recordings", "reason"), rows, words
    )
    if shown:
        yield Folded(words("flow"), (shown, Paragraph(words("flow_note"), "small")))


def _list_people(study: StoredStudy, words: PageWords) -> Iterator[Block]:
    """List the people whose pages lie beside the report."""
    table = study.recordings
    rows = []
    for person in study.people_with_pages:
        own = table[(table[list(PERSON)] == list(person)).all(axis=1)]
        used = float(own["usable_s"].fillna(0).sum())
        share = used / max(float(own["duration_s"].sum()), 1e-9)
        was_measured = bool(own["duration_s"].notna().any())
        n_bads = sum(count_bads(cell) for cell in own["bads"])
        rows.append(
            (
                person[0],
                f"[{person[1]}]({name_person_page(person)})",
                str(len(own)),
                words("percent", share=share) if was_measured else "",
                str(n_bads) if was_measured else "",
            )
        )
    columns = ("cohort", "person", "recordings", "kept_share", "bads")
    shown = make_table("person-pages", columns, rows, words)
    if shown:
        shown = replace(shown, has_places=True)
        told = (words("person_pages_lead"), words("person_pages_beside"))
        lead = Paragraph(" ".join(told))
        yield Folded(words("person_pages"), (lead, shown))


def count_bads(cell: object) -> int:
    """Count the channels that a cell of `bads` names, with the reason of each.

    Example:
        >>> count_bads("T7 (too loud, z 7.8), T8 (noisy)"), count_bads(None)
        (2, 0)
    """
    return len(REASONED.findall(cell)) if isinstance(cell, str) else 0


def name_person_page(person: tuple[str, str]) -> str:
    """Return where the page of a person lies, beside the report."""
    cohort, label = person
    return f"subjects/{cohort}/{label}.html"


def tabulate_groups(
    study: StoredStudy, task: Mapping[Any, Any], words: PageWords
) -> Table | None:
    """Tabulate size, age and sex of a task's groups, their balance, who is left out.

    Args:
        study: A finished study.
        task: Row of `tasks.tsv`.
        words: Of the page.
    """
    table = study.subjects[study.subjects["task"] == task["task"]]
    kept = table[table["left_out"].isna()]
    rows = [
        (
            name,
            str(len(part)),
            write_ages(part["age"], words),
            write_share(part["sex"], "F", words),
            "",
        )
        for name, part in list_groups(kept, task, words)
    ]
    balance = _describe_balance(study, task, words)
    if any(balance.values()):
        key = "goes_with_number" if task["kind"] == "regression" else "difference"
        rows.append((words(key), "", balance["age"], balance["sex"], ""))
    for reason, part in table[table["left_out"].notna()].groupby("left_out"):
        said = say_reason(str(reason), words.language)
        rows.append((words("left_out"), str(len(part)), "", "", said))
    columns = ("group", "people", "age", "female", "remark")
    return make_table(f"groups-{task['task']}", columns, rows, words)


def list_groups(
    people: pd.DataFrame, task: Mapping[Any, Any], words: PageWords
) -> list[tuple[str, pd.DataFrame]]:
    """List the groups of a task with their people; everybody where it has none.

    Args:
        people: Rows of `subjects.tsv` of the task.
        task: Row of `tasks.tsv`.
        words: Of the page.
    """
    if task["kind"] == "regression":
        is_healthy = people["is_reference"].astype(bool)
        if is_healthy.all():
            return [(words("everybody"), people)]
        return [
            (words("learned_from"), people[is_healthy]),
            (words("not_learned_from"), people[~is_healthy]),
        ]
    classes = str(task["classes"]).split(", ")
    return [
        (classes[int(float(str(label)))], part)
        for label, part in people.groupby("label")
    ]


def _describe_balance(
    study: StoredStudy, task: Mapping[Any, Any], words: PageWords
) -> dict[str, str]:
    """Write how much age and sex go with the label, from the table of the design."""
    table = study.read(study.summary, "design")
    said = dict.fromkeys(BALANCE, "")
    if table.empty or "measure" not in table:
        return said
    own = table[(table["task"] == task["task"]) & table["factor"].isin(BALANCE)]
    for row in own.to_dict("records"):
        if pd.notna(row["value"]):
            said[row["factor"]] = words(
                "balance",
                measure=say_factor(row["measure"], words),
                value=row["value"],
                p=write_p(row["p"], words),
            )
    return said
