"""Everybody tested is in one bin, whatever the number of people."""

import numpy as np
import pytest

from neurograft.evaluation.details.calibration import (
    cut_into_bins,
    tabulate_calibration,
)


def test_bins_part_the_people(make_groups):
    one = make_groups()
    table = tabulate_calibration(one)
    own = table[table["method"] == "riemann"]
    p = one.full["riemann"].predictions
    assert own["n"].sum() == 43
    assert own["n"].between(6, 11).all()  # ties stay together
    assert own["bin"].tolist() == [1, 2, 3, 4, 5]
    assert own["stated"].is_monotonic_increasing
    assert own["n"] @ own["stated"] == pytest.approx(p.average().sum())
    assert own["n"] @ own["observed"] == pytest.approx(17)


def test_those_of_whom_the_same_is_said_are_together(make_groups):
    dummy = tabulate_calibration(make_groups()).query("method == 'dummy'")
    assert dummy[["bin", "n"]].values.tolist() == [[1, 43]]
    assert cut_into_bins(np.array([3.0, 1, 1, 1, 1]), 5).tolist() == [1, 0, 0, 0, 0]


def test_intervals_are_those_of_wilson(evaluate_by_hand):
    # 8 of 10: [0.490, 0.943] (Newcombe 1998 gives the method; Brown 2001 its formula).
    labels = np.repeat([1.0, 0.0], [8, 2])
    one = evaluate_by_hand("classification", labels, {"a": np.full(10, 0.5)})
    row = tabulate_calibration(one).iloc[0]
    z, share = 1.959964, 0.8
    centre = (share + z**2 / 20) / (1 + z**2 / 10)
    half = z / (1 + z**2 / 10) * np.sqrt(share * 0.2 / 10 + z**2 / 400)
    assert row["ci_low"] == pytest.approx(centre - half, abs=1e-6)
    assert row["ci_high"] == pytest.approx(centre + half, abs=1e-6)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([0.490, 0.943], abs=1e-3)


@pytest.mark.parametrize("n", [1, 2, 5, 11])
def test_few_people_are_bins_of_their_own(n):
    bins = cut_into_bins(np.arange(n) / 10, 5)
    assert bins.tolist() == sorted(bins.tolist())
    assert np.unique(bins).tolist() == list(range(min(n, 5)))
    counts = np.bincount(bins)
    assert counts.max() - counts.min() <= 1


def test_who_has_no_score_is_in_no_bin(make_groups):
    one = make_groups()
    one.full["riemann"].predictions.scores[:, 3] = np.nan
    own = tabulate_calibration(one).query("method == 'riemann'")
    assert own["n"].sum() == 42
    assert cut_into_bins(np.empty(0), 5).tolist() == []
