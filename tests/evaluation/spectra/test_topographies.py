"""A planted difference is found where it was planted, and a null is not found."""

import dataclasses

import numpy as np
import pytest

from neurograft.evaluation.spectra.topographies import tabulate_topographies


def test_a_planted_difference_survives_at_posterior_sensors_in_alpha(make_measured):
    table = tabulate_topographies(make_measured(effect=2.0), seed=0, n_shuffles=500)
    tested = table[table["minus"].notna()]
    assert (tested["minus"].unique(), tested["group"].unique()) == ("A", "B")
    found = tested[tested["p"] < 0.05]
    assert set(found["band"]) == {"alpha"}
    assert {"O1", "O2"} <= set(found["channel"])
    assert not {"Fp1", "Fp2", "Fz"} & set(found["channel"])
    assert (found["value"] > 0.5).all()


def test_means_and_differences_agree(make_measured):
    one = make_measured(effect=0.5)
    table = tabulate_topographies(one, seed=0, n_shuffles=19)
    means = table[table["minus"].isna()].pivot_table(
        index=["band", "channel"], columns="group", values="value"
    )
    difference = table[table["minus"].notna()].set_index(["band", "channel"])["value"]
    expected = (means["B"] - means["A"]).loc[difference.index]
    np.testing.assert_allclose(difference, expected, atol=2e-4)
    assert table["n"].unique().tolist() == [14, 16]
    assert set(table["n_minus"].dropna()) == {14}
    assert set(table["unit"]) == {"uV^2"}


@pytest.mark.parametrize("is_within", [False, True])
def test_without_a_difference_hardly_any_task_finds_one(make_measured, is_within):
    """Of 100 tasks 5 are expected (binomial, 99.9 %: at most 13)."""
    sizes = (12, 12)
    n_found = 0
    for seed in range(100):
        one = make_measured(sizes, seed=seed, is_within=is_within)
        table = tabulate_topographies(one, seed=seed, n_shuffles=99)
        n_found += table["p"].min() <= 0.05
    assert n_found <= 13


def test_a_contrast_is_tested_within_people(make_measured):
    """People differ by much more than conditions do."""
    one = make_measured((15, 15), effect=0.25, is_within=True)
    table = tabulate_topographies(one, seed=0, n_shuffles=500)
    own = table[(table["band"] == "alpha") & table["minus"].notna()]
    assert own.set_index("channel").loc[["O1", "O2"], "p"].max() < 0.05
    apart = dataclasses.replace(one, is_within=False, blocks=0 * one.blocks)
    table = tabulate_topographies(apart, seed=0, n_shuffles=500)
    assert table["p"].min() > 0.05


def test_pairs_of_three_groups_are_corrected_for_their_number(make_measured):
    one = make_measured((9, 9, 9), effect=5.0)
    table = tabulate_topographies(one, seed=0, n_shuffles=199)
    pairs = table.dropna(subset=["minus"])[["minus", "group"]].drop_duplicates()
    assert pairs.to_numpy().tolist() == [["A", "B"], ["A", "C"], ["B", "C"]]
    assert table["p"].min() == pytest.approx(3 / 200)


def test_labels_are_exchanged_within_blocks_only(make_measured):
    """A group of one site each cannot be told from the site."""
    one = make_measured((14, 16), effect=2.0)
    apart = make_measured((14, 16), effect=2.0, blocks=one.groups)
    assert tabulate_topographies(apart, seed=0, n_shuffles=99)["p"].min() == 1


def test_without_common_channels_or_a_second_group_nothing_is_tested(make_measured):
    assert tabulate_topographies(make_measured(channels=()), seed=0).empty
    one = tabulate_topographies(make_measured((9,)), seed=0)
    assert one["minus"].isna().all()
    assert one["p"].isna().all()
    missing = tabulate_topographies(make_measured((9, 0)), seed=0)
    assert missing["p"].isna().all()
