"""Figures by matplotlib are the same every time."""

from neurograft.report.plotting import make_figure, render


def test_a_figure_is_text_without_date_and_the_same_every_time():
    figure, axes = make_figure(3.0, 2.0)
    axes.plot([0, 1], [0, 1])
    svg = render(figure)
    assert svg.startswith("<svg")
    assert svg == render(figure)
    assert "dc:date" not in svg
    assert tuple(figure.get_size_inches()) == (3.0, 2.0)
