import numpy as np
import pytest

from neurograft.evaluation.results.label_curves import find_labels_saved


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
