"""What is said of a person is the mean of what the repeats said."""

import numpy as np
import pandas as pd
import pytest

from neurograft.evaluation.details.answers import list_answers
from neurograft.evaluation.prediction_tables import tabulate_evaluated

COLUMNS = ["task", "method", "cohort", "participant_id", "view", "group", "label",
           "answer", "spread", "decision", "is_reference"]  # fmt: skip
PERSON = ["method", "cohort", "participant_id", "view"]


def test_answers_are_means_of_the_predictions(make_groups):
    one = make_groups()
    answers = list_answers(one)
    assert list(answers) == COLUMNS
    predictions = pd.concat(tabulate_evaluated([one])["predictions"])
    expected = predictions.groupby(PERSON)["score"].agg(["mean", "std"])
    found = answers.set_index(PERSON).loc[expected.index]
    np.testing.assert_allclose(found["answer"], expected["mean"])
    np.testing.assert_allclose(found["spread"], expected["std"], atol=1e-12)
    assert (answers.loc[answers["label"] == 1, "group"] == "case").all()
    called = answers["answer"] >= 0.5
    assert (answers["decision"] == np.where(called, "case", "control")).all()


def test_people_without_a_prediction_have_no_row(evaluate_by_hand):
    scores = np.array([[0.1, 0.2, np.nan, np.nan], [0.3, np.nan, np.nan, 0.4]])
    one = evaluate_by_hand("classification", [0, 1, 0, 1], {"a": scores})
    table = list_answers(one)
    assert table["participant_id"].tolist() == ["p000", "p001", "p003"]
    assert table["answer"].tolist() == pytest.approx([0.2, 0.2, 0.4])
    assert table["spread"].isna().tolist() == [False, True, True]


def test_patients_of_a_brain_age_task_have_an_answer_and_a_mark(evaluate_by_hand):
    age = np.linspace(20, 60, 8)
    is_reference = np.arange(8) % 2 == 0
    one = evaluate_by_hand("regression", age, {"a": age + 3}, is_reference=is_reference)
    table = list_answers(one)
    np.testing.assert_allclose(table["answer"], age + 3)
    assert table["is_reference"].tolist() == is_reference.tolist()
    assert table["decision"].isna().all()


def test_of_more_groups_the_answer_is_that_of_the_decision(evaluate_by_hand):
    said = np.array(
        [[[0.2, 0.5, 0.3], [0.8, 0.1, 0.1]], [[0.0, 0.7, 0.3], [0.6, 0.4, 0]]]
    )
    one = evaluate_by_hand("multiclass", [1, 2], {"m": said})
    table = list_answers(one)
    assert table["decision"].tolist() == ["b", "a"]
    assert table["group"].tolist() == ["b", "c"]
    np.testing.assert_allclose(table["answer"], [0.6, 0.7])
