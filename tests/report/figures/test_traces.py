"""Traces show which channels were bad, and their scale is true."""

import numpy as np
import pytest

from neurograft.montage.channels import template_positions
from neurograft.report.figures.traces import choose_channels, draw_before_and_after

MANY = tuple(sorted(template_positions()))[:64]


def test_bad_channels_are_marked_and_named_with_the_reason(
    make_inspection, read_svg, list_texts
):
    bads = ["too loud, z 7.8" if i == 7 else "" for i in range(19)]
    svg = draw_before_and_after(make_inspection(bads=tuple(bads)))
    texts = list_texts(read_svg(svg))
    assert texts.count("\u00d7T7") == 2
    assert any("T7 (too loud, z 7.8)" in text for text in texts) or (
        "T7 (too loud, z 7.8)" in " ".join(texts)
    )
    assert "from second 20" in " ".join(texts)


def test_a_left_out_channel_has_no_trace_after(make_inspection, read_svg, list_texts):
    after = make_inspection().after.copy()
    after[2] = np.nan
    is_left_out = np.arange(19) == 2
    one = make_inspection(after=after, is_left_out=is_left_out)
    root = read_svg(draw_before_and_after(one))
    assert list_texts(root).count("left out") == 1
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 2 * 19 - 1


@pytest.mark.parametrize("n_bad", [0, 3, 40])
def test_of_many_channels_twenty_are_shown_and_bad_ones_among_them(
    make_inspection, n_bad, read_svg
):
    bads = tuple("flat" if i < n_bad else "" for i in range(64))
    one = make_inspection(ch_names=MANY, bads=bads)
    shown = choose_channels(one)
    assert len(set(shown.tolist())) == len(shown) == 20
    assert (shown < n_bad).sum() >= min(n_bad, 10)
    svg = draw_before_and_after(one)
    assert len(svg) < 200_000
    read_svg(svg)


def test_the_bar_is_as_long_as_it_says(make_inspection, read_svg, list_texts):
    one = make_inspection()
    root = read_svg(draw_before_and_after(one))
    seconds, amplitude = next(t for t in list_texts(root) if "V" in t).split(", ")
    lines = list(root.iter("{http://www.w3.org/2000/svg}line"))
    vertical = next(line for line in lines if line.get("x1") == line.get("x2"))
    length = abs(float(vertical.get("y1")) - float(vertical.get("y2")))
    low, high = np.percentile(one.before, [25, 75], axis=1)
    row_height = 6 * np.median(high - low) / 1.349
    assert length / 14 * row_height == pytest.approx(
        float(amplitude.split()[0]), rel=0.02
    )
    assert seconds == "1 s"


def test_arbitrary_units_are_not_called_microvolts(
    make_inspection, read_svg, list_texts
):
    svg = draw_before_and_after(make_inspection(unit="arbitrary"))
    texts = " ".join(list_texts(read_svg(svg)))
    assert "\u00b5V" not in texts
    assert "units of the file" in texts


def test_a_silent_or_short_excerpt_can_be_drawn(make_inspection, read_svg):
    silent = make_inspection(before=np.zeros((19, 1280)), after=np.zeros((19, 1280)))
    read_svg(draw_before_and_after(silent))
    short = make_inspection()
    short = short._replace(before=short.before[:, :200], after=short.after[:, :200])
    read_svg(draw_before_and_after(short))
