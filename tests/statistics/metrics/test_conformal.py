import numpy as np
import pytest

from neurograft.statistics.metrics.conformal import (
    draw_intervals,
    draw_sets,
    find_quantile,
    measure_interval_coverage,
    measure_set_coverage,
)


def test_quantile_is_the_next_order_statistic():
    misfits = np.arange(1.0, 20.0)  # 19: ceil(20 * .9) = 18
    assert find_quantile(misfits, confidence=0.9) == 18.0
    assert find_quantile(misfits, confidence=0.99) == np.inf


@pytest.mark.parametrize("noise", ["normal", "laplace"])
def test_intervals_cover_whatever_the_noise(noise):
    rng = np.random.default_rng(0)
    reached = []
    for _ in range(200):
        labels = rng.normal(size=60)
        predicted = labels + getattr(rng, noise)(size=60)
        folds = np.arange(60) % 5
        intervals = draw_intervals(labels, predicted, folds, confidence=0.9)
        reached.append(
            measure_interval_coverage(labels, intervals, confidence=0.9).reached
        )
    assert np.mean(reached) == pytest.approx(0.9, abs=0.025)


def test_sets_cover_the_small_class_too():
    rng = np.random.default_rng(0)
    of_small = []
    for _ in range(100):
        labels = (rng.random(200) < 0.25).astype(int)
        p = 1 / (1 + np.exp(-(labels * 1.5 - 1.5 + rng.normal(size=200))))
        probabilities = np.stack([1 - p, p], axis=1)
        sets = draw_sets(labels, probabilities, np.arange(200) % 5, confidence=0.9)
        of_small.append(sets[labels == 1, 1].mean())
        size = measure_set_coverage(labels, sets, confidence=0.9).size
        assert 0.9 < size <= 2
    assert np.mean(of_small) == pytest.approx(0.91, abs=0.03)


def test_a_persons_own_error_does_not_widen_their_interval():
    labels = np.zeros(40)
    predicted = np.zeros(40)
    predicted[0] = 100.0
    intervals = draw_intervals(labels, predicted, np.arange(40) % 2, confidence=0.9)
    assert np.ptp(intervals[0]) == 0.0
