"""What goes with the answers is found where it is, and nowhere else."""

import numpy as np
import pytest

from neurograft.evaluation.details.patterns import tabulate_patterns
from neurograft.features.person_spectra import ALL_BANDS, sum_clinical_bands
from neurograft.montage.regions import REGIONS

QUICK = {"n_bootstraps": 100, "seed": 1, "n_shuffles": 199}


@pytest.fixture
def make_pair(evaluate_by_hand, make_measured):
    """An evaluated task of people whose spectra are known."""

    def make(find_scores, sizes=(15, 15), seed=0, kind="classification", **changes):
        measured = make_measured(sizes, seed=seed, is_within=kind == "contrast")
        labels = measured.groups.astype(float)
        people = {name: measured.people[name].to_numpy() for name in measured.people}
        said = np.asarray(find_scores(sum_alpha(measured)))
        scores = {"riemann": said, "dummy": np.full(said.shape, 0.5)}
        one = evaluate_by_hand(
            kind, labels, scores, cluster=people["participant_id"], **people, **changes
        )
        return one, measured

    return make


def sum_alpha(measured):
    """Return log alpha power at the back of the head."""
    occipital = 10 ** measured.log_power[:, list(REGIONS).index("occipital")]
    found = sum_clinical_bands(measured.frequencies_hz, occipital, is_relative=False)
    return found[2]


def find(table, band, region):
    row = table[(table["band"] == band) & (table["region"] == region)]
    assert len(row) == 1
    return row.iloc[0]


def test_a_score_that_is_alpha_power_goes_with_it_wholly(make_pair):
    table = tabulate_patterns(*make_pair(lambda alpha: alpha), **QUICK)
    row = find(table, "alpha", "occipital")
    assert row["value"] == pytest.approx(1)
    assert row["ci_low"] == pytest.approx(1)
    assert row["p"] == 1 / 200
    others = table.drop(row.name)
    assert others["value"].abs().max() < 0.8
    assert others["p"].min() > 0.01


def test_every_band_and_region_has_its_row(make_pair):
    table = tabulate_patterns(*make_pair(lambda alpha: -alpha), **QUICK)
    assert set(table["method"]) == {"riemann"}  # the dummy says the same of everybody
    assert len(table) == len(ALL_BANDS) * len(REGIONS) == 30
    assert (table["n"] == 30).all()
    assert table["measure"].unique().tolist() == ["log power"]
    assert find(table, "alpha", "occipital")["value"] == pytest.approx(-1)
    assert (table["ci_low"] <= table["value"]).all()
    assert (table["value"] <= table["ci_high"]).all()


def test_what_a_fold_or_repeat_adds_is_no_pattern(make_pair):
    folds = np.random.default_rng(0).integers(0, 4, (3, 30))
    table = tabulate_patterns(
        *make_pair(lambda alpha: alpha + 100 * folds, in_fold=folds), **QUICK
    )
    assert find(table, "alpha", "occipital")["value"] == pytest.approx(1)


def test_of_a_contrast_the_differences_of_people_count(make_pair):
    own = np.random.default_rng(0).standard_normal(15)

    def find_scores(alpha):
        halves = alpha.reshape(2, 15)
        return (halves + 100 * own).ravel()  # people differ by far more than alpha

    in_fold = np.tile(np.arange(15) % 4, 2)
    one, measured = make_pair(find_scores, kind="contrast", in_fold=in_fold)
    table = tabulate_patterns(one, measured, **QUICK)
    row = find(table, "alpha", "occipital")
    assert row["value"] == pytest.approx(1)
    assert row["n"] == 15
    assert row["p"] < 0.05


def test_people_without_score_or_spectrum_are_left_out(make_pair):
    def lack(alpha):
        return np.where(np.arange(30) < 3, np.nan, alpha)

    one, measured = make_pair(lack)
    assert (tabulate_patterns(one, measured, **QUICK)["n"] == 27).all()
    measured.people.loc[27:, "participant_id"] = ["x", "y", "z"]
    assert (tabulate_patterns(one, measured, **QUICK)["n"] == 24).all()


@pytest.mark.parametrize(("sizes", "n_rows"), [((1, 1), 0), ((3, 2), 30)])
def test_fewer_than_five_people_have_no_pattern(make_pair, sizes, n_rows):
    pair = make_pair(
        lambda alpha: alpha, sizes=sizes, in_fold=np.zeros(sum(sizes), int)
    )
    table = tabulate_patterns(*pair, **QUICK)
    assert len(table) == n_rows
    assert np.isfinite(table[["value", "p"]]).all(axis=None) if n_rows else True


def test_more_than_two_groups_have_no_pattern(evaluate_by_hand, make_measured):
    measured = make_measured((4, 4, 4))
    said = np.eye(3)[measured.groups][None]
    one = evaluate_by_hand("multiclass", measured.groups, {"m": said})
    assert tabulate_patterns(one, measured, **QUICK).empty


def test_a_band_beyond_the_recording_is_left_out(make_pair, make_measured):
    one, measured = make_pair(lambda alpha: alpha)
    cut = make_measured(
        (15, 15), frequencies_hz=measured.frequencies_hz[:58],
        log_power=measured.log_power[..., :58], is_relative=True,
    )  # fmt: skip
    table = tabulate_patterns(one, cut, **QUICK)
    assert list(dict.fromkeys(table["band"])) == ["delta", "theta", "alpha", "beta"]
    assert table["measure"].unique().tolist() == ["log share of power"]


@pytest.mark.slow
def test_answers_that_go_with_nothing_are_found_in_one_of_twenty_studies(make_pair):
    smallest = []
    for seed in range(150):
        rng = np.random.default_rng([seed, 5])
        pair = make_pair(lambda alpha, rng=rng: rng.permuted(alpha), seed=seed)
        table = tabulate_patterns(*pair, n_bootstraps=2, seed=seed, n_shuffles=199)
        smallest.append(table["p"].min())
    assert np.mean(np.array(smallest) <= 0.05) == pytest.approx(0.05, abs=0.045)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(make_pair):
    held = []
    for seed in range(100):
        rng = np.random.default_rng([seed, 6])
        noise = rng.standard_normal(60)

        def find_scores(alpha, noise=noise):
            return 0.6 * (alpha - alpha.mean()) / alpha.std() + 0.8 * noise

        one, measured = make_pair(
            find_scores, sizes=(30, 30), seed=seed, in_fold=np.zeros(60, int)
        )
        table = tabulate_patterns(
            one, measured, n_bootstraps=200, seed=seed, n_shuffles=1
        )
        row = find(table, "alpha", "occipital")
        held.append(row["ci_low"] <= 0.6 <= row["ci_high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)


def test_a_method_that_says_the_same_has_the_same_pattern(make_pair):
    one, measured = make_pair(lambda alpha: alpha + np.sin(np.arange(30)))
    one.full["twin"] = one.full["riemann"]
    table = tabulate_patterns(one, measured, **QUICK).drop(columns="method")
    first, second = table.iloc[:30], table.iloc[30:].reset_index(drop=True)
    assert first.equals(second)
