"""The strip shows the seconds of the file, and no cut second is too short to see."""

import numpy as np
import pytest

from neurograft.report.figures.quality_strip import draw_quality_strip, sum_seconds
from neurograft.report.figures.words import ENGLISH
from neurograft.store.inspection import SECOND_WORDS


def count_blocks(root, colour):
    space = "{http://www.w3.org/2000/svg}rect"
    return [r for r in root.iter(space) if r.get("fill") == colour]


def test_seconds_in_the_legend_are_those_of_the_verdicts(
    make_inspection, read_svg, list_texts
):
    codes = np.zeros(60, dtype=int)
    codes[[3, 4]], codes[10], codes[[40, 41, 42]], codes[59] = 2, 1, 3, 5
    one = make_inspection(codes=codes)
    totals = sum_seconds(one)
    assert [totals[name] for name in SECOND_WORDS] == [53, 1, 2, 3, 0, 1]
    texts = list_texts(read_svg(draw_quality_strip(one)))
    assert "54 of 60 recorded seconds are used (90 %)" in texts
    for name in ("constant channels", "amplitude beyond the limit"):
        assert f"{ENGLISH[name]}: {totals[name]:.0f} s" in texts
    assert not any("autoreject" in text for text in texts)


def test_one_cut_second_of_a_day_is_seen(make_inspection, read_svg):
    codes = np.zeros(86_400, dtype=int)
    codes[40_000] = 2
    one = make_inspection(n_seconds=86_400, codes=codes, shares=codes / 2.0)
    svg = draw_quality_strip(one)
    assert len(svg) < 20_000
    assert len(count_blocks(read_svg(svg), "#c2570c")) >= 2


def test_time_outside_of_the_used_stretches_is_named(
    make_inspection, read_svg, list_texts
):
    stretches = np.array([[10.0, 0.0, 20.0], [50.0, 20.0, 10.5]])
    one = make_inspection(
        stretches_s=stretches, codes=np.zeros(31, dtype=int), shares=np.zeros(31)
    )
    texts = list_texts(read_svg(draw_quality_strip(one)))
    assert sum_seconds(one)["outside"] == 29.5
    assert f"{ENGLISH['outside']}: 29.5 s" in texts
    assert "30 of 60 recorded seconds are used (51 %)" in texts


@pytest.mark.parametrize(("n_cut", "said"), [(0, "100 %"), (1, "99.9 %"), (9, "99 %")])
def test_only_all_is_called_all(make_inspection, n_cut, said, read_svg, list_texts):
    codes = np.zeros(900, dtype=int)
    codes[:n_cut] = 3
    one = make_inspection(n_seconds=900, codes=codes, shares=np.zeros(900))
    texts = list_texts(read_svg(draw_quality_strip(one)))
    assert any(f"({said})" in text for text in texts)


def test_a_second_of_an_hour_is_missed_too(make_inspection, read_svg, list_texts):
    codes = np.zeros(3600, dtype=int)
    codes[0] = 3
    one = make_inspection(n_seconds=3600, codes=codes, shares=np.zeros(3600))
    texts = list_texts(read_svg(draw_quality_strip(one)))
    assert any("(>99.9 %)" in text for text in texts)


@pytest.mark.parametrize("recorded_s", [59.996, 60.004])
def test_what_rounding_adds_or_takes_is_no_second(
    make_inspection, read_svg, list_texts, recorded_s
):
    one = make_inspection(duration_s=recorded_s)
    texts = list_texts(read_svg(draw_quality_strip(one)))
    assert any("(100 %)" in text for text in texts)


def test_every_verdict_at_once_can_be_drawn(make_inspection, read_svg):
    codes = np.repeat(np.arange(6), 10)
    svg = draw_quality_strip(make_inspection(codes=codes, shares=codes / 5))
    read_svg(svg)
