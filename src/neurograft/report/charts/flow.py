"""The way of people and recordings into the tasks, with who was left out and why."""

from collections.abc import Sequence
from typing import NamedTuple

from neurograft.report.charts.axes import (
    LEFT,
    RIGHT,
    begin_chart,
    fit_lines,
)
from neurograft.report.figures.drawing import SMALL, Drawing, number
from neurograft.report.figures.words import ENGLISH, Words

# Width of boxes; the reasons stand to the right of the arrows.
BOX, PAD, LINE = 196.0, 8.0, 15.0
INDENT = 26.0
STROKE = 'stroke="currentColor" stroke-width="1.2" fill="none"'


class FlowStep(NamedTuple):
    """A place that people reach.

    Attributes:
        name: As it is read.
        n_people: Who reached it.
        n_recordings: Theirs; None where only people are counted.
        left_out: Reasons for which others of the step before did not, with their
            numbers.
    """

    name: str
    n_people: int
    n_recordings: int | None = None
    left_out: Sequence[tuple[str, int]] = ()


def draw_flow(
    steps: Sequence[FlowStep],
    tasks: Sequence[FlowStep] = (),
    *,
    words: Words = ENGLISH,
) -> str:
    """Draw steps below each other, and tasks as branches of the last step.

    Args:
        steps: For example what was found, then what is usable.
        tasks: Who of the last step is in each task, and why others are not.
        words: Of the chart.

    Returns:
        SVG; empty if there is no step.
    """
    if not steps:
        return ""
    told = "; ".join(_tell(step, words) for step in (*steps, *tasks))
    drawing = begin_chart(words["flow"], words["flow_desc"].format(steps=told))
    y = drawing.height + 4
    for place, step in enumerate(steps):
        if place:
            y = _draw_way(drawing, step, y, words)
        y = _draw_box(drawing, step, LEFT, y, words)
    start, joints = y, []
    for task in tasks:
        y += 14
        top = y
        y = max(
            _draw_box(drawing, task, LEFT + INDENT, y, words),
            _draw_reasons(drawing, task, y - 1, words),
        )
        joints.append(top + 18)
    if joints:
        _draw_branches(drawing, start, joints)
    drawing.height = y + 6
    return drawing.finish()


def _draw_box(
    drawing: Drawing, step: FlowStep, x: float, y: float, words: Words
) -> float:
    """Draw a step; returns its lower end."""
    width = BOX + LEFT - x
    names = fit_lines(step.name, width=width - 2 * PAD)
    counts = fit_lines(_count(step, words), size=SMALL, width=width - 2 * PAD)
    height = LINE * (len(names) + len(counts)) + 10
    drawing.rectangle(x, y, width, height, f'data-box="" rx="4" {STROKE}')
    base = y + 3
    for line in names:
        base += LINE
        drawing.text(x + PAD, base, line, style=' font-weight="600"')
    for line in counts:
        base += LINE
        drawing.text(x + PAD, base, line, size=SMALL)
    return y + height


def _draw_way(drawing: Drawing, step: FlowStep, y: float, words: Words) -> float:
    """Draw the arrow to a step with the reasons beside it; returns its lower end."""
    end = max(y + 26, _draw_reasons(drawing, step, y + 2, words) + 6)
    x = LEFT + BOX / 2
    drawing.line((x, y), (x, end - 6), STROKE)
    drawing.add(f'<path d="M{number(x - 4)},{number(end - 7)}h8l-4,7z"/>')
    if step.left_out:
        middle = y + (end - y) / 2 - 3
        drawing.line((x, middle), (LEFT + BOX + 4, middle), STROKE)
    return end


def _draw_reasons(drawing: Drawing, step: FlowStep, y: float, words: Words) -> float:
    """Write at the right whom a step leaves out, and why; returns the lower end."""
    x = LEFT + BOX + 10
    for reason, n in step.left_out:
        told = words["flow_reason"].format(n=n, reason=reason)
        for place, line in enumerate(fit_lines(told, size=SMALL, width=RIGHT - x - 8)):
            y += 14
            drawing.text(x + (8 if place else 0), y, line, size=SMALL)
    return y


def _draw_branches(drawing: Drawing, start: float, joints: Sequence[float]) -> None:
    x = LEFT + 10
    drawing.line((x, start), (x, joints[-1]), STROKE)
    for y in joints:
        drawing.line((x, y), (LEFT + INDENT - 6, y), STROKE)
        tip = LEFT + INDENT
        drawing.add(f'<path d="M{number(tip - 7)},{number(y - 4)}v8l7,-4z"/>')


def _count(step: FlowStep, words: Words) -> str:
    if step.n_recordings is None:
        return words["flow_people"].format(people=step.n_people)
    return words["flow_counts"].format(
        people=step.n_people, recordings=step.n_recordings
    )


def _tell(step: FlowStep, words: Words) -> str:
    """Say a step and whom it left out."""
    reasons = [
        words["flow_reason"].format(n=n, reason=reason) for reason, n in step.left_out
    ]
    left = f" ({', '.join(reasons)})" if reasons else ""
    return f"{step.name}: {_count(step, words)}{left}"
