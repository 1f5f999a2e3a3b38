"""A factor alone predicts what it gives away, and nothing where it is noise."""

import numpy as np
import pandas as pd
import pytest

from neurograft.tasks.factor_alone import predict_alone

RNG = np.random.default_rng(0)


def test_a_factor_that_is_the_label_predicts_it_wholly():
    labels = np.tile([0.0, 1.0], 10)
    assert predict_alone(labels, pd.Series(["a", "b"] * 10), "classification") == 1
    assert predict_alone(labels, pd.Series(3 - labels), "classification") == 1
    three = np.tile([0.0, 1.0, 2.0], 8)
    assert predict_alone(three, pd.Series(list("xyz") * 8), "multiclass") == 1
    assert predict_alone(three, pd.Series(three * 3), "regression") == pytest.approx(0)


def test_noise_predicts_nothing():
    labels = np.tile([0.0, 1.0], 200)
    sites = pd.Series(RNG.choice(list("abc"), 400))
    assert predict_alone(labels, sites, "classification") < 0.6
    ages = RNG.normal(size=400)
    spread = np.abs(ages - np.median(ages)).mean()
    assert predict_alone(ages, sites, "regression") > 0.95 * spread


def test_a_line_leaves_everybody_out_once():
    x, y = RNG.normal(size=12), RNG.normal(size=12)
    errors = []
    for row in range(12):
        others = np.arange(12) != row
        line = np.polyfit(x[others], y[others], 1)
        errors.append(abs(np.polyval(line, x[row]) - y[row]))
    assert predict_alone(y, pd.Series(x), "regression") == pytest.approx(
        np.mean(errors)
    )


def test_people_of_whom_nothing_is_known_are_alike():
    labels = np.repeat([0.0, 1.0], 6)
    said = pd.Series([None] * 6 + ["a"] * 6)
    assert predict_alone(labels, said, "classification") == 1
    number = pd.Series([np.nan] * 6 + [1.0, 2, 3, 4, 5, 6])
    assert predict_alone(labels, number, "classification") == 0.5
