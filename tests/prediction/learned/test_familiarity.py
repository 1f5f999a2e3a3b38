"""People of one population are rarely called strangers; strangers nearly always."""

import numpy as np
import pytest

from neurograft.prediction.learned.familiarity import ALPHA, fit_familiarity

LEVELS = (0.25, 0.5, 0.75)


def draw(n, rng, *, mixing, shift=0.0, gain=0.0):
    """Draw people whose many features come from a few sources."""
    sources = rng.normal(size=(n, 5)) + shift
    vectors = sources @ mixing + rng.normal(size=(n, mixing.shape[1]))
    facts = rng.normal(size=(n, 2)) * [0.3, 1.0] + [gain, 0.0]
    return vectors, facts


@pytest.fixture(scope="module")
def mixing():
    return np.random.default_rng(7).normal(size=(5, 400))


@pytest.mark.slow
def test_new_people_of_the_same_population_are_warned_of_as_often_as_said(mixing):
    rng = np.random.default_rng(0)
    rates = []
    for _ in range(12):
        fitted = fit_familiarity(*draw(60, rng, mixing=mixing), levels=LEVELS)
        new = fitted.measure(*draw(200, rng, mixing=mixing))
        rates.append((new.distance > fitted.limit).mean())
    assert np.mean(rates) == pytest.approx(ALPHA, abs=0.025)


def test_strangers_are_found_by_pattern_by_rest_and_by_a_fact(mixing):
    rng = np.random.default_rng(1)
    fitted = fit_familiarity(*draw(60, rng, mixing=mixing), levels=LEVELS)
    far = fitted.measure(*draw(50, rng, mixing=mixing, shift=3.0))
    assert (far.distance > fitted.limit).mean() > 0.95
    assert np.median(far.pattern) > 0.5
    loud = fitted.measure(*draw(50, rng, mixing=mixing, gain=np.log(10)))
    assert (loud.distance > fitted.limit).mean() > 0.95
    assert np.median(loud.facts[:, 0]) > 5
    other = np.random.default_rng(8).normal(size=(5, 400))
    odd = fitted.measure(*draw(50, rng, mixing=other))
    assert (odd.distance > fitted.limit).mean() > 0.95
    assert np.median(odd.rest) > 3


def test_too_few_people_have_no_limit_and_columns_without_spread_say_nothing(mixing):
    rng = np.random.default_rng(2)
    vectors, facts = draw(18, rng, mixing=mixing)
    vectors[:, 3] = 1.0
    fitted = fit_familiarity(vectors, facts, levels=LEVELS)
    assert fitted.limit == np.inf
    moved = vectors.copy()
    moved[:, 3] = 50.0
    np.testing.assert_allclose(
        fitted.measure(moved, facts).distance, fitted.measure(vectors, facts).distance
    )


def test_the_scale_of_a_feature_changes_no_distance(mixing):
    rng = np.random.default_rng(3)
    vectors, facts = draw(40, rng, mixing=mixing)
    new = draw(10, rng, mixing=mixing)
    scale = np.exp(rng.normal(0, 3, vectors.shape[1]))
    one = fit_familiarity(vectors, facts, levels=LEVELS)
    other = fit_familiarity(vectors * scale, facts * 100, levels=LEVELS)
    np.testing.assert_allclose(
        one.measure(*new).distance,
        other.measure(new[0] * scale, new[1] * 100).distance,
        rtol=1e-5,
    )


def test_a_fact_without_spread_is_noticed_from_its_least_width_on(mixing):
    rng = np.random.default_rng(4)
    vectors, facts = draw(60, rng, mixing=mixing)
    facts[:, 0] = 9.0
    fitted = fit_familiarity(vectors, facts, levels=LEVELS, least=(0.1, 0.0))
    new_vectors, new_facts = draw(40, rng, mixing=mixing)
    distances = []
    for fact in (9.0, 9.03, 10.0):
        new_facts[:, 0] = fact
        distances.append(fitted.measure(new_vectors, new_facts).distance)
    same, near, other = distances
    assert (same <= fitted.limit).mean() > 0.85
    np.testing.assert_allclose(near, same, atol=0.1)
    assert (other > fitted.limit).all()
    # Distances from the others are those of a space without that fact.
    plain = fit_familiarity(vectors, facts[:, 1:], levels=LEVELS)
    without = plain.measure(new_vectors, new_facts[:, 1:]).distance
    assert np.corrcoef(same, without)[0, 1] > 0.99
