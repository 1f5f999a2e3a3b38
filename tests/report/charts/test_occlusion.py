"""Losses: the twin beside the encoder, and bold what is found."""

import numpy as np
import pytest
from tests.report.charts.conftest import BANDS, make_losses

from neurograft.montage.regions import REGIONS
from neurograft.report.charts.occlusion import draw_losses


def list_values(root):
    """List values at the right end, in their order, and whether they are bold."""
    return [
        (text.text.replace("\u2212", "-"), text.get("font-weight") == "700")
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if text.get("text-anchor") == "end"
    ]


def test_every_part_has_both_methods_that_differ_by_shape(check_chart, list_marks):
    root = check_chart(draw_losses(make_losses()))
    n_parts = len(BANDS) + len(REGIONS)
    # One more of each in the key.
    assert len(list_marks(root, "circle")) == n_parts + 1
    assert len(list_marks(root, "diamond")) == n_parts + 1


def test_only_what_is_found_after_correction_is_bold(check_chart, list_texts):
    table = make_losses(found=[("encoder", "theta"), ("random-encoder", "frontal")])
    root = check_chart(draw_losses(table))
    values = list_values(root)
    assert len(values) == len(table)
    assert [place for place, (_, is_bold) in enumerate(values) if is_bold] == [
        2, 2 * len(BANDS) + 1,
    ]  # fmt: skip
    own = table[(table["method"] == "encoder") & (table["part"] == "theta")]
    assert values[2][0] == f"{own['loss'].iloc[0]:+.2f}"
    assert any("Bold" in text for text in list_texts(root))
    none = list_texts(check_chart(draw_losses(make_losses())))
    assert any("No loss is above zero" in text for text in none)


def test_marks_lie_right_of_the_line_where_something_is_lost(check_chart, list_marks):
    table = make_losses().assign(loss=0.1, ci_low=0.05, ci_high=0.2)
    table.loc[table["method"] == "encoder", "loss"] = -0.1
    table.loc[table["method"] == "encoder", ["ci_low", "ci_high"]] = -0.2, -0.05
    root = check_chart(draw_losses(table))
    lines = [e for e in root.iter() if e.get("data-reference") is not None]
    zero = float(lines[0].get("d")[1:].partition(",")[0])
    circles, diamonds = (
        [x for _, x, _ in list_marks(root, shape)][:-1]
        for shape in ("circle", "diamond")
    )
    assert max(circles) < zero < min(diamonds)


def test_people_unit_and_what_is_reached_with_everything_are_told(
    check_chart, list_texts
):
    texts = " ".join(list_texts(check_chart(draw_losses(make_losses()))))
    assert "n = 72 people; with everything encoder 0.86, random-encoder 0.71" in texts
    assert "loss of AUROC" in texts
    errors = make_losses(metric="mean absolute error")
    texts = " ".join(list_texts(check_chart(draw_losses(errors, unit="years"))))
    assert "rise of mean absolute error, years" in texts


def test_those_who_hear_the_chart_are_told_every_loss():
    table = make_losses()
    svg = draw_losses(table)
    desc = svg.partition("<desc")[2].partition("</desc>")[0]
    for row in table.to_dict("records"):
        assert f"{row['part']}, {row['method']}: " in desc


@pytest.mark.parametrize("method", ["encoder", "random-encoder"])
def test_a_method_alone_is_drawn(check_chart, method):
    table = make_losses()
    root = check_chart(draw_losses(table[table["method"] == method]))
    assert len(list_values(root)) == len(BANDS) + len(REGIONS)


def test_what_cannot_be_measured_is_no_number(check_chart):
    table = make_losses()
    table.loc[0, ["loss", "ci_low", "ci_high", "family_low"]] = np.nan
    assert "nan" not in draw_losses(table)
    values = list_values(check_chart(draw_losses(table)))
    assert values[1] == ("\u2013", False)
    assert draw_losses(table[:0]) == ""
