"""Another language needs the same names and places."""

import string

from neurograft.files.sentences import read_words
from neurograft.report.figures.topographies import draw_topographies
from neurograft.report.figures.words import ENGLISH
from neurograft.store.inspection import SECOND_WORDS


def test_every_verdict_has_words():
    assert set(SECOND_WORDS) <= set(ENGLISH)


def list_fields(text):
    return [field for _, field, _, _ in string.Formatter().parse(text) if field]


def keep_fields(text):
    return " ".join(f"{{{field}}}" for field in list_fields(text)) or "-"


def test_a_figure_takes_all_its_words_from_the_table(
    make_topographies, read_svg, list_texts
):
    places = {name: keep_fields(text) for name, text in ENGLISH.items()}
    svg = draw_topographies(make_topographies(), "t", words=places)
    assert not any("theta" in text for text in list_texts(read_svg(svg)))


def test_both_languages_hold_the_same_words_with_the_same_places():
    german = read_words("figures", "de")
    assert list(german) == list(ENGLISH)
    for key, text in ENGLISH.items():
        told, other = sorted(list_fields(text)), sorted(list_fields(german[key]))
        assert told == other, key
