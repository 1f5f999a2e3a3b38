"""Norms hold distributions, and nothing of a person."""

import numpy as np
import pytest

from neurograft.prediction.card import NormCard
from neurograft.prediction.norms.norms import count_near
from neurograft.prediction.quantiles import find_quantiles


def test_norms_hold_no_value_of_anybody(healthy):
    card, norms = healthy.make(60)
    rng = np.random.default_rng(0)
    ages = rng.uniform(20, 80, 60)
    own = np.concatenate([healthy.draw(age, rng).join() for age in ages])
    kept = np.concatenate(
        [norms.curve.coefficients.ravel(), norms.curve.spread, norms.curve.knots]
    )
    assert not np.isin(kept, own).any()
    assert not np.isin(ages, [card.youngest, card.oldest, *norms.curve.knots]).any()
    assert len(card.ages.values) * 5 <= 60
    assert {card.youngest % 5, card.oldest % 5} == {0.0}


def test_people_near_in_age_are_counted_from_quantiles_as_they_would_be_one_by_one():
    rng = np.random.default_rng(1)
    ages = np.concatenate([rng.uniform(20, 40, 70), rng.uniform(60, 80, 30)])
    card = NormCard(n=100, youngest=20.0, oldest=80.0, ages=find_quantiles(ages))
    for age in (25, 30, 50, 70, 78):
        true = (np.abs(ages - age) <= 10).sum()
        # Two steps of the quantiles hold five people each.
        assert count_near(age, card) == pytest.approx(true, abs=10)
    assert count_near(5.0, card) == 0
    assert count_near(95.0, card) == 0
    assert count_near(50.0, NormCard(reason="NG740")) == 0


def test_gaps_are_kept_where_age_is_predicted_only(healthy):
    assert healthy.make()[0].gaps.n == 60
    assert healthy.make(gaps=np.zeros(0))[0].gaps is None
