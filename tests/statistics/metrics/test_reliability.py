import numpy as np
import pytest

from neurograft.statistics.metrics.reliability import measure_reliability


def reliability_by_definition(first, second):
    """ICC(2, 1) from its mean squares: Shrout and Fleiss 1979, table 1 and p. 423."""
    scores = np.stack([first, second], 1)
    n, k = scores.shape
    residual = scores - scores.mean(1, keepdims=True) - scores.mean(0) + scores.mean()
    between = k * scores.mean(1).var(ddof=1)
    visits = n * scores.mean(0).var(ddof=1)
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    return (between - error) / (between + (k - 1) * error + k * (visits - error) / n)


def test_reliability_of_the_textbook_example():
    """Shrout and Fleiss 1979, table 2, judges 2 and 4."""
    first = np.array([2.0, 1, 4, 1, 5, 2])
    second = np.array([6.0, 2, 6, 3, 6, 4])
    expected = reliability_by_definition(first, second)
    assert measure_reliability(first, second)[0] == pytest.approx(expected)
    assert measure_reliability(first, first)[0] == pytest.approx(1.0)


def test_reliability_of_a_resample_is_that_of_the_people_drawn():
    rng = np.random.default_rng(0)
    first, second = 50 + rng.standard_normal((2, 12))
    weights = rng.multinomial(12, np.full(12, 1 / 12), size=4).astype(float)
    found = measure_reliability(first, second, weights)
    for value, counts in zip(found, weights.astype(int), strict=True):
        drawn = np.repeat(np.arange(12), counts)
        expected = reliability_by_definition(first[drawn], second[drawn])
        assert value == pytest.approx(expected)


def test_reliability_of_one_person_drawn_again_and_again_is_unknown():
    first, second = np.array([[1.0, 2.0, 3.0], [1.5, 2.0, 2.5]])
    weights = np.array([[3.0, 0, 0], [0, 0, 0], [1, 1, 1]])
    found = measure_reliability(first, second, weights)
    assert np.isnan(found).tolist() == [True, True, False]
