"""Cohorts: how far apart they are, and in what."""

import numpy as np
import pytest
from tests.report.charts.conftest import (
    make_adapters,
    make_cohort_spectra,
    make_covariates,
    make_factors,
)

from neurograft.report.charts.cohort_differences import (
    draw_adapters,
    draw_cohort_differences,
    draw_cohort_spectra,
    draw_variance_shares,
)


def test_a_difference_twice_as_large_lies_twice_as_far(check_chart, list_marks):
    table = make_covariates(("a", "b"), ("age", "sex"))
    root = check_chart(draw_cohort_differences(table))
    larger, smaller = (x for _, x, _ in list_marks(root)[:2])
    assert larger - 14 == pytest.approx(2 * (smaller - 14), abs=0.2)


def test_factors_are_sorted_by_their_largest_difference(check_chart, list_texts):
    table = make_covariates(("a", "b"), ("age", "sex", "sfreq_hz"))
    texts = list_texts(check_chart(draw_cohort_differences(table)))
    places = [texts.index(name) for name in ("sampling rate", "sex", "age")]
    assert places == sorted(places)


def test_differences_that_chance_may_explain_are_faint(check_chart):
    table = make_covariates(("a", "b"), ("age", "sex", "sfreq_hz"))
    root = check_chart(draw_cohort_differences(table))
    assert len([e for e in root.iter() if e.get("data-faint") is not None]) == 1


def test_more_pairs_and_factors_than_can_be_read_are_counted(
    check_chart, list_texts, list_marks
):
    names, factors = [f"cohort {i}" for i in range(6)], [f"f{i}" for i in range(14)]
    root = check_chart(draw_cohort_differences(make_covariates(names, factors)))
    told = " ".join(list_texts(root))
    assert "5 of 15 pairs" in told
    assert "10 of 14 factors" in told
    assert len(list_marks(root)) == 5 * 10 + 5


def test_sizes_that_are_not_known_draw_nothing():
    table = make_covariates().assign(size=np.nan)
    assert draw_cohort_differences(table) == ""


def test_quartiles_enclose_the_median_in_every_region(check_chart, list_points):
    root = check_chart(draw_cohort_spectra(make_cohort_spectra(("a", "b"))))
    curves, bands = list_points(root, "curve"), list_points(root, "band")
    assert len(curves) == len(bands) == 12
    for curve, band in zip(curves, bands, strict=True):
        upper, lower = band[:7], band[7:][::-1]
        assert (upper[:, 1] < curve[:, 1]).all()
        assert (curve[:, 1] < lower[:, 1]).all()


def test_more_cohorts_than_can_be_told_apart_are_counted(
    check_chart, list_points, list_texts
):
    table = make_cohort_spectra(tuple("abcdefg"))
    root = check_chart(draw_cohort_spectra(table))
    assert len(list_points(root, "curve")) == 5 * 6
    assert "5 of 7 cohorts are drawn" in " ".join(list_texts(root))


def test_more_power_lies_higher_and_octaves_are_equally_far(check_chart, list_points):
    root = check_chart(draw_cohort_spectra(make_cohort_spectra(("a", "b"))))
    low, high = list_points(root, "curve")[:2]
    assert (high[:, 1] < low[:, 1]).all()
    edges = make_cohort_spectra(("a",))
    assert draw_cohort_spectra(edges[:0]) == ""
    middles = np.sqrt(np.array([2 * 4, 4 * 8, 10 * 13]))
    places = low[[0, 1, 3], 0]
    steps = np.diff(places) / np.diff(np.log(middles))
    assert steps[0] == pytest.approx(steps[1], rel=0.02)


def test_factors_are_renamed_and_cohorts_are_not(check_chart, list_texts):
    table = make_factors(("age", "all cohorts")).drop(columns="n")
    texts = list_texts(check_chart(draw_variance_shares(table)))
    assert texts.count("age") == 3, "a cohort may be called like a factor"
    assert texts.count("sampling rate") == 2
    assert draw_variance_shares(table[:0]) == ""


def test_adapters_are_compared_with_guessing(check_chart, list_marks, list_texts):
    root = check_chart(draw_adapters(make_adapters()))
    texts = list_texts(root)
    assert texts.index("no adapter") < texts.index("recentre") < texts.index("coral")
    path = next(e for e in root.iter() if e.get("data-reference") is not None).get("d")
    chance = float(path[1:].partition(",")[0])
    before, _, after, *_ = (x for _, x, _ in list_marks(root))
    assert before - chance > 5 * abs(after - chance)
    assert draw_adapters(make_adapters()[:0]) == ""


def test_shares_and_adapters_say_of_how_many_people_if_the_table_does(
    check_chart, list_texts
):
    texts = list_texts(check_chart(draw_variance_shares(make_factors())))
    assert any(text.endswith("clinic (n = 40)") for text in texts)
    texts = list_texts(check_chart(draw_adapters(make_adapters())))
    assert "n = 90 people; line: 95 % interval" in texts
    for svg in (
        draw_variance_shares(make_factors().drop(columns="n")),
        draw_adapters(make_adapters().drop(columns="n")),
    ):
        assert not any("n = " in text for text in list_texts(check_chart(svg)))
