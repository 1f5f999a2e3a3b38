"""Cells of bands and regions: colour, sign, and what survives correction."""

import numpy as np
import pytest
from tests.report.charts.conftest import BANDS, make_patterns

from neurograft.montage.regions import REGIONS
from neurograft.report.charts.patterns import choose_shade, draw_patterns, mix


def list_cells(root):
    return [e for e in root.iter() if e.get("data-cell") is not None]


def test_only_cells_that_survive_correction_are_outlined(check_chart):
    table = make_patterns(found=[("alpha", "occipital"), ("theta", "frontal")])
    cells = list_cells(check_chart(draw_patterns(table, method="encoder")))
    assert len(cells) == len(BANDS) * len(REGIONS)
    outlined = [cell for cell in cells if cell.get("stroke")]
    assert outlined == [cell for cell in cells if cell.get("data-cell") == "found"]
    places = [cells.index(cell) for cell in outlined]
    assert places == [1, 5 * len(BANDS) + 2]


def test_cells_that_are_not_found_are_lighter_for_the_same_value(check_chart):
    table = make_patterns(found=[("alpha", "occipital")]).assign(value=0.4)
    cells = list_cells(check_chart(draw_patterns(table, method="encoder")))
    found = next(cell for cell in cells if cell.get("stroke")).get("fill")
    other = next(cell for cell in cells if not cell.get("stroke")).get("fill")
    assert sum_colour(other) > sum_colour(found)


def sum_colour(colour):
    return sum(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_signs_have_their_own_colours_and_zero_is_pale():
    low, zero, high = (choose_shade(value, 0.5) for value in (-0.5, 0.0, 0.5))
    assert int(low[5:], 16) > int(low[1:3], 16), "blue"
    assert int(high[1:3], 16) > int(high[5:], 16), "orange"
    assert sum_colour(zero) > max(sum_colour(low), sum_colour(high))
    assert choose_shade(9.0, 0.5) == high
    assert mix("#000000", 1.0) == "#ffffff"


def test_every_value_is_written_in_its_cell(check_chart, list_texts):
    table = make_patterns()
    table.loc[0, "value"] = np.nan
    root = check_chart(draw_patterns(table, method="encoder"))
    texts = list_texts(root)
    for value in table["value"][1:]:
        assert f"{value:+.2f}".replace("-", "\u2212") in texts
    assert "–" in texts
    assert any("Nothing has corrected p" in text for text in texts)


def test_a_method_without_patterns_draws_nothing():
    assert draw_patterns(make_patterns(), method="another") == ""


@pytest.mark.parametrize("value", [0.01, 1.0])
def test_colours_end_at_the_largest_value_but_not_at_noise(
    check_chart, list_texts, value
):
    table = make_patterns().assign(value=value)
    texts = list_texts(check_chart(draw_patterns(table, method="encoder")))
    assert f"+{max(value, 0.2):.2f}" in texts
