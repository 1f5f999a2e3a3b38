"""What was hidden is shaded in traces and covered in the picture."""

import re

import numpy as np
import pytest
from tests.report.charts.conftest import make_example

from neurograft.report.charts.reconstruction import draw_reconstruction


def test_hidden_seconds_are_shaded_where_they_were(check_chart):
    example = make_example(n_channels=1, n_patches=10)
    example["hidden"][:] = False
    example["hidden"][0, [2, 7]] = True
    root = check_chart(draw_reconstruction(example, target="waveform"))
    shades = [e for e in root.iter() if e.get("data-hidden") is not None]
    assert [float(e.get("x")) for e in shades] == pytest.approx([84.8, 276.8])
    assert {float(e.get("width")) for e in shades} == {38.4}


def test_every_hidden_patch_is_covered_in_the_picture_of_what_is_visible(check_chart):
    example = make_example()
    root = check_chart(draw_reconstruction(example, target="log-spectrum"))
    (cover,) = (e for e in root.iter() if e.get("data-cover") is not None)
    assert cover.get("d").count("M") == example["hidden"].sum()


def test_the_prediction_differs_from_the_original_only_if_it_does():
    example = make_example()
    pictures = re.findall('base64,([^"]+)', draw_reconstruction(example, target="a"))
    assert pictures[0] == pictures[1] != pictures[2]
    same = example | {"predicted": example["original"]}
    assert (
        len(set(re.findall('base64,([^"]+)', draw_reconstruction(same, target="a"))))
        == 1
    )


def test_few_traces_of_many_channels_are_drawn(check_chart):
    svg = draw_reconstruction(make_example(n_channels=60), target="log-spectrum")
    check_chart(svg)
    assert svg.count('stroke-width="0.8"/>') >= 6
    assert len(svg) < 200_000


def test_nothing_hidden_a_flat_signal_or_no_example(check_chart):
    example = make_example()
    example["hidden"][:] = False
    example["signals"] = np.zeros_like(example["signals"])
    check_chart(draw_reconstruction(example, target="log-spectrum"))
    assert draw_reconstruction({}, target="log-spectrum") == ""
