"""Groups of a contrast are called by their condition, and others as they are."""

import pandas as pd
import pytest

from neurograft.report.documents.conditions import (
    find_conditions,
    name_condition,
    name_groups,
)


@pytest.mark.parametrize(
    ("view", "english", "german"),
    [
        ("clinic_task-eyesopen", "eyes open", "Augen offen"),
        ("a_b_task-EC", "eyes closed", "Augen geschlossen"),
        ("clinic_task-count", "recordings of task count",
         "Aufzeichnungen der Aufgabe count"),
        ("c_task-eyesopen+count", "recordings of task eyesopen + count",
         "Aufzeichnungen der Aufgabe eyesopen + count"),
        ("clinic", "clinic", "clinic"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_words(view, english, german):
    assert name_condition(view, "en") == english
    assert name_condition(view, "de") == german


def test_conditions_that_would_be_called_alike_keep_their_names():
    assert find_conditions(["c_task-eo, c_task-eyesopen"], "en") == {}


def test_only_names_of_groups_are_replaced():
    named = find_conditions(["c_task-eyesopen, c_task-eyesclosed"], "en")
    table = pd.DataFrame(
        {
            "group": ["c_task-eyesopen", "patient", None],
            "classes": ["c_task-eyesopen, c_task-eyesclosed", "a, b", None],
            "label": [0.0, 1.0, 0.0],
            "path": ["c_task-eyesopen", "c_task-eyesopen", ""],
        }
    )
    told = name_groups(table, named)
    assert told["group"].tolist()[:2] == ["eyes open", "patient"]
    assert told["classes"].tolist()[:2] == ["eyes open, eyes closed", "a, b"]
    assert told["path"].tolist() == table["path"].tolist()
    assert told["label"].tolist() == [0.0, 1.0, 0.0]


def test_every_table_of_a_study_calls_them_so(stored, change):
    views = ["clinic_task-eyesopen", "clinic_task-eyesclosed"]
    tasks = stored.tasks.assign(kind="contrast", classes=", ".join(views))
    change("evaluation", "tasks", tasks)
    confusion = pd.DataFrame({"task": "disease", "true_group": views, "n": 4})
    study = change("summary", "confusion", confusion)
    read = study.read(study.summary, "confusion")
    assert read["true_group"].tolist() == ["eyes open", "eyes closed"]
    assert study.tasks["classes"].iloc[0] == "eyes open, eyes closed"
