"""Blocks of a page that compare a person with the healthy of that age."""

from collections.abc import Iterator

import numpy as np

from neurograft.prediction.norms.comparing import CONFIDENCE, FAR_SD, Comparison
from neurograft.prediction.norms.measures import BANDS
from neurograft.prediction.person.prediction import Prediction
from neurograft.prediction.person.told import Told
from neurograft.report.blocks import (
    Block,
    Heading,
    PageWords,
    Statement,
    Statements,
)
from neurograft.report.figures.deviation_heads import draw_deviations
from neurograft.report.figures.spectra import Line, draw_compared_spectrum
from neurograft.report.figures.words import read_figure_words
from neurograft.report.sections.drawn import draw


def say_comparison(prediction: Prediction, words: PageWords) -> Iterator[Block]:
    """Say where a person is among the healthy people of that age, or why not.

    Nothing is said where there is no answer: the reason stands there.
    """
    found = prediction.comparison
    if found is None:
        return
    yield Heading(words("patient_comparison"))
    told = [found] if isinstance(found, Told) else [found.say(), found.centile]
    rows = [
        Statement(one.say(words.language), "told", one.code)
        for one in told
        if one is not None
    ]
    if rows:
        yield Statements(tuple(rows))


def draw_comparison(prediction: Prediction, words: PageWords) -> Iterator[Block]:
    """Draw the spectrum by region and heads of bands among those of healthy people."""
    found = prediction.comparison
    if isinstance(found, Comparison):
        yield from _draw(prediction, found, words)


def _draw(
    prediction: Prediction, found: Comparison, words: PageWords
) -> Iterator[Block]:
    """Draw the spectrum by region, and the heads of the bands."""
    said = read_figure_words(words.language)
    age = f"{prediction.age:.0f}"
    blank = np.full_like(found.own, np.nan)
    own = Line(said["this_person"], found.frequencies_hz, found.own, blank, blank)
    usual = Line(
        said["usual"].format(age=age, n=found.n, n_near=found.n_near),
        found.frequencies_hz,
        found.expected,
        found.low,
        found.high,
    )
    unit = prediction.card.norms.unit
    told = {"n": found.n, "n_near": found.n_near, "age": prediction.age}
    yield from draw(
        "compared-spectrum",
        draw_compared_spectrum(own, usual, unit=unit, words=said),
        words("patient_compared_spectrum", confidence=CONFIDENCE, **told),
    )
    heads = draw_deviations(
        found.z, tuple(BANDS), found.positions, far=FAR_SD, n=found.n, words=said
    )
    yield from draw(
        "deviations", heads, words("patient_deviations", far=FAR_SD, **told)
    )
