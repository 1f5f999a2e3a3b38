"""Scales keep proportions; numbers are written as the language does."""

import math

import pytest

from neurograft.files.sentences import read_words
from neurograft.report.charts.axes import (
    choose_digits,
    draw_x_axis,
    estimate_width,
    find_ticks,
    fit_lines,
    make_scale,
    name_value,
    say_interval,
    say_number,
    say_share,
    say_ticks,
    shorten,
)
from neurograft.report.figures.drawing import Drawing
from neurograft.report.figures.words import ENGLISH

GERMAN = read_words("figures", "de")


def test_a_value_twice_as_far_lies_twice_as_far():
    scale = make_scale([2.0, 10.0], 20, 380)
    first, second, third = map(scale.place, (2.0, 4.0, 6.0))
    assert third - first == pytest.approx(2 * (second - first))


def test_equal_ratios_are_equally_long_on_a_logarithmic_scale():
    scale = make_scale([5, 40], 20, 380, is_log=True)
    a, b, c = map(scale.place, (5, 10, 20))
    assert b - a == pytest.approx(c - b)
    assert find_ticks(scale) == [5, 10, 20]


@pytest.mark.parametrize("values", [[], [math.nan], [3.0], [0.0, 0.0], [-1e-9, 1e9]])
def test_every_value_lies_within_its_scale(values):
    scale = make_scale(values, 20, 380)
    for value in values:
        if math.isfinite(value):
            assert 20 <= scale.place(value) <= 380
    assert find_ticks(scale)


def test_a_scale_does_not_reach_beyond_what_is_possible():
    scale = make_scale([0.4, 1.0], 0, 100, bounds=(0, 1))
    assert scale.high == 1.0
    assert scale.low < 0.4
    alone = make_scale([1.0, 1.0], 0, 100, bounds=(0, 1))
    assert alone.high == 1.0
    assert alone.place(1.0) == 100


def test_what_lies_beyond_a_scale_is_drawn_at_its_end():
    scale = make_scale([0, 1], 0, 100, bounds=(0, 1))
    assert (scale.clip(7), scale.clip(-7)) == (100, 0)


def test_numbers_have_the_mark_of_the_language_and_a_true_minus():
    assert say_number(-0.25, ENGLISH) == "\u22120.25"
    assert say_number(0.25, GERMAN, is_signed=True) == "+0,25"
    assert say_number(-0.001, ENGLISH, is_signed=True) == "0.00"


def test_an_interval_that_is_not_known_is_said_to_be_so():
    assert say_interval(0.9, 0.8, 1.0, ENGLISH) == "0.90 [0.80, 1.00]"
    assert say_interval(0.9, 0.8, 1.0, GERMAN) == "0,90 [0,80; 1,00]"
    assert say_interval(0.9, math.nan, math.nan, ENGLISH) == "0.90, no interval"
    assert say_interval(math.nan, 0.8, 1.0, ENGLISH) == "not known"


def test_a_share_that_is_not_quite_all_is_not_called_so():
    shares = [0.0, 0.0004, 0.002, 0.5, 0.998, 0.9996, 1.0]
    said = [say_share(share, ENGLISH) for share in shares]
    assert said == ["0 %", "<0.1 %", "0.2 %", "50 %", "99.8 %", ">99.9 %", "100 %"]


def test_ticks_have_as_many_decimals_as_they_need():
    assert say_ticks([0.0, 0.25, 0.5], ENGLISH) == ["0.00", "0.25", "0.50"]
    assert say_ticks([0.0, 20.0], GERMAN) == ["0", "20"]
    assert say_ticks([0.1 * 3, 0.4], ENGLISH) == ["0.3", "0.4"]


def test_large_values_have_fewer_decimals():
    assert [choose_digits([v, math.nan]) for v in (0.9, -14.5, 320.0)] == [2, 1, 0]


@pytest.mark.parametrize("width", [60, 200])
def test_lines_fit_and_lose_no_letter(width):
    text = "A_NAME_OF_CAPITALS_THAT_IS_LONGER_THAN_A_LINE and small words"
    lines = fit_lines(text, size=12, width=width)
    assert max(estimate_width(line, size=12) for line in lines) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert estimate_width(shorten(text, size=12, width=width), size=12) <= width


def test_only_values_that_figures_know_are_renamed():
    assert name_value("sfreq_hz", GERMAN) == "Abtastrate"
    assert name_value("my_own_factor", GERMAN) == "my own factor"


@pytest.mark.parametrize("ticks", [range(100, 200), (5, 6, 7, 8, 9, 10, 40)])
def test_labels_of_ticks_that_are_too_near_are_left_out(check_chart, ticks):
    drawing = Drawing(title="t", desc="d")
    scale = make_scale(ticks, 10, 390, is_log=True)
    draw_x_axis(drawing, scale, 20, "label", ENGLISH, ticks=[float(t) for t in ticks])
    check_chart(drawing.finish())
