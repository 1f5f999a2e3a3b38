"""Roles differ by shape as well as by colour."""

import math

import numpy as np

from neurograft.report.charts.axes import Frame, Scale, make_scale
from neurograft.report.charts.marks import (
    GROUP_LOOKS,
    ROLE_LOOKS,
    Look,
    choose_claim,
    choose_looks,
    choose_role,
    choose_shown,
    draw_band,
    draw_curve,
    draw_mark,
    draw_swarm,
    draw_whisker,
)
from neurograft.report.figures.drawing import Drawing

FRAME = Frame(Scale(0, 10, 0, 100), Scale(0, 10, 100, 0))


def begin():
    drawing = Drawing(title="t", desc="d")
    drawing.height = 200
    return drawing


def test_shapes_and_colours_differ_between_roles_and_between_groups():
    for looks in (ROLE_LOOKS.values(), GROUP_LOOKS):
        assert len({look.shape for look in looks}) == len(looks)
        assert len({look.colour for look in looks}) == len(looks)


def test_the_strongest_claim_of_a_method_decides():
    assert choose_role("demographics") == "blind"
    assert choose_role("random-encoder+band-power") == "untrained"
    assert choose_role("encoder@recentre:svm") == "pretrained"
    assert choose_role("anything else") == "baseline"


def test_methods_of_one_role_differ_by_their_dashes():
    looks = choose_looks(["encoder", "lora", "random-encoder"])
    assert looks["encoder"].shape == looks["lora"].shape == "circle"
    assert looks["encoder"].dash != looks["lora"].dash


def test_a_claim_is_never_shown_without_its_control():
    known = ["dummy", "riemann", "band-power", "random-encoder", "encoder", "stack"]
    assert choose_shown(known, 2) == ["random-encoder", "encoder"]
    assert choose_shown(known, 3) == ["band-power", "random-encoder", "encoder"]
    assert choose_shown(["encoder:svm", "encoder"], 1) == ["encoder"]
    assert choose_shown([], 3) == []
    assert choose_shown(["scratch", "random-encoder", "encoder", "lora"], 2) == [
        "random-encoder", "encoder"
    ]  # fmt: skip


def test_windows_without_phases_are_no_claim():
    known = ["band-power", "surrogate", "encoder:svm"]
    assert choose_shown(known, 1) == ["encoder:svm"]
    assert choose_claim(known) == "encoder:svm"
    assert choose_claim(["band-power", "dummy"]) == "band-power"


def test_marks_are_drawn_about_their_centre(read_svg, list_marks):
    drawing = begin()
    shapes = [look.shape for look in GROUP_LOOKS]
    for place, look in enumerate(GROUP_LOOKS):
        draw_mark(drawing, look, 10.0 * place, 20)
    draw_mark(drawing, Look("", "red"), 5, 5)
    found = list_marks(read_svg(drawing.finish()))
    assert found == [(shape, 10.0 * i, 20.0) for i, shape in enumerate(shapes)]


def list_whiskers(root):
    lines = [e for e in root.iter() if e.get("data-interval") is not None]
    return [tuple(float(e.get(k)) for k in ("x1", "y1", "x2", "y2")) for e in lines]


def test_an_interval_reaches_from_end_to_end(read_svg):
    for look in ROLE_LOOKS.values():
        drawing = begin()
        draw_whisker(drawing, look, FRAME.x, 50, values=(5.0, 2.0, 9.0))
        lines = list_whiskers(read_svg(drawing.finish()))
        assert lines[0][:2] == (20, 50)
        assert lines[-1][2:] == (90, 50)


def test_without_an_interval_there_is_a_mark_and_without_a_value_nothing(
    read_svg, list_marks
):
    drawing = begin()
    draw_whisker(drawing, GROUP_LOOKS[0], FRAME.x, 50, values=(5.0, math.nan, math.nan))
    draw_whisker(drawing, GROUP_LOOKS[0], FRAME.x, 60, values=(math.nan, 2.0, 9.0))
    root = read_svg(drawing.finish())
    assert list_marks(root) == [("circle", 50, 50)]
    assert list_whiskers(root) == []


def test_a_line_is_interrupted_where_a_value_is_missing(read_svg, list_points):
    drawing = begin()
    y = [1, 2, math.nan, 4, 5]
    draw_curve(drawing, GROUP_LOOKS[0], FRAME, range(5), y)
    draw_curve(drawing, GROUP_LOOKS[0], FRAME, [1], [1])
    svg = drawing.finish()
    (points,) = list_points(read_svg(svg), "curve")
    assert points.tolist() == [[0, 90], [10, 80], [30, 60], [40, 50]]
    assert svg.count("M0,90l10-10M30,60l10-10") == 1


def test_a_band_goes_along_its_upper_and_back_along_its_lower_end(
    read_svg, list_points
):
    drawing = begin()
    draw_band(drawing, GROUP_LOOKS[0], FRAME, [1, 2], ([3, 4], [5, 6]))
    draw_band(drawing, GROUP_LOOKS[0], FRAME, [1, 2], ([math.nan, 4], [5, 6]))
    (points,) = list_points(read_svg(drawing.finish()), "band")
    assert points.tolist() == [[10, 50], [20, 40], [20, 60], [10, 70]]


def test_a_swarm_has_a_dot_for_every_value_at_its_place(read_svg, list_marks):
    values = [1.0] * 300 + [2.0, math.nan]
    drawing = begin()
    scale = make_scale([0, 10], 0, 100)
    look = GROUP_LOOKS[0]
    draw_swarm(drawing, look, scale, values, middle=50, height=40)
    dots = np.array([mark[1:] for mark in list_marks(read_svg(drawing.finish()))])
    assert len(dots) == 301
    assert set(dots[:300, 0].round(1)) == {round(scale.place(1.0), 1)}
    assert dots[:, 1].min() >= 30
    assert dots[:, 1].max() <= 70
