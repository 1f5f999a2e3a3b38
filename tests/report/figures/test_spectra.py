"""Spectra name their groups, and differ by more than colour."""

import re

import numpy as np
import pytest
from tests.report.conftest import read_path

from neurograft.report.figures.spectra import draw_group_spectra, draw_person_spectrum


def list_lines(root):
    paths = root.iter("{http://www.w3.org/2000/svg}path")
    return [path for path in paths if path.get("fill") == "none"]


def test_groups_differ_by_colour_and_by_line_and_are_named_with_n(
    make_spectra, read_svg, list_texts
):
    root = read_svg(draw_group_spectra(make_spectra(), "t"))
    looks = {(p.get("stroke"), p.get("stroke-dasharray")) for p in list_lines(root)}
    assert len(looks) == len({c for c, _ in looks}) == len({d for _, d in looks}) == 2
    texts = list_texts(root)
    assert "control (n = 20)" in texts
    assert "patient (n = 21)" in texts
    for region in ("frontal", "occipital"):
        assert region in texts
    assert len(list_lines(root)) == 12


def test_planted_alpha_is_drawn_highest_at_ten_hertz_at_the_back(
    make_inspection, read_svg
):
    root = read_svg(draw_person_spectrum(make_inspection(), alpha_hz=10.0))
    lines = list_lines(root)
    points = [read_path(line.get("d")) for line in lines]
    occipital = points[5]
    in_alpha = occipital[occipital[:, 0] > 232 + 160 * np.log(7) / np.log(45)]
    x = in_alpha[in_alpha[:, 1].argmin(), 0]
    share = (x - 232) / 160
    assert np.exp(share * np.log(45)) == pytest.approx(10, abs=0.3)
    ten = 160 * np.log(10) / np.log(45)
    rise, frontal_rise = (
        one[0, 1] - np.interp(one[0, 0] + ten, one[:, 0], one[:, 1])
        for one in (occipital, points[0])
    )
    assert rise > frontal_rise + 10


def test_an_alpha_peak_is_written_where_there_is_one(
    make_inspection, read_svg, list_texts
):
    with_peak = draw_person_spectrum(make_inspection(), alpha_hz=9.6)
    assert "alpha peak 9.6 Hz" in list_texts(read_svg(with_peak))
    without = draw_person_spectrum(make_inspection())
    assert "alpha peak" not in without


def test_a_reference_is_drawn_behind_a_person_only_in_microvolts(
    make_inspection, make_spectra, read_svg, list_texts
):
    reference = make_spectra(("control",))
    drawn = draw_person_spectrum(make_inspection(), reference=reference)
    assert "control (n = 20)" in list_texts(read_svg(drawn))
    arbitrary = make_inspection(unit="arbitrary")
    drawn = draw_person_spectrum(arbitrary, reference=reference)
    texts = list_texts(read_svg(drawn))
    assert "control (n = 20)" not in texts
    assert any("arbitrary units" in text for text in texts)


def test_relative_power_and_missing_intervals_can_be_drawn(
    make_spectra, read_svg, list_texts
):
    table = make_spectra(("one", "two", "three"), unit="share of power per Hz")
    table.loc[table["group"] == "two", ["ci_low", "ci_high"]] = np.nan
    svg = draw_group_spectra(table, "t")
    root = read_svg(svg)
    assert any("share of power" in text for text in list_texts(root))
    assert len(re.findall("fill-opacity", svg)) == 12


def test_long_names_of_groups_are_wrapped(make_spectra, read_svg):
    read_svg(draw_group_spectra(make_spectra(("a very long name " * 6, "b")), "t"))


def test_a_flat_spectrum_has_an_axis(make_spectra, read_svg):
    table = make_spectra(("a",))
    table[["log10_power", "ci_low", "ci_high"]] = 0.3
    read_svg(draw_group_spectra(table, "t"))


def test_a_region_without_an_electrode_has_no_line(
    make_inspection, read_svg, list_texts
):
    front = ("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "C3", "Cz", "C4")
    root = read_svg(draw_person_spectrum(make_inspection(front)))
    texts = list_texts(root)
    assert texts.count("no electrode near") == 6 - len(list_lines(root)) > 0


def test_large_powers_are_written_whole(make_inspection):
    loud = make_inspection()
    svg = draw_person_spectrum(loud._replace(log_power=loud.log_power + 4))
    assert "e+0" not in svg
    assert "10000<" in svg or "100000<" in svg
