"""Figures of the people: their way into the tasks, their ages, their recordings."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from neurograft.report.blocks import PageWords
from neurograft.report.charts.flow import FlowStep, draw_flow
from neurograft.report.charts.true_and_predicted import draw_ages
from neurograft.report.documents.preparation_steps import DROPPED
from neurograft.report.documents.reasons import list_reasons
from neurograft.report.documents.stored_study import StoredStudy
from neurograft.report.figures.quality_overview import (
    draw_bad_channels,
    draw_kept_shares,
)
from neurograft.report.figures.words import read_figure_words

PERSON = ["cohort", "participant_id"]
# Tasks of a drawing. Chosen here: so many fit on a printed page.
N_TASKS = 10
Drawn = tuple[str, str, str]


def draw_way(study: StoredStudy, words: PageWords) -> Iterator[Drawn]:
    """Yield the way of recordings and people into the tasks, ten tasks a drawing."""
    table = study.recordings
    kept = table[table["status"] != DROPPED]
    dropped = table.loc[table["status"] == DROPPED, "reason"]
    steps = (
        FlowStep(words("flow_found"), _count_people(table), len(table)),
        FlowStep(
            words("flow_usable"),
            _count_people(kept),
            len(kept),
            list_reasons(dropped, words.language),
        ),
    )
    subjects = study.subjects
    tasks = [
        FlowStep(
            str(task),
            _count_people(own[own["left_out"].isna()]),
            None,
            list_reasons(own.drop_duplicates(PERSON)["left_out"], words.language),
        )
        for task, own in subjects.groupby("task", sort=False)
    ]
    said = read_figure_words(words.language)
    yield "flow", draw_flow(steps, tasks[:N_TASKS], words=said), words("flow_caption")
    for part, first in enumerate(range(N_TASKS, len(tasks), N_TASKS), start=2):
        others = tasks[first : first + N_TASKS]
        # What was left out before stands in the first drawing.
        last = steps[-1]._replace(left_out=())
        svg = draw_flow([last], others, words=said)
        yield f"flow-{part}", svg, words("flow_more_caption", part=part)


def _count_people(table: pd.DataFrame) -> int:
    return len(table.drop_duplicates(PERSON))


def draw_task_ages(
    study: StoredStudy, task: Mapping[Any, Any], words: PageWords
) -> Drawn:
    """Draw the ages of the groups of a task; where a number is predicted, of all.

    Args:
        study: A finished study.
        task: Row of `tasks.tsv`.
        words: Of the page.
    """
    name = str(task["task"])
    own = study.subjects[study.subjects["task"] == name]
    kept = own[own["left_out"].isna()].sort_values("label", kind="stable")
    if task["kind"] == "regression":
        named = {True: words("learned_from"), False: words("not_learned_from")}
        kept = kept.assign(group=kept["is_reference"].map(named))
    svg = draw_ages(kept, words=read_figure_words(words.language))
    return f"ages-{name}", svg, words("ages_caption")


def draw_quality(study: StoredStudy, words: PageWords) -> Iterator[Drawn]:
    """Yield how much of the recordings is used, and which channels were bad."""
    said = read_figure_words(words.language)
    kept = study.recordings[study.recordings["status"] != DROPPED]
    yield "kept", draw_kept_shares(kept, words=said), words("quality_caption")
    yield "bads", draw_bad_channels(kept, words=said), words("bads_caption")
