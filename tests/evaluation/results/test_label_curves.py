"""Few labels: gains with intervals over people, and the labels that are saved."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.results.label_curves import (
    average_gains,
    find_labels_saved,
    tabulate_curves,
)

N, N_DRAWS = 48, 6
LABELS = np.tile([0.0, 1.0], N // 2)
SETTINGS = {"n_bootstraps": 200, "seed": 0}


def make_draws(seed, effect, n_draws=N_DRAWS):
    noise = np.random.default_rng(seed).normal(0, 1, (n_draws, N))
    return noise + effect * LABELS


@pytest.fixture
def make_curve(evaluate_by_hand):
    """A task whose curve holds the scores that are given, by number of labels."""

    def make(few, kind="classification", labels=LABELS):
        evaluated = evaluate_by_hand(kind, labels, next(iter(few.values())))
        results = {
            n: evaluate_by_hand(kind, labels, scores).full for n, scores in few.items()
        }
        return replace(evaluated, few=results)

    return make


@pytest.fixture
def draws():
    return {
        n: {"encoder": make_draws(n, 0.8), "random-encoder": make_draws(n + 1, 0.3)}
        for n in (5, 10)
    }


def repeat_draws(few, times):
    return {
        n: {name: np.tile(scores, (times, 1)) for name, scores in own.items()}
        for n, own in few.items()
    }


def test_intervals_resample_people_and_never_draws(make_curve, draws):
    once, often = (make_curve(repeat_draws(draws, n)) for n in (1, 25))
    # Were draws resampled, 25 times as many would make intervals five times narrower.
    pd.testing.assert_frame_equal(
        tabulate_curves(once, **SETTINGS), tabulate_curves(often, **SETTINGS)
    )
    ours, theirs = (average_gains(one, (5, 10), **SETTINGS) for one in (once, often))
    assert ours == pytest.approx(theirs)


def test_the_same_person_in_every_draw_leaves_an_interval_as_wide_as_people(make_curve):
    few = repeat_draws({5: {"encoder": make_draws(0, 0.8, n_draws=1)}}, 30)
    (row,) = tabulate_curves(make_curve(few), **SETTINGS).to_dict("records")
    assert row["ci_high"] - row["ci_low"] > 0.2


def test_the_mean_gain_of_one_number_is_its_gain_and_of_two_lies_between(
    make_curve, draws
):
    evaluated = make_curve(draws)
    curves = tabulate_curves(evaluated, **SETTINGS).set_index("method")
    rows = curves.loc["pretraining gain"].set_index("labels_per_class")
    for n in (5, 10):
        alone = average_gains(evaluated, (n,), **SETTINGS)
        for name, value in alone.items():
            assert value == pytest.approx(rows.loc[n, name])
    both = average_gains(evaluated, (5, 10), **SETTINGS)
    assert both["value"] == pytest.approx(rows["value"].mean())
    assert both["ci_low"] < both["value"] < both["ci_high"]


def test_a_smaller_error_is_a_gain(make_curve):
    rng = np.random.default_rng(0)
    ages = rng.uniform(20, 80, N)
    few = {
        5: {
            "encoder": ages + rng.normal(0, 2, (4, N)),
            "random-encoder": ages + rng.normal(0, 9, (4, N)),
        }
    }
    assert (
        average_gains(make_curve(few, "regression", ages), (5,), **SETTINGS)["ci_low"]
        > 0
    )


def test_methods_that_could_not_learn_from_few_leave_no_curve(make_curve, draws):
    evaluated = replace(make_curve(draws), few={5: {}})
    assert tabulate_curves(evaluated, **SETTINGS).empty


def test_labels_saved_is_read_off_the_curves():
    budgets = np.array([5.0, 10.0, 20.0, 40.0])
    trained = np.array([[0.6], [0.7], [0.8], [0.85]])
    random = np.array([[0.5], [0.6], [0.7], [0.75]])
    # .75 lies half-way between 10 and 20 labels on a logarithmic axis.
    expected = 40 - np.sqrt(10 * 20)
    assert find_labels_saved(budgets, trained, random) == pytest.approx([expected])


def test_nothing_is_saved_where_the_other_curve_is_never_reached():
    budgets = np.array([5.0, 10.0])
    worse = np.array([[0.5, 0.5], [0.55, 0.9]])
    random = np.array([[0.5, 0.5], [0.7, 0.7]])
    saved = find_labels_saved(budgets, worse, random)
    assert saved[0] == 0
    assert 0 < saved[1] < 5


def test_no_more_is_saved_than_the_curve_spans():
    budgets = np.array([5.0, 10.0])
    found = find_labels_saved(
        budgets, np.array([[0.9], [0.9]]), np.array([[0.5], [0.6]])
    )
    assert found.tolist() == [5.0]
