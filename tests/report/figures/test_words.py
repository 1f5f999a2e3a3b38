"""Another language needs the same names and places."""

import string

from neurograft.report.figures.topographies import draw_topographies
from neurograft.report.figures.words import ENGLISH
from neurograft.store.inspection import SECOND_WORDS


def test_every_verdict_has_words():
    assert set(SECOND_WORDS) <= set(ENGLISH)


def keep_fields(text):
    fields = (field for _, field, _, _ in string.Formatter().parse(text))
    return " ".join(f"{{{field}}}" for field in fields if field) or "-"


def test_a_figure_takes_all_its_words_from_the_table(
    make_topographies, read_svg, list_texts
):
    places = {name: keep_fields(text) for name, text in ENGLISH.items()}
    svg = draw_topographies(make_topographies(), "t", words=places)
    assert not any("theta" in text for text in list_texts(read_svg(svg)))
