"""Means over people have the interval of a mean over people."""

from dataclasses import replace

import numpy as np
import pytest

from neurograft.evaluation.spectra.group_spectra import (
    tabulate_group_spectra,
    tabulate_peak_groups,
    tabulate_peaks,
)
from neurograft.montage.regions import REGIONS


def test_a_row_is_the_mean_of_log_power_over_the_people_of_a_group(make_measured):
    one = make_measured((14, 16))
    table = tabulate_group_spectra(one, n_bootstraps=200, seed=0)
    assert len(table) == 2 * len(REGIONS) * 90
    own = table[(table["group"] == "B") & (table["region"] == "occipital")]
    assert own["n"].unique().tolist() == [16]
    region = list(REGIONS).index("occipital")
    np.testing.assert_allclose(
        own["log10_power"], one.log_power[one.groups == 1, region].mean(0), atol=1e-4
    )
    assert own["frequency_hz"].tolist() == one.frequencies_hz.tolist()


def test_intervals_hold_the_true_mean_in_about_95_per_cent_of_bins(make_measured):
    table = tabulate_group_spectra(make_measured((30, 30)), n_bootstraps=500, seed=0)
    holds = (table["ci_low"] <= 0) & (table["ci_high"] >= 0)
    assert holds.mean() == pytest.approx(0.95, abs=0.03)
    width = (table["ci_high"] - table["ci_low"]).mean()
    assert width == pytest.approx(2 * 1.96 / np.sqrt(30), rel=0.08)


def test_two_people_have_no_interval_and_a_missing_group_no_row(make_measured):
    table = tabulate_group_spectra(make_measured((2, 9)), n_bootstraps=50, seed=0)
    alone = table[table["group"] == "A"]
    assert alone["ci_low"].isna().all()
    assert table.loc[table["group"] == "B", "ci_low"].notna().all()
    without = make_measured((0, 9))
    assert set(tabulate_group_spectra(without, n_bootstraps=9, seed=0)["group"]) == {
        "B"
    }


def test_the_same_seed_gives_the_same_table(make_measured):
    first, second = (
        tabulate_group_spectra(make_measured(), n_bootstraps=50, seed=3)
        for _ in range(2)
    )
    assert first.equals(second)


def test_every_person_has_a_row_of_peaks(make_measured):
    one = make_measured((3, 4), alpha_hz=np.r_[np.nan, np.full(6, 9.5)])
    table = tabulate_peaks(one)
    assert table["participant_id"].tolist() == [f"sub-{i}" for i in range(7)]
    assert table["group"].tolist() == list("AAABBBB")
    assert table["alpha_hz"].isna().tolist() == [True] + [False] * 6


def test_peaks_of_groups_are_means_of_those_who_have_one(make_measured):
    one = make_measured(sizes=(5, 2))
    alpha = np.array([9.0, 10.0, np.nan, 11.0, 10.0, 8.0, np.nan])
    measured = make_measured(sizes=(5, 2), alpha_hz=alpha)
    table = tabulate_peak_groups(measured, n_bootstraps=200, seed=0)
    table = table.set_index(["measure", "group"])
    row = table.loc[("alpha_hz", "A")]
    assert (row["n"], row["value"]) == (4, 10.0)
    assert 9.0 <= row["ci_low"] < 10.0 < row["ci_high"] <= 11.0
    few = table.loc[("alpha_hz", "B")]
    assert (few["n"], few["value"]) == (1, 8.0)
    assert np.isnan(few["ci_low"])
    assert table.loc[("exponent", "B"), "n"] == 2
    nobody = replace(one, alpha_hz=np.full(7, np.nan))
    found = tabulate_peak_groups(nobody, n_bootstraps=20, seed=0)
    assert found.loc[found["measure"] == "alpha_hz", "value"].isna().all()
