"""What holds of every chart, whatever people call their methods and groups."""

import re

import pytest

from neurograft.files.sentences import read_words
from neurograft.report.figures.drawing import Drawing

METHODS = ("dummy", "band-power", "random-encoder", "encoder")

LONG = "the_name_of_a_group_with_forty_letters_x"
CAPITALS = "NEUROPSYCHIATRIC COHORT OF A UNIVERSITY"
ODD = {
    "plain": {},
    "one": {"methods": ("encoder",), "groups": ("all",), "n": 5},
    "five people": {"n": 5},
    "long": {
        "methods": ("band-power:" + LONG, "random-encoder@" + LONG, "encoder+" + LONG),
        "groups": (LONG, LONG[::-1]),
    },
    "capitals": {"methods": (CAPITALS, "encoder"), "groups": (CAPITALS, "b", "c")},
    "many": {
        "methods": tuple(f"encoder+{i}:svm" for i in range(20))
        + tuple(f"random-encoder:{i}" for i in range(20)),
        "groups": tuple(f"group {i}" for i in range(9)),
        "n": 400,
    },
    "signs": {"methods": ("a@b", "<c> & d"), "groups": ('"', "a < b & c")},
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("odd", list(ODD))
def test_texts_neither_leave_a_chart_nor_lie_on_each_other(
    draw_all, check_chart, language, odd
):
    for name, svg in draw_all(read_words("figures", language), **ODD[odd]).items():
        if svg or (name, odd) != ("differences", "one"):
            check_chart(svg)


def test_the_same_tables_give_the_same_bytes(draw_all):
    words = read_words("figures")
    assert draw_all(words) == draw_all(words)


def test_no_chart_writes_a_number_that_is_none(draw_all):
    for name, svg in draw_all(read_words("figures")).items():
        assert "nan" not in svg.lower().replace("nanoampere", ""), name
        assert "inf" not in svg.lower(), name


def test_every_word_of_a_chart_is_translated(draw_all, read_svg, list_texts):
    """What is written alike in both languages, people gave, or it has one name."""
    groups = ("G1", "G2")
    english, german = (
        draw_all(read_words("figures", language), groups=groups)
        for language in ("en", "de")
    )
    given = {*METHODS, "recentre", "coral", "frontal", "parietal"}
    for name, svg in english.items():
        shared = set(list_texts(read_svg(svg))) & set(
            list_texts(read_svg(german[name]))
        )
        words = {text.partition(":")[0] for text in shared if has_word(text)}
        assert words <= given, name


def has_word(text):
    return re.search("[a-z]{4}", text) is not None


def test_texts_that_overlap_or_leave_are_found(check_chart):
    for places in ([(10, 20), (30, 24)], [(370, 20)], [(10, 5)], [(10, 39)]):
        drawing = Drawing(title="t", desc="d")
        for x, y in places:
            drawing.text(x, y, "words")
        drawing.height = 40
        with pytest.raises(AssertionError):
            check_chart(drawing.finish())
