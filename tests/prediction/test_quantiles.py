"""Distributions are kept without anybody's value."""

import numpy as np

from neurograft.prediction.card import PredictorCard, Quantiles
from neurograft.prediction.quantiles import (
    PEOPLE_PER_STEP,
    find_quantiles,
    find_value,
    list_levels,
    place,
)


def test_between_neighbouring_quantiles_lie_several_people():
    rng = np.random.default_rng(0)
    for n in (10, 23, 64, 500):
        values = rng.normal(size=n)
        found = find_quantiles(values)
        edges = [-np.inf, *found.values, np.inf]
        counts = np.histogram(values, edges)[0]
        assert counts.min() >= PEOPLE_PER_STEP - 1
        assert min(found.values) > values.min()
        assert max(found.values) < values.max()


def test_fewer_than_ten_people_have_no_distribution():
    assert find_quantiles(np.arange(9.0)) is None
    assert find_quantiles(np.array([np.nan] * 5 + [1.0] * 9)) is None
    assert list_levels(9) == ()


def test_places_and_values_are_each_others_inverse():
    quantiles = Quantiles(n=20, levels=(0.2, 0.5, 0.8), values=(1.0, 4.0, 9.0))
    for level in (0.2, 0.35, 0.77):
        assert place(find_value(level, quantiles), quantiles) == level


def test_a_card_survives_json(made):
    card = made.card()
    assert PredictorCard.model_validate_json(card.model_dump_json()) == card
