"""Heads of one person show how far from usual each electrode is."""

import re

import numpy as np

from neurograft.montage.channels import template_positions
from neurograft.report.figures.deviation_heads import draw_deviations
from neurograft.report.figures.words import read_figure_words

CHANNELS = ("Fp1", "Fp2", "C3", "Cz", "C4", "T7", "T8", "Pz", "O1", "O2")
BANDS = ("theta", "alpha", "beta")


def draw(z, language="en"):
    places = template_positions()
    positions = np.array([places[name] for name in CHANNELS]).reshape(-1, 3)
    words = read_figure_words(language)
    return draw_deviations(z, BANDS, positions, far=2.0, n=36, words=words)


def test_electrodes_beyond_two_sd_are_ringed_and_the_ends_are_written():
    z = np.zeros((3, len(CHANNELS)))
    z[1, :2], z[2, 5] = 2.1, -4.6
    svg = draw(z)
    assert svg.count('r="3.2"') == 3
    assert len(re.findall(r'href="#f\w+-ratios" x=', svg)) == 3
    assert {"\u22125", "+5 SD"} <= set(re.findall(r">([^<]+)</text>", svg))
    assert "n = 36" in svg
    assert "alpha: mean +0.4, from +0.0 to +2.1" in svg


def test_what_is_usual_is_pale_and_german_has_its_words():
    z = np.full((3, len(CHANNELS)), 0.5)
    assert "+3 SD" in draw(z)
    assert "Bandleistung als z-Werte" in draw(z, "de")
    assert "Mittel +0,5" in draw(z, "de")


def test_without_electrodes_nothing_is_drawn():
    assert draw_deviations(np.zeros((3, 0)), BANDS, np.zeros((0, 3)), far=2, n=3) == ""
