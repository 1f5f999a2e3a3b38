"""The page of a person: facts, reasons, drawings, and no word of a diagnosis."""

import re
from dataclasses import replace

import numpy as np
import pytest

from neurograft.report.blocks import PageWords
from neurograft.report.person_page import build_person_page
from neurograft.store.inspection import Inspection, write_inspection

WORDS = PageWords("en")
PERSON = ("clinic", "sub-01")


@pytest.fixture
def inspected(stored):
    rng = np.random.default_rng(0)
    names = ("Fp1", "T7", "T8", "O1", "O2")
    positions = rng.standard_normal((5, 3))
    positions /= np.linalg.norm(positions, axis=1, keepdims=True)
    inspection = Inspection(
        unit="microvolts", ch_names=names, positions=positions,
        bads=("", "too loud", "noisy", "", ""), is_left_out=np.zeros(5, dtype=bool),
        excerpt_start_s=40.0, excerpt_hz=128.0,
        before=rng.standard_normal((5, 1280)), after=rng.standard_normal((5, 1280)),
        duration_s=120.0, second_s=1.0, stretches_s=np.array([[0.0, 0.0, 120.0]]),
        codes=np.r_[np.zeros(115, dtype=int), np.full(5, 2)], shares=np.zeros(120),
        frequencies_hz=np.arange(1, 91) / 2, log_power=np.zeros((5, 90)),
    )  # fmt: skip
    write_inspection(stored.cohorts["clinic"], "sub-01_task-rest", inspection)
    return stored


def test_quality_traces_and_spectrum_are_drawn_with_what_was_cut(
    inspected, find_references
):
    page = build_person_page(inspected, PERSON, WORDS)
    assert page.count("<figure>") == 3
    assert "T7 (too loud, z 7.8), T8 (noisy)" in page
    row = re.search(r"<td[^>]*>115.0</td><td[^>]*>5.0</td><td[^>]*>([^<]+)", page)
    assert row[1] == "constant channels"
    assert find_references(page) == []
    assert '<a href="../../report.html#people">' in page
    assert "Nothing here is a diagnosis." in page
    assert "patient" not in page


def test_a_recording_that_cannot_be_drawn_says_why(stored):
    page = build_person_page(stored, PERSON, WORDS)
    assert "<figure>" not in page
    assert "It cannot be drawn." in page
    assert "neurograft harmonise" in page


def test_a_dropped_recording_has_its_reason_and_no_figure(inspected):
    page = build_person_page(inspected, ("clinic", "sub-00"), WORDS)
    assert "This recording was dropped: 5.0 s long, at least 20 s are needed" in page
    assert "<figure>" not in page


def test_labels_cannot_become_markup(inspected):
    named = replace(inspected, title="<b>", _opened={})
    page = build_person_page(named, PERSON, WORDS)
    assert "<b>" not in page


def test_a_german_page_says_reasons_and_numbers_in_german(inspected):
    page = build_person_page(inspected, PERSON, PageWords("de"))
    assert "T7 (zu laut, z 7,8), T8 (noisy)" in page
    assert re.search(r"<td[^>]*>115,0</td><td[^>]*>5,0</td><td[^>]*>konstante", page)
    body = page[page.index("<main>") :]
    assert not re.search(r">[^<]*\d\.\d[^<]*<", body)
