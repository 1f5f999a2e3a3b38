"""Heads are drawn by band, with rings where a difference survives."""

import re
from collections import Counter

import pytest

from neurograft.report.figures.topographies import draw_topographies, list_group_pairs
from neurograft.report.figures.words import ENGLISH

IMAGE = "{http://www.w3.org/2000/svg}image"


def count_heads(svg):
    return Counter(re.findall(r'href="#f\w+-(powers|ratios)" x=', svg))


def test_two_groups_and_their_ratio_are_drawn_for_every_band(
    make_topographies, read_svg, list_texts
):
    svg = draw_topographies(make_topographies(), "t")
    root = read_svg(svg)
    assert count_heads(svg) == {"powers": 8, "ratios": 4}
    strips = [image for image in root.iter(IMAGE) if image.get("height") == "86"]
    assert [float(image.get("width")) for image in strips] == [8 * 86, 4 * 86]
    texts = list_texts(root)
    assert {"control", "patient", "delta", "beta", "n = 20"} <= set(texts)
    assert any("no sensor has corrected p" in text for text in texts)
    assert len(svg) < 80_000


def test_powers_are_written_without_a_power_of_ten(
    make_topographies, read_svg, list_texts
):
    table = make_topographies()
    means = table["minus"].isna()
    table.loc[means, "value"] += 2
    svg = draw_topographies(table, "t", words=ENGLISH | {"decimal_mark": ","})
    texts = list_texts(read_svg(svg))
    assert not any(re.search(r"\de[+-]\d", text) for text in texts)
    assert any(re.fullmatch("\u00d70,\\d+", text) for text in texts)


def test_a_sensor_that_survives_is_ringed_and_named_in_words(
    make_topographies, read_svg, list_texts
):
    svg = draw_topographies(make_topographies(p=0.01), "t")
    root = read_svg(svg)
    assert len(re.findall('r="3.2"', svg)) == 1
    assert "alpha: O1" in root.find("{http://www.w3.org/2000/svg}desc").text
    assert any(text.startswith("ringed") for text in list_texts(root))


def test_pairs_are_listed_and_one_group_is_drawn_alone(
    make_topographies, read_svg, list_texts
):
    table = make_topographies()
    assert list_group_pairs(table, "t") == [("control", "patient")]
    assert list_group_pairs(table, "other") == []
    alone = make_topographies(("everybody",))
    svg = draw_topographies(alone, "t")
    root = read_svg(svg)
    assert count_heads(svg) == {"powers": 4}
    assert not any("corrected" in text for text in list_texts(root))


@pytest.mark.parametrize(
    "groups",
    [("memory_task-arithmetic", "memory_task-rest"), ("x" * 60, "y"), ("a & <b>", "c")],
)
def test_long_and_odd_names_fit(make_topographies, groups, read_svg):
    read_svg(draw_topographies(make_topographies(groups), "t"))


def test_sensors_are_stored_once_however_many_heads_there_are(
    make_topographies, read_svg
):
    svg = draw_topographies(make_topographies(), "t")
    assert len(re.findall(r'href="#f\w+-head"', svg)) == 12
    dots = [e.get("d").count("h0") for e in read_svg(svg).iter() if e.get("d")]
    assert [n for n in dots if n] == [19]


def test_every_head_shows_its_own_part_of_the_strip(make_topographies):
    svg = draw_topographies(make_topographies(), "t")
    for kind, n in {"powers": 8, "ratios": 4}.items():
        asides = re.findall(rf'href="#f\w+-{kind}" x="([-\d]+)"', svg)
        assert [int(x) for x in asides] == [-86 * place for place in range(n)]


def test_sensors_are_dark_with_a_light_rim(make_topographies, read_svg):
    """A path with a colour of its own would keep it wherever it is used."""
    root = read_svg(draw_topographies(make_topographies(), "t"))
    (dots,) = (e for e in root.iter() if "h0" in (e.get("d") or ""))
    assert dots.get("stroke") is None
    looks = [
        (use.get("stroke"), float(use.get("stroke-width")))
        for use in root.iter("{http://www.w3.org/2000/svg}use")
        if use.get("href") == f"#{dots.get('id')}"
    ]
    assert looks == [("#fff", 2.9), ("#111", 1.9)]


def test_a_wide_cap_stays_small(make_topographies, read_svg):
    from neurograft.montage.channels import template_positions

    names = tuple(sorted(template_positions()))[:128]
    svg = draw_topographies(make_topographies(channels=names), "t")
    read_svg(svg)
    assert len(svg) < 80_000
