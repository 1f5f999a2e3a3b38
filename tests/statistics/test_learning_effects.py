"""Effects of people learned from: found where they are, shrunk where there is noise."""

import numpy as np
import pytest

from neurograft.statistics.learning_effects import find_learning_effects


def make_draws(rng, *, n=30, each=5, n_draws=400, size=1.0, noise=0.0):
    """Scores that are the mean of what each person learned from adds."""
    strata = np.repeat([0, 1], n)
    adds = size * rng.normal(size=2 * n)
    learned = np.zeros((n_draws, 2 * n), dtype=bool)
    for row in learned:
        for stratum in (0, 1):
            row[rng.permutation(np.flatnonzero(strata == stratum))[:each]] = True
    scores = learned @ adds / (2 * each) + noise * rng.normal(size=n_draws)
    return np.tile(scores[:, None], 2 * n), learned, strata, adds


def test_effects_are_what_a_person_adds_to_the_mean():
    rng = np.random.default_rng(0)
    values, learned, strata, adds = make_draws(rng, n_draws=20_000)
    found = find_learning_effects(values, learned, strata)
    # A share of 5 of 30 draws; each of the ten learned from adds a tenth.
    for stratum in (0, 1):
        own = strata == stratum
        expected = (adds[own] - adds[own].mean()) / 10 * (5 / 30)
        assert np.corrcoef(found[own], expected)[0, 1] > 0.99
        assert np.polyfit(expected, found[own], 1)[0] == pytest.approx(1, abs=0.07)
        assert found[own].sum() == pytest.approx(0, abs=1e-9)


def test_the_spread_between_cohorts_is_found_from_one():
    """The mean score of cohorts drawn anew spreads as much as the effects say."""
    rng = np.random.default_rng(1)
    means, spreads = [], []
    for _ in range(200):
        values, learned, strata, adds = make_draws(rng, noise=0.3, n_draws=200)
        means.append(adds.mean())  # what endless draws of this cohort would give
        effects = find_learning_effects(values, learned, strata)
        spreads.append((effects**2).sum())
    assert np.sqrt(np.mean(spreads)) == pytest.approx(np.std(means), rel=0.15)


def test_noise_of_the_draws_is_no_effect_of_people():
    rng = np.random.default_rng(2)
    found = []
    for _ in range(100):
        values, learned, strata, _ = make_draws(rng, size=0.0, noise=1.0, n_draws=200)
        found.append((find_learning_effects(values, learned, strata) ** 2).sum())
    # Of 200 draws 33 hold a person, a share of one in six.
    unshrunk = 60 / 36 * (1 / 33 + 1 / 167)
    assert np.mean(found) < 0.2 * unshrunk


def test_draws_without_a_score_and_people_never_drawn_tell_nothing():
    rng = np.random.default_rng(3)
    values, learned, strata, _ = make_draws(rng, n_draws=300)
    whole = find_learning_effects(values, learned, strata)
    more = np.vstack([values, np.full((5, values.shape[1]), np.nan)])
    also = np.vstack([learned, learned[:5]])
    found = find_learning_effects(more, also, strata)
    np.testing.assert_allclose(found, whole, atol=0.06 * np.abs(whole).max())
    learned[:, 0] = False
    assert np.isfinite(find_learning_effects(values, learned, strata)).all()
    nobody = find_learning_effects(values, np.zeros_like(learned), strata)
    np.testing.assert_array_equal(nobody, 0)
