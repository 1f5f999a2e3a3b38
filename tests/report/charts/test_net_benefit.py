"""Lines of benefit: treating nobody is zero, treating all falls to it."""

import numpy as np
import pytest
from tests.report.charts.conftest import make_net_benefit

from neurograft.report.charts.net_benefit import draw_net_benefit


def test_treating_all_crosses_treating_nobody_at_the_prevalence(
    check_chart, list_points
):
    table = make_net_benefit(("encoder",), prevalence=0.3)
    everybody, nobody, _ = list_points(check_chart(draw_net_benefit(table)), "curve")
    assert len(set(nobody[:, 1])) == 1, "it is always zero"
    crossed = np.interp(nobody[0, 1], everybody[:, 1], everybody[:, 0])
    first, last = nobody[[0, -1], 0]
    threshold = 0.01 + 0.98 * (crossed - first) / (last - first)
    assert threshold == pytest.approx(0.3, abs=0.003)
    assert (np.diff(everybody[:, 1]) > 0).all(), "it only falls"


def test_the_band_encloses_the_line_of_the_pretrained_method(
    check_chart, list_points, find_ends
):
    root = check_chart(draw_net_benefit(make_net_benefit()))
    (band,) = list_points(root, "band")
    curve = list_points(root, "curve")[-1]
    upper, lower = find_ends(band, curve[:, 0])
    seen = curve[:, 1] < lower.max()
    assert seen.sum() > 5
    assert (upper[seen] < curve[seen, 1]).all()
    assert (curve[seen, 1] < lower[seen]).all()


def test_marks_and_scale_stay_in_the_panel(check_chart, list_marks, list_points):
    root = check_chart(draw_net_benefit(make_net_benefit()))
    _, nobody, *_ = list_points(root, "curve")
    height = float(root.get("viewBox").split()[3])
    zero = nobody[0, 1]
    assert 0 < zero < height
    assert all(0 < y < height for _, _, y in list_marks(root))


def test_prevalence_is_said_and_an_empty_table_draws_nothing(read_svg, list_texts):
    table = make_net_benefit(prevalence=0.05)
    texts = list_texts(read_svg(draw_net_benefit(table)))
    assert any(text.startswith("prevalence 5 %") for text in texts)
    assert draw_net_benefit(table[:0]) == ""
