"""Figures of the results of one task."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from neurograft.report.blocks import PageWords
from neurograft.report.charts.calibration import draw_calibration
from neurograft.report.charts.forest import draw_age_gaps, draw_forest
from neurograft.report.charts.label_curves import draw_label_curves
from neurograft.report.charts.net_benefit import draw_net_benefit
from neurograft.report.charts.occlusion import draw_losses
from neurograft.report.charts.patterns import draw_patterns
from neurograft.report.charts.roc import draw_roc
from neurograft.report.charts.true_and_predicted import (
    draw_answer_gaps,
    draw_true_and_predicted,
)
from neurograft.report.documents.verdicts import is_paired
from neurograft.report.figures.words import Words, read_figure_words
from neurograft.report.sections.result_tables import PRIMARY
from neurograft.report.sections.task_tables import TaskTables

# Methods beside the one that is shown, where there is room for few.
BESIDE = ("encoder", "random-encoder", "band-power")
MAX_BESIDE = 4
# Words of figures that count recordings where everybody has two.
COUNTED = ("roc_note", "calibration_note")
# Fewest people of a mark of calibration. Chosen here: with fewer, a mark shows who was
# studied rather than whether probabilities are true.
MIN_PEOPLE = 5
Drawn = tuple[str, str, str]


def draw_results(tables: TaskTables, words: PageWords) -> Iterator[Drawn]:
    """Yield names, drawings and captions of a task; empty drawings are left out.

    Args:
        tables: Of the task.
        words: Of the page.
    """
    name, method = tables.name, tables.shown_method
    said = _read_words(tables, words)
    results = tables.read("results")
    primary = results[results["metric"].isin(PRIMARY)]
    svg = draw_forest(primary, unit=_name_unit(tables, words), words=said)
    yield f"forest-{name}", svg, words("forest_caption")
    beside = _choose_beside(tables, method)
    roc = tables.read("roc")
    if len(roc):
        svg = draw_roc(roc, methods=beside, band=method, results=primary, words=said)
        yield f"roc-{name}", svg, words("roc_caption", method=method)
    yield from _draw_numbers(tables, words)
    calibration = tables.read("calibration")
    if len(calibration) and not say_too_few(calibration, method, words):
        group = str(tables.task["classes"]).split(", ")[-1]
        svg = draw_calibration(calibration, group=group, methods=beside[:2], words=said)
        yield f"calibration-{name}", svg, words("calibration_caption")
    benefit = tables.read("net_benefit")
    if len(benefit):
        svg = draw_net_benefit(benefit, methods=(method,), words=said)
        caption = words("net_benefit_caption", method=method)
        yield f"net-benefit-{name}", svg, caption
    patterns = tables.read("patterns")
    if len(patterns):
        svg = draw_patterns(patterns, method=method, words=said)
        yield f"patterns-{name}", svg, words("patterns_caption", method=method)
    losses = tables.read("occlusion")
    if len(losses):
        svg = draw_losses(losses, unit=_name_unit(tables, words), words=said)
        yield f"occlusion-{name}", svg, words("occlusion_caption")


def _read_words(tables: TaskTables, words: PageWords) -> Words:
    """Read the words of figures; of a contrast, those that count recordings."""
    said = read_figure_words(words.language)
    if tables.task["kind"] != "contrast":
        return said
    return {**said, **{key: said[f"{key}_contrast"] for key in COUNTED}}


def say_too_few(calibration: pd.DataFrame, method: str, words: PageWords) -> str:
    """Say that too few people stand behind a mark of calibration; empty if enough do.

    Args:
        calibration: Of one task.
        method: That is shown in detail.
        words: Of the page.
    """
    if calibration.empty:
        return ""
    sizes = calibration.loc[calibration["method"] == method, "n"]
    if sizes.empty or sizes.min() >= MIN_PEOPLE:
        return ""
    few, many = int(sizes.min()), int(sizes.max())
    size = str(few) if few == many else f"{few}\u2013{many}"
    return words("calibration_too_few", n=int(sizes.sum()), size=size)


def _name_unit(tables: TaskTables, words: PageWords) -> str:
    """Return the unit of a predicted number in words; empty for groups."""
    return words(f"unit_{tables.unit}") if tables.unit else ""


def _choose_beside(tables: TaskTables, method: str) -> tuple[str, ...]:
    """Choose the method that is shown in detail and a few to compare it with."""
    known = set(tables.read("results")["method"])
    wanted = dict.fromkeys([method, *BESIDE])
    return tuple(one for one in wanted if one in known)[:MAX_BESIDE]


def _draw_numbers(tables: TaskTables, words: PageWords) -> Iterator[Drawn]:
    """Yield the figures of a task whose label is a number."""
    if tables.task["kind"] != "regression":
        return
    name, method = tables.name, tables.shown_method
    said = read_figure_words(words.language)
    answers = _name_groups(tables.read("answers"), words)
    if len(answers):
        svg = draw_true_and_predicted(
            answers, method=method, unit=tables.unit, words=said
        )
        caption = words("true_and_predicted_caption", method=method)
        yield f"predicted-{name}", svg, caption
    gaps = tables.read("brain_age")
    if len(gaps):
        own = gaps[gaps["method"] == method]
        if len(answers):
            svg = draw_answer_gaps(answers, method=method, unit=tables.unit, words=said)
            yield f"gap-{name}", svg, words("gap_caption")
        yield f"gaps-{name}", draw_age_gaps(own, words=said), words("gaps_caption")


def _name_groups(answers: pd.DataFrame, words: PageWords) -> pd.DataFrame:
    """Name the people learned from, and those who are tested only."""
    if answers.empty:
        return answers
    names = {True: words("learned_from"), False: words("not_learned_from")}
    return answers.assign(group=answers["is_reference"].astype(bool).map(names))


def draw_few_labels(tables: TaskTables, words: PageWords) -> Iterator[Drawn]:
    """Yield the curve of a task over numbers of labels, if it was computed."""
    curves = tables.read("curves")
    if len(curves):
        said = read_figure_words(words.language)
        unit = _name_unit(tables, words)
        labelled = _say_labelled(tables.task)
        svg = draw_label_curves(curves, unit=unit, labelled=labelled, words=said)
        yield f"curve-{tables.name}", svg, words("curve_caption")


def _say_labelled(task: Mapping[Any, Any]) -> str:
    """Say what a number of labels counts; see `draw_label_curves`."""
    if task["kind"] == "contrast":
        return "both"
    return "pairs" if is_paired(task) else "class"
