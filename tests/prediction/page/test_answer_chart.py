"""An answer is drawn where it lies, with the numbers it is drawn from."""

import math
import re

from neurograft.prediction.card import Quantiles
from neurograft.prediction.page.answer_chart import draw_answer, has_box
from neurograft.prediction.page.contribution_chart import (
    N_BARS,
    draw_contributions,
    name_part,
)
from neurograft.report.figures.words import ENGLISH, read_figure_words


def find_x(svg, value):
    """Return where the axis has a number."""
    pattern = rf'<text x="([\d.]+)"[^>]*>{re.escape(value)}</text>'
    return float(re.search(pattern, svg)[1])


def test_the_line_lies_at_the_probability_among_both_groups(made):
    svg = draw_answer(made.prediction(probabilities={"control": 0.36, "patient": 0.64}))
    left, right = find_x(svg, "0.0"), find_x(svg, "1.0")
    wanted = left + 0.64 * (right - left)
    (mark,) = re.findall(r'<circle data-mark="circle" cx="([\d.]+)"', svg)
    assert abs(float(mark) - wanted) < 0.2
    strokes = re.findall(r'<path d="(M[^"]+)" [^>]*opacity="0.75"', svg)[0]
    assert strokes.count(f"{mark},") == 4  # two strokes, which spare the names
    assert "control (n = 20)" in svg
    assert "64 % at the shares of the study" in svg


def test_with_a_prevalence_the_line_stays_at_the_shares_of_the_study(made):
    odds = 0.7 / 0.3 * 0.02 / 0.98
    rare = odds / (1 + odds)
    svg = draw_answer(
        made.prediction(
            prevalence=0.02, probabilities={"control": 1 - rare, "patient": rare}
        )
    )
    assert "70 % at the shares of the study" in svg


def test_a_number_has_its_interval_and_the_true_age(made):
    svg = draw_answer(made.number())
    assert "55.0" in svg
    assert "true age" in svg
    assert "true values of people learned from (n = 40)" in svg
    without = draw_answer(made.number(age=math.nan))
    assert "true age" not in without


def test_nothing_is_drawn_of_a_refusal(made):
    assert draw_answer(made.prediction(value=None)) == ""


def test_bars_are_the_largest_and_the_rest_is_summed():
    import pandas as pd

    table = pd.DataFrame(
        {
            "features": "band-power",
            "band": "alpha",
            "region": [f"r{n}" for n in range(N_BARS + 3)],
            "value": [float(n + 1) for n in range(N_BARS + 3)],
        }
    )
    svg = draw_contributions(table, unit="log odds")
    assert "all others (3)" in svg
    assert "+6.00" in svg  # 1 + 2 + 3
    assert ">alpha, r0<" not in svg
    assert draw_contributions(table.iloc[:0], unit="log odds") == ""


def test_a_part_without_band_and_region_is_called_by_its_features():
    assert name_part("connectivity", "", "", ENGLISH) == "connectivity"
    assert name_part("encoder", "", "left temporal", ENGLISH) == "left temporal"


def test_of_few_people_only_the_median_is_drawn_and_said(made):
    few = Quantiles(n=10, levels=(0.5,), values=(0.3,))
    both = dict.fromkeys(("control", "patient"), few)
    svg = draw_answer(made.prediction(made.card(answers=both)))
    assert "half of the people lie below 30 %" in svg
    assert "the middle half" not in svg
    assert "<rect" not in svg
    assert has_box(made.card().answers["control"])


def test_the_amplitude_has_a_german_name():
    assert name_part("encoder", "", "amplitude", read_figure_words("de")) == "Amplitude"


def test_more_groups_than_looks_are_drawn_all(made):
    names = [f"group {n}" for n in range(7)]
    one = made.card().answers["control"]
    card = made.card(
        kind="multiclass",
        classes=tuple(names),
        answers=dict.fromkeys(names, one),
        coverage=dict.fromkeys(names, 0.9),
    )
    p = dict.fromkeys(names, 1 / 7)
    svg = draw_answer(made.prediction(card, probabilities=p, raw=p, set=()))
    assert all(f"{name} (n = 20)" in svg for name in names)
