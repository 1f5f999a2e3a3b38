"""Draw an answer among those to people who were left out."""

import math

from neurograft.files.sentences import say_probability
from neurograft.prediction.card import Quantiles
from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.quantiles import find_value
from neurograft.report.charts.axes import (
    AXIS,
    LEFT,
    REFERENCE,
    RIGHT,
    Scale,
    begin_chart,
    draw_stripes,
    draw_x_axis,
    make_scale,
    name_value,
    say_number,
    shorten,
)
from neurograft.report.charts.marks import GROUP_LOOKS, draw_mark
from neurograft.report.figures.drawing import SMALL, SOFT, Drawing
from neurograft.report.figures.words import ENGLISH, Words

# Height of a row, and of the box inside it.
ROW, BOX = 38.0, 12.0
# Ends of the box: the middle half of the people.
LOWER, MIDDLE, UPPER = 0.25, 0.5, 0.75


def draw_answer(prediction: Prediction, *, words: Words = ENGLISH) -> str:
    """Draw an answer on the distribution of the answers to people left out.

    Of groups it is the probability of the last one; of a number, its interval.

    Args:
        prediction: The answer.
        words: Of the chart.

    Returns:
        SVG; empty if there is no answer.
    """
    if prediction.value is None:
        return ""
    if prediction.interval is None:
        return _draw_groups(prediction, words)
    return _draw_number(prediction, words)


def _draw_groups(prediction: Prediction, words: Words) -> str:
    """Draw the probability of the last group, with what others of each group got."""
    card = prediction.card
    last = card.classes[-1]
    at_study = _find_at_study(prediction)
    known = [
        (name, card.answers[name]) for name in card.classes if name in card.answers
    ]
    told = "; ".join(_tell(name, own, words) for name, own in known)
    drawing = begin_chart(
        words["answer"],
        words["answer_desc"].format(group=last, value=_say_share(at_study), rows=told),
        note=words["answer_note"].format(n=sum(own.n for _, own in known)),
    )
    scale = Scale(0, 1, LEFT + 12, RIGHT - 8)
    top = drawing.height + 6
    y = top
    for place, (name, own) in enumerate(known):
        drawing.text(
            LEFT, y + 10, shorten(f"{name} (n = {own.n})", size=SMALL), size=SMALL
        )
        _draw_box(
            drawing, own, scale, y + 6, GROUP_LOOKS[place % len(GROUP_LOOKS)].colour
        )
        y += ROW
    # Upright strokes over the boxes, which spare the names of the groups.
    spans = [(top + ROW * row + 14, top + ROW * (row + 1)) for row in range(len(known))]
    draw_stripes(drawing, [scale.place(at_study)], spans, REFERENCE)
    draw_mark(
        drawing,
        GROUP_LOOKS[0]._replace(colour="currentColor"),
        scale.place(at_study),
        y + 2,
    )
    label = words["answer_x"].format(group=last)
    draw_x_axis(drawing, scale, y + 10, label, words)
    return drawing.finish()


def _find_at_study(prediction: Prediction) -> float:
    """Find the probability of the last group at the shares of the study."""
    p = list(prediction.probabilities.values())
    if prediction.prevalence is None:
        return float(p[-1])
    counts = list(prediction.card.people.groups.values())
    share = counts[-1] / sum(counts)
    odds = p[-1] / max(1 - p[-1], 1e-12)
    odds *= (1 - prediction.prevalence) / prediction.prevalence * share / (1 - share)
    return float(odds / (1 + odds))


def _draw_box(
    drawing: Drawing, own: Quantiles, scale: Scale, y: float, colour: str
) -> None:
    """Draw a line over the stored quantiles, a box over the middle half, a median.

    Of few people the middle half is not known, and the median stands alone.
    """
    middle = y + ROW / 2
    ends = (scale.clip(own.values[0]), scale.clip(own.values[-1]))
    drawing.line(
        (ends[0], middle), (ends[1], middle), f'stroke="{colour}" stroke-width="1.4"'
    )
    low, centre, high = (
        scale.clip(find_value(level, own)) for level in (LOWER, MIDDLE, UPPER)
    )
    style = f'fill="{colour}" fill-opacity="0.25" stroke="{colour}"'
    if has_box(own):
        drawing.rectangle(low, middle - BOX / 2, max(high - low, 1.0), BOX, style)
    drawing.line(
        (centre, middle - BOX / 2),
        (centre, middle + BOX / 2),
        f'stroke="{colour}" stroke-width="2.4"',
    )


def has_box(own: Quantiles) -> bool:
    """Return whether so many people are known that their middle half is."""
    return own.levels[0] <= LOWER and own.levels[-1] >= UPPER


def _tell(name: str, own: Quantiles, words: Words) -> str:
    low, middle, high = (
        _say_share(find_value(level, own)) for level in (LOWER, MIDDLE, UPPER)
    )
    row = words["answer_row" if has_box(own) else "answer_row_median"]
    return row.format(name=name, n=own.n, low=low, middle=middle, high=high)


def _say_share(p: float) -> str:
    return say_probability(p).replace("%", " %")


def _draw_number(prediction: Prediction, words: Words) -> str:
    """Draw the interval of a number above the true values of people learned from."""
    card = prediction.card
    value = float(prediction.value or 0)
    low, high = prediction.interval or (math.nan, math.nan)
    true = card.answers.get("true")
    ends = [value, low, high, *((true.values[0], true.values[-1]) if true else ())]
    if card.target == "age":
        ends.append(prediction.age)
    scale = make_scale(ends, AXIS, RIGHT)
    what = name_value(card.target, words) if card.target else card.column
    shown = [say_number(one, words, digits=1) for one in (value, low, high)]
    drawing = begin_chart(
        words["answer_number"],
        words["answer_number_desc"].format(
            what=what, value=shown[0], low=shown[1], high=shown[2]
        ),
        note=words["answer_note"].format(n=card.people.n),
    )
    y = drawing.height + 8
    drawing.text(LEFT, y + 4, words["answer_person"], size=SMALL)
    y += 20
    if math.isfinite(low) and math.isfinite(high):
        drawing.line(
            (scale.place(low), y),
            (scale.place(high), y),
            'stroke="currentColor" stroke-width="2"',
        )
    draw_mark(drawing, GROUP_LOOKS[0], scale.place(value), y)
    told = words["value_interval"].format(value=shown[0], low=shown[1], high=shown[2])
    if not math.isfinite(high):
        told = words["value_alone"].format(value=shown[0])
    drawing.text(RIGHT, y - 10, told, anchor="end", size=SMALL)
    y += 10
    if card.target == "age" and math.isfinite(prediction.age):
        x = scale.place(prediction.age)
        drawing.line((x, y - 16), (x, y + 4), REFERENCE)
        drawing.text(x, y + 16, words["answer_true_age"], anchor="middle", size=SMALL)
        y += 18
    if true:
        label = words["answer_learned"].format(n=true.n)
        drawing.text(LEFT, y + 16, label, size=SMALL, style=SOFT)
        _draw_box(drawing, true, scale, y + 14, GROUP_LOOKS[-1].colour)
        y += 14 + ROW
    draw_x_axis(drawing, scale, y + 6, what, words)
    return drawing.finish()
