"""Evaluated tasks whose predictions are given by hand."""

import numpy as np
import pandas as pd
import pytest

from neurograft.config.tasks import View
from neurograft.evaluation.evaluated_task import EvaluatedTask
from neurograft.evaluation.method_result import MethodResult
from neurograft.statistics.metrics.predictions import Predictions
from neurograft.tasks.design_audit import Factor
from neurograft.tasks.task import Task

CLASSES = {"classification": ("control", "case"), "regression": ()}


@pytest.fixture(scope="session")
def evaluate_by_hand():
    """An evaluated task: every method predicts the scores that are given."""

    def make(kind, labels, scores, *, factors=None, **columns) -> EvaluatedTask:
        labels = np.asarray(labels, dtype=float)
        n = len(labels)
        people = pd.DataFrame(
            {
                "cohort": "clinic",
                "participant_id": [f"p{row:03d}" for row in range(n)],
                "view": 0,
                "label": labels,
                "group": labels.astype(str),
                "age": np.nan,
                "sex": None,
                "site": None,
                "cluster": [f"p{row:03d}" for row in range(n)],
                "is_reference": True,
            }
        ).assign(**columns)
        task = Task("hand", kind, CLASSES[kind], (View("clinic"),), people, {})
        judged = people["is_reference"].to_numpy(dtype=bool)
        full, folds = {}, np.empty(0)
        for name, given in scores.items():
            given = np.atleast_2d(np.asarray(given, dtype=float))
            folds = np.tile(np.arange(n) // 2 % 4, (len(given), 1))
            folds = np.where(np.isnan(given), -1, folds)
            decided = (given > 0.5).astype(float) if CLASSES[kind] else given
            predicted = Predictions(
                labels,
                given,
                np.where(folds < 0, np.nan, decided),
                np.where(judged, folds, -1),
            )
            full[name] = MethodResult(kind, predicted, np.empty(0), 1 / 3)
        sizes = pd.DataFrame(
            {"repeat": 0, "split": range(4), "n_learned": 30, "n_tested": 10}
        )
        known = {
            name: Factor(pd.Series(values), False)
            for name, values in (factors or {}).items()
        }
        return EvaluatedTask(
            task=task,
            full=full,
            few={},
            folds=folds,
            sizes=sizes,
            factors=known,
            facts={"adapts_to_tested": False, "transductive": False},
        )

    return make
