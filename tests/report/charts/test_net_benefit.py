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
    place = np.argmin(abs(everybody[:, 1] - nobody[:, 1]))
    assert table["threshold"].iloc[place] == pytest.approx(0.3)
    assert (np.diff(everybody[:, 1]) > 0).all(), "it only falls"


def test_the_band_encloses_the_line_of_the_pretrained_method(check_chart, list_points):
    root = check_chart(draw_net_benefit(make_net_benefit()))
    (band,) = list_points(root, "band")
    curve = list_points(root, "curve")[-1]
    upper, lower = band[:99], band[99:][::-1]
    seen = curve[:, 1] < lower[:, 1].max()
    assert (upper[seen, 1] <= curve[seen, 1] + 0.1).all()
    assert (curve[seen, 1] <= lower[seen, 1] + 0.1).all()


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
