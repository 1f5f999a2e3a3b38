"""Weights, label shift, matched draws and scores without labels."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from neurograft.adaptation.adapter_scores import (
    score_by_entropy,
    score_by_neighbourhood,
    score_by_weighted_source,
)
from neurograft.adaptation.label_shift import (
    shift_to_mean,
    suspect_label_shift,
    weigh_labels,
)
from neurograft.adaptation.weighting import (
    count_effective,
    weigh_by_discriminator,
    weigh_by_kernel_means,
)
from neurograft.errors import DataError, DesignError
from neurograft.tasks.matching import draw_matched, judge_balance

WEIGHTS = (weigh_by_discriminator, weigh_by_kernel_means)


def make_shifted(rng, n=400, apart=1.0):
    X = np.concatenate([rng.normal(size=(n, 2)), rng.normal(size=(n, 2))])
    X[n:, 0] += apart
    return X, np.repeat([1, -1], n)


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_weights_are_positive_and_integrate_to_one(weigh):
    X, domain = make_shifted(np.random.default_rng(0))
    weights = weigh(X, domain)
    assert weights.shape == (400,)
    assert (weights >= 0).all()
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_the_weighted_source_has_the_mean_of_the_target(weigh):
    X, domain = make_shifted(np.random.default_rng(1))
    source, target = X[domain > 0], X[domain < 0]
    weights = weigh(X, domain)
    weighted = (source * weights[:, None]).mean(0)
    before = np.abs(source.mean(0) - target.mean(0))[0]
    assert abs(weighted[0] - target[:, 0].mean()) < 0.25 * before
    assert abs(weighted[1] - target[:, 1].mean()) < 0.2


@pytest.mark.parametrize("weigh", WEIGHTS)
def test_equal_populations_keep_nearly_everybody(weigh):
    X, domain = make_shifted(np.random.default_rng(2), apart=0.0)
    assert count_effective(weigh(X, domain)) > 0.85 * 400


def test_the_discriminators_weights_are_the_ratio_of_densities():
    X, domain = make_shifted(np.random.default_rng(3), n=4000)
    truth = stats.norm.pdf(X[domain > 0, 0], 1) / stats.norm.pdf(X[domain > 0, 0], 0)
    found = weigh_by_discriminator(X, domain, C=10)
    assert np.corrcoef(np.minimum(truth, 10), found)[0, 1] > 0.98


def test_there_has_to_be_a_source():
    with pytest.raises(DataError, match="no source"):
        weigh_by_discriminator(np.zeros((4, 1)), np.full(4, -1))


def test_label_weights_give_the_prevalence_of_the_target():
    rng = np.random.default_rng(4)
    y = np.repeat([0.0, 1.0], (300, 300))
    target = np.repeat([0.0, 1.0], (100, 300))
    X = np.concatenate([y, target])[:, None] * 2.5 + rng.normal(size=(1000, 3))
    weights = weigh_labels(X, y, np.repeat([1, -1], (600, 400)))
    assert weights.mean() == pytest.approx(1)
    assert (weights * y).mean() == pytest.approx(0.75, abs=0.06)
    assert np.unique(weights.round(9)).size == 2


def test_label_weights_move_a_numbers_mean_towards_the_targets():
    rng = np.random.default_rng(5)
    y, target = rng.uniform(20, 80, 400), rng.uniform(50, 80, 300)
    X = np.concatenate([y, target])[:, None] / 10 + 0.5 * rng.normal(size=(700, 2))
    weights = weigh_labels(X, y, np.repeat([1, -1], (400, 300)))
    moved = (weights * y).mean()
    assert abs(moved - target.mean()) < 0.35 * abs(y.mean() - target.mean())
    with pytest.raises(DataError, match="no target"):
        weigh_labels(X[:400], y, np.ones(400, int))


def test_label_shift_is_suspected_when_it_is_there_and_rarely_when_not():
    rng = np.random.default_rng(6)
    domain = np.repeat([1, -1], 80)
    shifted = np.concatenate([rng.uniform(20, 60, 80), rng.uniform(45, 80, 80)])
    found = suspect_label_shift(shifted, domain)
    assert found.is_suspect
    assert "re-centring would remove part of the label" in found.sentence
    groups = np.concatenate([np.tile([0.0, 1.0], 40), np.repeat([0.0, 1.0], (10, 70))])
    assert suspect_label_shift(groups, domain).is_suspect
    alarms = [
        suspect_label_shift(rng.uniform(20, 80, 160), domain).is_suspect
        for _ in range(300)
    ]
    assert np.mean(alarms) < 0.09
    assert not suspect_label_shift(shifted, np.ones(160, int)).is_suspect


def test_a_known_mean_moves_all_predictions_alike():
    predicted = np.array([30.0, 50.0, 70.0])
    moved = shift_to_mean(predicted, 62.0)
    np.testing.assert_allclose(moved, [42, 62, 82])
    with pytest.raises(DataError, match="mean is nan"):
        shift_to_mean(predicted, float("nan"))


def make_clinic(rng, n=60, apart=0.0):
    return pd.DataFrame(
        {
            "age": np.concatenate(
                [rng.normal(50, 12, n), rng.normal(50 + apart, 12, n)]
            ),
            "sex": rng.choice(["F", "M"], 2 * n),
            "is_patient": np.repeat([False, True], n),
        }
    )


def test_matched_draws_respect_caliper_and_sex_and_differ():
    people = make_clinic(np.random.default_rng(7), apart=4.0)
    draws = draw_matched(people, n_draws=5, within_years=2.0, seed=1)
    assert len(draws) == 5
    for draw in draws:
        rows = np.array(draw.pairs)
        assert people["is_patient"].to_numpy()[rows[:, 0]].all()
        assert not people["is_patient"].to_numpy()[rows[:, 1]].any()
        ages = people["age"].to_numpy()[rows]
        assert np.abs(ages[:, 0] - ages[:, 1]).max() <= 2.0
        sexes = people["sex"].to_numpy()[rows]
        assert (sexes[:, 0] == sexes[:, 1]).all()
        assert len(set(rows.ravel())) == rows.size
        assert draw.balance.bf_age < 1 / 3
        assert draw.balance.bf_sex < 1 / 3
    assert len({tuple(map(tuple, draw.pairs)) for draw in draws}) == 5
    again = draw_matched(people, n_draws=5, within_years=2.0, seed=1)
    assert [d.pairs for d in again] == [d.pairs for d in draws]


def test_matching_respects_the_site():
    people = make_clinic(np.random.default_rng(8))
    people["site"] = np.tile(["a", "b", "c"], 40)
    draws = draw_matched(people, n_draws=2, within_years=3.0)
    for draw in draws:
        rows = np.array(draw.pairs)
        sites = people["site"].to_numpy()[rows]
        assert (sites[:, 0] == sites[:, 1]).all()


def test_groups_that_do_not_overlap_are_refused():
    people = make_clinic(np.random.default_rng(9), n=15, apart=200.0)
    with pytest.raises(DesignError, match="hardly overlap"):
        draw_matched(people, max_tries=20)


def test_balance_is_judged_against_means_and_shares():
    people = pd.DataFrame({"age": [60.0, 61, 62, 63, 20, 21, 22, 23],
                           "sex": ["F"] * 4 + ["M"] * 4})  # fmt: skip
    balance = judge_balance(people, [(0, 4), (1, 5), (2, 6), (3, 7)])
    assert balance.bf_age > 10
    assert balance.bf_sex > 3
    assert not balance.is_balanced


def test_scores_without_labels_prefer_what_they_should():
    sure = np.array([[0.99, 0.01], [0.02, 0.98]])
    torn = np.array([[0.6, 0.4], [0.45, 0.55]])
    assert score_by_entropy(sure) > score_by_entropy(torn)
    rng = np.random.default_rng(10)
    centres = np.repeat(np.eye(2) * 4, 30, axis=0)
    tight = centres + 0.05 * rng.normal(size=(60, 2))
    spread = rng.normal(size=(60, 2))
    assert score_by_neighbourhood(tight) > score_by_neighbourhood(spread)
    losses, weights = np.array([0.1, 2.0]), np.array([3.0, 1.0])
    assert score_by_weighted_source(losses, weights) == pytest.approx(-0.575)


def test_the_neighbourhood_of_identical_rows_is_as_dense_as_can_be():
    same = np.ones((20, 3))
    assert score_by_neighbourhood(same) == pytest.approx(np.log(19))
