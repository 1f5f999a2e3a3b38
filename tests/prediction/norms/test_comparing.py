"""A person is compared with healthy people of that age, or the page says why not."""

import numpy as np
import pytest
from scipy import stats

from neurograft.prediction.card import NormCard, Quantiles
from neurograft.prediction.norms.comparing import (
    compare_with_healthy,
    explain_absence,
    find_centile,
    read_kind,
)
from neurograft.prediction.norms.measures import BANDS


def make_row(**changes):
    known = {"n_channels": 19, "sfreq_hz": 500.0, "reference": "FCz"}
    return {**known, **changes}


def compare(healthy, measured, age=50.0, gap=None, n=60):
    card, norms = healthy.make(n)
    return compare_with_healthy(
        measured, norms, card, age=age, positions=healthy.positions, gap=gap
    )


def test_a_person_with_twice_the_alpha_has_the_z_of_a_hand_calculation(healthy):
    usual = healthy.draw(50.0, np.random.default_rng(9), sd=0.0)
    norms = healthy.make(60)[1]
    alpha = list(BANDS).index("alpha")
    doubled = usual.band_power.copy()
    doubled[alpha] += np.log10(2)
    before = compare(healthy, usual)
    after = compare(healthy, usual._replace(band_power=doubled))
    error = norms.curve.find_error(50.0)[6 * 90 :].reshape(3, -1)
    np.testing.assert_allclose(after.z[alpha] - before.z[alpha],
                               np.log10(2) / error[alpha])  # fmt: skip
    np.testing.assert_allclose(after.z[0], before.z[0])
    assert after.z[alpha].mean() == pytest.approx(np.log10(2) / 0.1, abs=0.6)
    assert after.n_beyond >= 9
    assert before.n_beyond == 0


def test_healthy_people_lie_beyond_as_often_as_is_said(healthy):
    rng = np.random.default_rng(5)
    found = [compare(healthy, healthy.draw(60.0, rng), age=60.0) for _ in range(60)]
    said = found[0].n_by_chance
    assert said == pytest.approx(30 * 2 * stats.t.sf(2, 57))
    assert np.mean([one.n_beyond for one in found]) == pytest.approx(said, abs=0.6)
    inside = [(one.own > one.low) & (one.own < one.high) for one in found]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)
    told = found[0].say()
    assert "of a healthy person, about 2 lie that far away by chance" in told.say()
    assert "60 healthy people" in told.say()


def test_the_band_of_healthy_people_narrows_with_their_number(healthy):
    person = healthy.draw(50.0, np.random.default_rng(9), sd=0.0)
    few, many = (compare(healthy, person, n=n) for n in (30, 600))
    assert (many.high - many.low).mean() < (few.high - few.low).mean()


def test_every_reason_for_no_comparison_is_told(healthy):
    card, _ = healthy.make(60)
    rows = [make_row()]
    assert explain_absence(card, rows, 50.0) is None
    cases = {
        "NG740": (NormCard(reason="NG740"), rows, 50.0),
        "NG741": (NormCard(reason="NG741", n=29), rows, 50.0),
        "NG742": (card, [make_row(n_channels=64)], 50.0),
        "NG743": (card, [make_row(), make_row(reference="average")], 50.0),
        "NG744": (card, rows, float("nan")),
        "NG745": (card, rows, 96.0),
        "NG750": (card, [make_row(reference=None)], 50.0),
    }
    for code, asked in cases.items():
        told = explain_absence(*asked)
        assert told.code == code
        for language in ("en", "de"):
            assert told.say(language)
    assert "29 healthy" in explain_absence(*cases["NG741"]).say()
    assert "64 at 500 Hz" in explain_absence(*cases["NG742"]).say()
    assert "96 years" in explain_absence(*cases["NG745"]).say()
    rate = explain_absence(card, [make_row(sfreq_hz=256.0)], 50.0)
    assert rate.code == "NG742"


def test_an_unknown_reference_is_a_kind_of_its_own():
    assert read_kind(make_row()).reference == "electrode"
    assert read_kind(make_row(reference=None)).reference == ""
    assert read_kind(make_row(reference=float("nan"))).reference == ""


@pytest.mark.parametrize("n", [30, 400])
def test_the_interval_of_a_centile_is_that_of_the_count_below(n):
    step = 1 / min(n // 5, 20)
    levels = tuple(np.round(np.arange(step, 1 - 1e-9, step), 6))
    values = tuple(stats.norm.ppf(levels) * 6)
    gaps = Quantiles(n=n, levels=levels, values=values)
    told = find_centile(0.0, gaps)
    assert told.code == "NG747"
    assert told.values["centile"] == pytest.approx(50)
    exact = stats.binomtest(n // 2, n).proportion_ci(0.95, "exact")
    assert told.values["low"] == pytest.approx(100 * exact.low)
    assert told.values["high"] == pytest.approx(100 * exact.high)
    low, high = find_centile(-99.0, gaps), find_centile(99.0, gaps)
    assert (low.code, high.code) == ("NG748", "NG749")
    assert low.values["n_beyond"] == pytest.approx(high.values["n_beyond"])
    assert f"lowest {max(n // 20, 5)} or so of {n}" in low.say()


def test_the_centiles_of_healthy_people_are_spread_evenly(healthy):
    rng = np.random.default_rng(3)
    card, _ = healthy.make(400, gaps=rng.normal(0, 5, 400))
    told = [find_centile(gap, card.gaps) for gap in rng.normal(0, 5, 2000)]
    within = [one.values["centile"] for one in told if one.code == "NG747"]
    assert len(within) / 2000 == pytest.approx(0.9, abs=0.03)
    assert np.mean(within) == pytest.approx(50, abs=3)


def test_without_gaps_or_electrodes_nothing_is_said_of_them(healthy):
    assert find_centile(3.0, None) is None
    person = healthy.draw(50.0, np.random.default_rng(9))
    found = compare(healthy, person, gap=2.0)
    assert found.centile is not None
    assert compare(healthy, person).centile is None
